"""The cost model: the batch kernel, a slow interpreter as a reference, and records."""

from codesign.cost.evaluate import REASONS, Costs, Evaluator, evaluate
from codesign.cost.kernel import CostDetail

__all__ = ["REASONS", "CostDetail", "Costs", "Evaluator", "evaluate"]
