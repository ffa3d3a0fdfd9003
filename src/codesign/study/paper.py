"""The numbers that the paper claims, each with its source (`docs/paper.md`).

The paper is Shi et al., arXiv 2010.02075. Sources are [abs], its abstract, and [rec], recollection
of its text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ABSTRACT, RECOLLECTION = "[abs]", "[rec]"

HARDWARE_TRIALS, MAPPING_TRIALS, SEEDS = 50, 250, 10
"""The paper's budgets [rec]."""

READINGS = {"product": "(Σ energy) × (Σ delay)", "layers": "Σ energy × delay"}
"""The two definitions of a model's EDP. Searches minimise the first."""

REFERENCE = "bo"
"""The paper's method, which others are compared with."""

LCB_WEIGHT = 1.0
"""R5: λ, the weight of the deviation in the paper's lower confidence bound [rec]."""

IMPROVEMENT_PERCENT = {"ResNet": 18.3, "DQN": 40.2, "MLP": 21.8, "Transformer": 16.0}
"""R1: how much less EDP than Eyeriss the paper's accelerators have, in %."""

IMPROVEMENT_SOURCE = {
    "ResNet": ABSTRACT,
    "DQN": ABSTRACT,
    "MLP": RECOLLECTION,
    "Transformer": RECOLLECTION,
}


def is_reproduction(models: Iterable[str]) -> bool:
    """Whether a study with these networks reproduces the paper: it has at least one of them."""
    return any(model in IMPROVEMENT_PERCENT for model in models)


VALID_HARDWARE_SHARE = 0.10
"""R7: the approximate share of random hardware points that are valid."""

VALID_MAPPING_SHARE_MOST = 0.01
"""R7: an upper bound on the share of random mappings that are valid."""

RAW_DRAWS, FEASIBLE_DRAWS = 22_000, 150
"""R7: approximate numbers of raw draws, and of feasible mappings among them."""


@dataclass(frozen=True)
class Spent:
    """The budget of a run, for comparison with the paper's."""

    hardware_trials: int
    mapping_trials: int
    seeds: int

    @property
    def shortfall(self) -> str:
        """How the budget is less than the paper's, as a text; empty if it is not."""
        is_enough = (
            self.hardware_trials >= HARDWARE_TRIALS
            and self.mapping_trials >= MAPPING_TRIALS
            and self.seeds >= SEEDS
        )
        if is_enough:
            return ""
        return (
            f"budget is {self.hardware_trials} × {self.mapping_trials} trials and "
            f"{self.seeds} seeds, the paper's {HARDWARE_TRIALS} × {MAPPING_TRIALS} and {SEEDS}"
        )
