"""R2: Mapping search on the baseline accelerator, method against method."""

from codesign.study.result import Result

RESULT = Result(
    title="Mapping search",
    question="Which method maps layers best, and how near to the proven optimum?",
    drawn="curves",
    others=("curves",),
    mapping="R2",
)
