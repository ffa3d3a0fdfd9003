"""B1: TPE with constraints beside plain Hyperopt, on both searches."""

from codesign.study.result import Arms, Result

RESULT = Result(
    title="Comparison with Hyperopt",
    question="Is the form of TPE in this study better than Hyperopt itself?",
    drawn="curves",
    others=("curves",),
    mapping="B1",
    hardware="B1",
    in_spaces=True,
    arms=Arms("space", ("excess", "failed")),
)
