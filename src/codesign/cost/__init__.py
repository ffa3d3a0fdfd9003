"""What a mapping costs: the batch kernel, the slow interpreter it is held against, and records."""

from codesign.cost.evaluate import (
    REASONS,
    CostDetail,
    Costs,
    Evaluator,
    evaluate,
)

__all__ = ["REASONS", "CostDetail", "Costs", "Evaluator", "evaluate"]
