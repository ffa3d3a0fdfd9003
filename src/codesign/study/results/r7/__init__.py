"""R7: How much of the spaces is valid."""

from codesign.study.result import Result

RESULT = Result(
    title="How much of the spaces is valid",
)
