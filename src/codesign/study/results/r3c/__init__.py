"""R3c: Hardware search with unknown constraints, and ways to handle them."""

from codesign.study.result import Arms, Result

RESULT = Result(
    title="Unknown constraints",
    drawn="curves",
    others=("curves",),
    hardware="R3c",
    arms=Arms("model", ("excess", "failed")),
)
