"""R3c: Hardware search with unknown constraints, one way of handling them against another."""

from codesign.study.result import Arms, Result

RESULT = Result(
    title="Unknown constraints",
    drawn="curves",
    others=("curves",),
    hardware="R3c",
    arms=Arms("model", ("excess", "failed")),
)
