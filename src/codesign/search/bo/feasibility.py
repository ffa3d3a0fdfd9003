"""Unknown constraints: what a classifier of feasible points is, and the paper's.

That is a Gaussian process with a linear kernel on the features, or Bayesian logistic regression:
P(feasible | x) = σ(wᵀx) with w ~ N(0, I / α), by Laplace's approximation (Rasmussen and Williams
2006, section 3.4): a Gaussian about the most probable w.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled
from codesign.search.bo.algebra import add_gram, factorise, invert, project, solve
from codesign.search.history import Floats

Flags = NDArray[np.bool_]

PRECISIONS = 10.0 ** np.arange(0.0, -3.1, -1.0)
"""α is the first of these that the next one does not better."""

MOST_STEPS = 50
TOLERANCE = 1e-3
"""Newton's method ends with a step that adds less than so much to the log posterior.

Steps converge quadratically: the next would add about the square of it.
"""


class Classifier(Protocol):
    """Probability that a point is feasible; features are those of `scaling.Scaler`."""

    def fit(self, features: Floats, is_feasible: Flags) -> None:
        """Starts anew from trials: [T, F], [T]."""

    def refit(self, features: Floats, is_feasible: Flags) -> None:
        """Takes in more trials of the same features, all of them given again."""

    def predict(self, features: Floats) -> Floats:
        """[B], the probabilities at [B, F]."""


class GaussianClassifier:
    """The paper's classifier (a `Classifier`)."""

    def __init__(self) -> None:
        self.precision = 1.0
        self._weights = np.empty(0)

    def fit(self, features: Floats, is_feasible: Flags) -> None:
        """As `Classifier` says; α maximises the marginal likelihood."""
        size = features.shape[1]
        self._weights, self._covariance = np.zeros(size), np.empty((size, size))
        self._factor, self._scratch = np.empty((size, size)), np.empty((2, size))
        rows = np.ascontiguousarray(features)
        highest, best = -math.inf, self._weights
        for precision in PRECISIONS:
            # Stiff priors come first: each solution is a good start for the next climb.
            score = self._climb(rows, is_feasible, float(precision))
            if score <= highest:
                break
            highest, best, self.precision = score, self._weights.copy(), float(precision)
        self._weights = best
        self.refit(rows, is_feasible)

    def refit(self, features: Floats, is_feasible: Flags) -> None:
        """As `Classifier` says, from where it stands and with the same α."""
        self._climb(np.ascontiguousarray(features), is_feasible, self.precision)
        invert(self._factor, self._covariance)

    def predict(self, features: Floats) -> Floats:
        """As `Classifier` says, averaged over the uncertainty of w."""
        count = len(features)
        chances, variances, scratch = np.empty(count), np.empty(count), np.empty(count)
        points = np.asfortranarray(features)
        project(points, self._weights, self._covariance, chances, variances, scratch)
        moderate(chances, variances)
        return chances

    def _climb(self, rows: Floats, is_feasible: Flags, precision: float) -> float:
        """Moves w to its most probable value; the log marginal likelihood there."""
        step, trial = self._scratch
        curvature = np.empty(len(rows))
        score = climb(
            rows, is_feasible, precision, self._weights, self._factor, step, trial, curvature
        )
        return float(score)


@compiled
def climb(  # type: ignore[no-untyped-def]
    rows, is_feasible, precision, weights, factor, step, trial, curvature
) -> float:
    """Newton's method, halving steps that lead down; leaves the Hessian's factor behind."""
    size = len(weights)
    height = log_posterior(rows, is_feasible, precision, weights)
    log_determinant = 0.0
    for _ in range(MOST_STEPS):
        for i in range(size):
            step[i] = -precision * weights[i]
            for j in range(i, size):
                factor[i, j] = 0.0
            factor[i, i] = precision
        for t in range(len(rows)):
            chance = 1.0 / (1.0 + math.exp(-logit_of(rows, t, weights)))
            curvature[t] = chance * (1.0 - chance)
            for i in range(size):
                step[i] += (is_feasible[t] - chance) * rows[t, i]
        add_gram(rows, curvature, factor)
        log_determinant = factorise(factor)
        solve(factor, step)
        length = 1.0
        is_up = False
        while not is_up and length > 1e-6:
            for i in range(size):
                trial[i] = weights[i] + length * step[i]
            higher = log_posterior(rows, is_feasible, precision, trial)
            is_up = higher > height
            length *= 0.5
        if not is_up:
            break
        gain = higher - height
        height = higher
        for i in range(size):
            weights[i] = trial[i]
        if gain < TOLERANCE:
            break
    return height + 0.5 * (size * math.log(precision) - log_determinant)


@compiled
def logit_of(rows, t, weights) -> float:  # type: ignore[no-untyped-def]
    """wᵀx of one trial, kept where `exp` does not overflow."""
    logit = 0.0
    for i in range(len(weights)):
        logit += rows[t, i] * weights[i]
    return min(max(logit, -500.0), 500.0)


@compiled
def log_posterior(rows, is_feasible, precision, weights) -> float:  # type: ignore[no-untyped-def]
    """Log likelihood of w plus its log prior, less the prior's constant."""
    total = 0.0
    for i in range(len(weights)):
        total -= 0.5 * precision * weights[i] * weights[i]
    for t in range(len(rows)):
        logit = logit_of(rows, t, weights)
        margin = logit if is_feasible[t] else -logit
        total += min(margin, 0.0) - math.log1p(math.exp(-abs(margin)))
    return total


@compiled
def moderate(chances, variances) -> None:  # type: ignore[no-untyped-def]
    """Replaces mean logits by mean probabilities (MacKay 1992, equation 10)."""
    for b in range(len(chances)):
        logit = chances[b] / math.sqrt(1.0 + math.pi * variances[b] / 8.0)
        chances[b] = 1.0 / (1.0 + math.exp(min(-logit, 500.0)))
