"""Random forests as a surrogate, and as a classifier for unknown constraints."""

from __future__ import annotations

import math

import numpy as np

from codesign.search.bo.feasibility import Flags
from codesign.search.bo.trees import (
    Forest,
    add_to_leaves,
    average,
    empty_forest,
    grow,
    make_workspace,
    share,
)
from codesign.search.history import Floats

TREES = 30
LEAST_LEAF = 3.0
"""The least number of trials in a leaf. A trial counts as often as it is in the sample."""

TRIED_SHARE = 0.5
"""Share of the features that are tried for the split of a node (Hutter et al. 2014)."""

LEAST_VARIANCE = 0.01
"""Least variance of a leaf, in units of the variance of the losses (ibid.). A few equal losses do
not show that the variance is zero."""


def grow_forest(rng: np.random.Generator, rows: Floats, targets: Floats) -> Forest:
    """A forest fitted to trials [T, F] and their targets [T]."""
    rows = np.ascontiguousarray(rows)
    forest = empty_forest(TREES, len(rows))
    tries = max(1, math.ceil(TRIED_SHARE * rows.shape[1]))
    seeds = rng.integers(0, 2**63, 1, np.uint64)
    grow(forest, make_workspace(rows), rows, targets, tries, LEAST_LEAF, seeds)
    return forest


class ForestSurrogate:
    """Mean and deviation from a random forest, as in SMAC (a `surrogate.Surrogate`).

    Between two fits, new trials are added to their leaves.

    Args:
        rng: the only source of randomness.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._noise = 0.0

    @property
    def noise(self) -> float:
        """As in `Surrogate`: the least standard deviation of a leaf."""
        return math.sqrt(LEAST_VARIANCE) * self._spread

    def fit(self, features: Floats, losses: Floats) -> None:
        """As in `Surrogate`."""
        self._offset = float(losses.mean())
        self._spread = float(losses.std()) or 1.0
        self._forest = grow_forest(self.rng, features, (losses - self._offset) / self._spread)

    def update(self, features: Floats, loss: float) -> None:
        """As in `Surrogate`."""
        row = np.ascontiguousarray(features).reshape(1, -1)
        add_to_leaves(self._forest, row, (loss - self._offset) / self._spread)

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """As in `Surrogate`, but the deviation includes the deviation within leaves."""
        means, variances = np.empty(len(features)), np.empty(len(features))
        rows = np.ascontiguousarray(features)
        average(self._forest, rows, LEAST_VARIANCE, means, variances)
        return self._offset + self._spread * means, self._spread * np.sqrt(variances)


class ForestClassifier:
    """The share of feasible trials in the leaves of a random forest (a `feasibility.Classifier`).

    Every leaf counts as if it had one more trial, with the overall share of feasible trials. So a
    few failures do not make a region impossible.

    Args:
        rng: the only source of randomness.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def fit(self, features: Floats, is_feasible: Flags) -> None:
        """As in `Classifier`."""
        targets = is_feasible.astype(np.float64)
        # Laplace's rule of succession, so that the share is never zero.
        self._prior = (targets.sum() + 1.0) / (len(targets) + 2.0)
        self._forest = grow_forest(self.rng, features, targets)

    def refit(self, features: Floats, is_feasible: Flags) -> None:
        """As in `Classifier`, but it fits from scratch."""
        self.fit(features, is_feasible)

    def predict(self, features: Floats) -> Floats:
        """As in `Classifier`."""
        chances = np.empty(len(features))
        share(self._forest, np.ascontiguousarray(features), self._prior, chances)
        return chances
