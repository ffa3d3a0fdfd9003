"""R3c: Hardware search with unknown constraints, and ways to handle them."""

from codesign.study.result import Arms, Result

RESULT = Result(
    title="Unknown constraints",
    question="How should a search treat accelerators that turn out not to run a layer?",
    drawn="curves",
    others=("curves",),
    hardware="R3c",
    in_spaces=True,
    arms=Arms("model", ("excess", "failed")),
)
