"""R2: Mapping search, method against method."""

from codesign.study.result import Arms, Result

RESULT = Result(
    title="Mapping search",
    question="Which method maps layers best, and how near to the proven optimum?",
    drawn="curves",
    others=("curves",),
    mapping="R2",
    arms=Arms(
        claimed="better on nearly all layers",
        rivals=("random", "relax-round", "tvm-xgboost", "tvm-treegru"),
    ),
)
