"""R7: the valid shares of the spaces."""

from codesign.study.result import Result

RESULT = Result(
    title="Valid shares of the spaces",
    question="Which share of random accelerators and mappings is valid?",
)
