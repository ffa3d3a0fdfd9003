"""R6: Mapping search against Timeloop's mapper with many times the evaluations."""

from codesign.study.result import Result

RESULT = Result(
    title="Comparison with Timeloop's mapper",
    mapping="R6",
)
