"""What the paper claims, as numbers, each marked with where we have it from (`docs/paper.md`).

Shi et al., arXiv 2010.02075: [abs] its abstract, [rec] recollection of its text.
"""

from __future__ import annotations

from dataclasses import dataclass

ABSTRACT, RECOLLECTION = "[abs]", "[rec]"

HARDWARE_TRIALS, MAPPING_TRIALS, SEEDS = 50, 250, 10
"""Its budgets [rec]."""

READINGS = {"product": "(Σ energy) × (Σ delay)", "layers": "Σ energy × delay"}
"""The two readings of a model's EDP; searches minimise the first."""

REFERENCE = "bo"
"""Its own method, which others are told relative to."""

LCB_WEIGHT = 1.0
"""R5: λ, the weight of the deviation in its lower confidence bound [rec]."""

IMPROVEMENT_PERCENT = {"ResNet": 18.3, "DQN": 40.2, "MLP": 21.8, "Transformer": 16.0}
"""R1: Eyeriss's EDP that co-design saves, %."""

IMPROVEMENT_SOURCE = {
    "ResNet": ABSTRACT,
    "DQN": ABSTRACT,
    "MLP": RECOLLECTION,
    "Transformer": RECOLLECTION,
}

VALID_HARDWARE_SHARE = 0.10
"""R7: share of hardware points drawn at random that are valid, about."""

VALID_MAPPING_SHARE_MOST = 0.01
"""R7: share of mapping points drawn at random that are valid, less than."""

RAW_DRAWS, FEASIBLE_DRAWS = 22_000, 150
"""R7: about so many raw mapping draws give so many feasible ones."""


@dataclass(frozen=True)
class Spent:
    """What a run spent, to be held against the paper's."""

    hardware_trials: int
    mapping_trials: int
    seeds: int

    @property
    def shortfall(self) -> str:
        """How it falls short of the paper's budget, in words; empty if it does not."""
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
