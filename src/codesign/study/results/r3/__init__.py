"""R3: Hardware search, method against method."""

from codesign.study.result import Result

RESULT = Result(
    title="Hardware search",
    drawn="curves",
    others=("curves",),
    hardware="R3",
)
