"""R6: Mapping search compared with Timeloop's mapper, which has many times the evaluations."""

from codesign.study.result import Result

RESULT = Result(
    title="Comparison with Timeloop's mapper",
    mapping="R6",
)
