"""Unknown constraints: the interface of classifiers of feasible points, and the paper's classifier.

The paper's is a Gaussian process with a linear kernel on the features, which is Bayesian logistic
regression: P(feasible | x) = σ(wᵀx) with w ~ N(0, I / α). It uses Laplace's approximation, a
Gaussian at the most probable w (Rasmussen and Williams 2006, section 3.4).
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
"""Values for α, in order. The first is used that has a higher likelihood than the next."""

MOST_STEPS = 50
TOLERANCE = 1e-3
"""Newton's method ends after a step that adds less than this to the log posterior.

Steps converge quadratically, so the next step would add about the square of it.
"""


class Classifier(Protocol):
    """A model of the probability that a point is feasible, on features from `scaling.Scaler`."""

    def fit(self, features: Floats, is_feasible: Flags) -> None:
        """Fits the model from scratch to trials [T, F] and their feasibility [T]."""

    def refit(self, features: Floats, is_feasible: Flags) -> None:
        """Updates the model to more trials: all of them, [T, F] and [T], with the same features."""

    def predict(self, features: Floats) -> Floats:
        """[B], the probabilities for features [B, F]."""


class GaussianClassifier:
    """The paper's classifier: Bayesian logistic regression (a `Classifier`)."""

    def __init__(self) -> None:
        self.precision = 1.0
        self._weights = np.empty(0)

    def fit(self, features: Floats, is_feasible: Flags) -> None:
        """As in `Classifier`. It chooses α by the marginal likelihood."""
        size = features.shape[1]
        self._weights, self._covariance = np.zeros(size), np.empty((size, size))
        self._factor, self._scratch = np.empty((size, size)), np.empty((2, size))
        rows = np.ascontiguousarray(features)
        highest, best = -math.inf, self._weights
        for precision in PRECISIONS:
            # Strong priors come first: each solution is a good start for the next.
            score = self._climb(rows, is_feasible, float(precision))
            if score <= highest:
                break
            highest, best, self.precision = score, self._weights.copy(), float(precision)
        self._weights = best
        self.refit(rows, is_feasible)

    def refit(self, features: Floats, is_feasible: Flags) -> None:
        """As in `Classifier`, starting from the current w and with the same α."""
        self._climb(np.ascontiguousarray(features), is_feasible, self.precision)
        invert(self._factor, self._covariance)

    def predict(self, features: Floats) -> Floats:
        """As in `Classifier`, averaged over the uncertainty of w."""
        count = len(features)
        chances, variances, scratch = np.empty(count), np.empty(count), np.empty(count)
        points = np.asfortranarray(features)
        project(points, self._weights, self._covariance, chances, variances, scratch)
        moderate(chances, variances)
        return chances

    def _climb(self, rows: Floats, is_feasible: Flags, precision: float) -> float:
        """Moves w to its most probable value, and returns the log marginal likelihood there."""
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
    """Newton's method, which halves steps that do not improve w.

    Changes `weights`, leaves the factor of the Hessian in `factor`, and returns the log marginal
    likelihood.
    """
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
    """wᵀx of one trial, limited so that `exp` does not overflow."""
    logit = 0.0
    for i in range(len(weights)):
        logit += rows[t, i] * weights[i]
    return min(max(logit, -500.0), 500.0)


@compiled
def log_posterior(rows, is_feasible, precision, weights) -> float:  # type: ignore[no-untyped-def]
    """Log likelihood of w plus its log prior, without the prior's constant."""
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
