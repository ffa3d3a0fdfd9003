"""What a mapping costs: the batch kernel, the slow interpreter it is held against, and records."""

from codesign.cost.evaluate import REASONS, Costs, Evaluator, evaluate
from codesign.cost.kernel import CostDetail

__all__ = ["REASONS", "CostDetail", "Costs", "Evaluator", "evaluate"]
