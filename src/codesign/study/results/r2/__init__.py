"""R2: Mapping search on the baseline accelerator, method against method."""

from codesign.study.result import Result

RESULT = Result(
    title="Mapping search",
    drawn="curves",
    others=("curves",),
    mapping="R2",
)
