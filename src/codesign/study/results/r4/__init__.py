"""R4: Surrogate and acquisition, on mapping and on hardware search."""

from codesign.study.result import Arms, Result

RESULT = Result(
    title="Surrogate and acquisition",
    question="Which surrogate and which acquisition suit Bayesian optimization best?",
    drawn="curves",
    others=("curves",),
    mapping="R4",
    hardware="R4",
    in_spaces=True,
    arms=Arms(
        claimed="GP with LCB is best",
        rivals=("bo-ei", "bo-rf", "bo-rf-ei"),
    ),
)
