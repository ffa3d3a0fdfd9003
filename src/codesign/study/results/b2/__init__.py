"""B2: The proven best accelerator, and how far from it searches end."""

from codesign.study.result import Result

RESULT = Result(
    title="The best accelerator of the budget",
    question="How far do searches end from the best accelerator there is?",
    hardware="R3",
    is_default=False,
)
