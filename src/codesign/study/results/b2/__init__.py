"""B2: The best accelerator there is, proven, and how far searches end from it."""

from codesign.study.result import Result

RESULT = Result(
    title="The best accelerator of the budget",
    hardware="R3",
    is_default=False,
)
