"""B1: TPE with constraints beside plain Hyperopt, on both searches."""

from codesign.study.result import Arms, Result

RESULT = Result(
    title="Comparison with Hyperopt",
    drawn="curves",
    others=("curves",),
    mapping="B1",
    hardware="B1",
    arms=Arms("search", ("excess", "failed")),
)
