"""What a mapping costs: the batch kernel, the slow interpreter it is held against, and records."""

from codesign.cost.evaluate import (
    ACCOUNTINGS,
    REASONS,
    CostDetail,
    Costs,
    Evaluator,
    evaluate,
)

__all__ = ["ACCOUNTINGS", "REASONS", "CostDetail", "Costs", "Evaluator", "evaluate"]
