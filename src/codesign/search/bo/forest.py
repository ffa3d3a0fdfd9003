"""Random forests: another surrogate, and another classifier for unknown constraints."""

from __future__ import annotations

import math

import numpy as np

from codesign.search.bo.feasibility import Flags
from codesign.search.bo.trees import Forest, add_to_leaves, average, grow, plant, prepare, share
from codesign.search.history import Floats

TREES = 30
LEAST_LEAF = 3.0
"""No leaf has fewer trials, counted as often as they are in the bag."""

TRIED_SHARE = 0.5
"""Share of the features that a node looks at (Hutter et al. 2014)."""

LEAST_VARIANCE = 0.01
"""Of a leaf, in units of the losses' variance (ibid.): a few equal losses prove nothing."""


def grow_forest(rng: np.random.Generator, rows: Floats, targets: Floats) -> Forest:
    """A forest of trials [T, F] and their targets [T]."""
    rows = np.ascontiguousarray(rows)
    forest = plant(TREES, len(rows))
    tries = max(1, math.ceil(TRIED_SHARE * rows.shape[1]))
    seeds = rng.integers(0, 2**63, 1, np.uint64)
    grow(forest, prepare(rows), rows, targets, tries, LEAST_LEAF, seeds)
    return forest


class ForestSurrogate:
    """Mean and spread of a random forest, as in SMAC (a `surrogate.Surrogate`).

    Between two fits, trials are added to the leaves that they fall into.

    Args:
        rng: the only source of randomness.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._noise = 0.0

    @property
    def noise(self) -> float:
        """As `Surrogate` says: the least of what a leaf admits to."""
        return math.sqrt(LEAST_VARIANCE) * self._spread

    def fit(self, features: Floats, losses: Floats) -> None:
        """As `Surrogate` says."""
        self._offset = float(losses.mean())
        self._spread = float(losses.std()) or 1.0
        self._forest = grow_forest(self.rng, features, (losses - self._offset) / self._spread)

    def update(self, features: Floats, loss: float) -> None:
        """As `Surrogate` says."""
        row = np.ascontiguousarray(features).reshape(1, -1)
        add_to_leaves(self._forest, row, (loss - self._offset) / self._spread)

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """As `Surrogate` says, but that the deviation includes that within leaves."""
        means, variances = np.empty(len(features)), np.empty(len(features))
        rows = np.ascontiguousarray(features)
        average(self._forest, rows, LEAST_VARIANCE, means, variances)
        return self._offset + self._spread * means, self._spread * np.sqrt(variances)


class ForestClassifier:
    """Share of feasible trials in the leaves of a random forest (a `feasibility.Classifier`).

    Every leaf counts one more trial than it has, of the share of feasible trials overall: a few
    failures do not make a region impossible.

    Args:
        rng: the only source of randomness.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def fit(self, features: Floats, is_feasible: Flags) -> None:
        """As `Classifier` says."""
        targets = is_feasible.astype(np.float64)
        # Laplace's rule of succession, lest a share of nothing rules everything out.
        self._prior = (targets.sum() + 1.0) / (len(targets) + 2.0)
        self._forest = grow_forest(self.rng, features, targets)

    def refit(self, features: Floats, is_feasible: Flags) -> None:
        """As `Classifier` says: anew."""
        self.fit(features, is_feasible)

    def predict(self, features: Floats) -> Floats:
        """As `Classifier` says."""
        chances = np.empty(len(features))
        share(self._forest, np.ascontiguousarray(features), self._prior, chances)
        return chances
