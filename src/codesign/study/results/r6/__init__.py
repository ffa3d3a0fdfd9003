"""R6: Mapping search compared with Timeloop's mapper, which has many times the evaluations."""

from codesign.study.result import Result

RESULT = Result(
    title="Comparison with Timeloop's mapper",
    question="Does Bayesian optimization map better than Timeloop's own mapper?",
    mapping="R6",
)
