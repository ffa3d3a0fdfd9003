"""R7: The share of the spaces that is valid."""

from codesign.study.result import Result

RESULT = Result(
    title="How much of the spaces is valid",
)
