"""R3: Hardware search, method against method."""

from codesign.study.result import Arms, Result

RESULT = Result(
    title="Hardware search",
    question="Which method finds the best accelerator?",
    drawn="curves",
    others=("curves",),
    hardware="R3",
    in_spaces=True,
    arms=Arms("model", claimed="better on every model", rivals=("random",)),
)
