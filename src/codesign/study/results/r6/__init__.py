"""R6: Mapping search against Timeloop's mapper with many times the evaluations."""

from codesign.study.result import Result

RESULT = Result(
    title="Against Timeloop's mapper",
    mapping="R6",
)
