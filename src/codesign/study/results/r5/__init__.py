"""R5: The weight of the deviation in the lower confidence bound, on both searches."""

from codesign.study.result import Arms, Result

RESULT = Result(
    title="Weight of the deviation",
    question="Does the weight of the deviation in the acquisition matter?",
    mapping="R5",
    hardware="R5",
    in_spaces=True,
    arms=Arms(),
)
