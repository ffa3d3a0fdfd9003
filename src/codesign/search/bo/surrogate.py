"""The paper's surrogate: a Gaussian process with a linear kernel on features.

Such a process is Bayesian linear regression: y = wᵀx + ε, w ~ N(0, (s² / ρ) I), ε ~ N(0, s²).
Its posterior is a vector and an F × F matrix. One more trial changes the matrix by rank one.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from codesign.compiled import compiled
from codesign.search.bo.algebra import add_gram, factorise, invert, project, solve
from codesign.search.history import Floats

RATIOS = 10.0 ** np.arange(-4.0, 2.01, 0.5)
"""Values for ρ, the variance of the noise divided by that of the weights; the best is used."""


class Surrogate(Protocol):
    """A model of the losses of feasible points, on features from `scaling.Scaler`."""

    @property
    def noise(self) -> float:
        """The standard deviation of losses around the model."""

    def fit(self, features: Floats, losses: Floats) -> None:
        """Fits the model from scratch to one or more trials [T, F] and their losses [T]."""

    def update(self, features: Floats, loss: float) -> None:
        """Updates the model to one more trial [F] and its loss."""

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """[B], [B], mean and standard deviation (without noise) of losses for features [B, F]."""


class LinearSurrogate:
    """Bayesian linear regression. Every `fit` chooses ρ and s² by the marginal likelihood.

    Args:
        noise: the least standard deviation of the noise, as a share of the losses' deviation.
    """

    def __init__(self, noise: float = 1e-3) -> None:
        self.least_noise = noise
        self.ratio = 1.0
        self.variance = 1.0

    @property
    def noise(self) -> float:
        """As in `Surrogate`."""
        return math.sqrt(self.variance) * self._spread

    def fit(self, features: Floats, losses: Floats) -> None:
        """As in `Surrogate`."""
        size = features.shape[1]
        self._offset = float(losses.mean())
        self._spread = float(losses.std()) or 1.0
        self._weights = np.empty(size)
        self._covariance = np.empty((size, size))
        self._column = np.empty(size)
        gram, factor = np.zeros((size, size)), np.empty((size, size))
        rows = np.ascontiguousarray(features)
        targets = (losses - self._offset) / self._spread
        add_gram(rows, np.ones(len(rows)), gram)
        moment = np.zeros(size)
        add_moment(rows, targets, moment)
        scores, variances = np.empty(len(RATIOS)), np.empty(len(RATIOS))
        weigh_ratios(
            gram, moment, targets, RATIOS, self.least_noise, factor, self._column,
            scores, variances,
        )  # fmt: skip
        best = int(scores.argmax())
        self.ratio, self.variance = float(RATIOS[best]), float(variances[best])
        condition(gram, moment, self.ratio, factor, self._weights, self._covariance)

    def update(self, features: Floats, loss: float) -> None:
        """As in `Surrogate`."""
        target = (loss - self._offset) / self._spread
        add_trial(features, target, self._column, self._weights, self._covariance)

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """As in `Surrogate`."""
        count = len(features)
        means, deviations, scratch = np.empty(count), np.empty(count), np.empty(count)
        points = np.asfortranarray(features)
        project(points, self._weights, self._covariance, means, deviations, scratch)
        scale_back(self._offset, self._spread, self.noise, means, deviations)
        return means, deviations


@compiled
def add_moment(rows, targets, moment) -> None:  # type: ignore[no-untyped-def]
    """Adds Xᵀy to `moment`."""
    for t in range(len(rows)):
        for i in range(len(moment)):
            moment[i] += targets[t] * rows[t, i]


@compiled
def weigh_ratios(  # type: ignore[no-untyped-def]
    gram, moment, targets, ratios, least_noise, factor, column, scores, variances
) -> None:
    """Fills, for every ρ, the best s² and the log marginal likelihood without a constant.

    For a given ρ, y ~ N(0, s² (I + XXᵀ / ρ)). The best s² is yᵀ(I + XXᵀ / ρ)⁻¹y / T.
    """
    count, size = len(targets), len(gram)
    square = 0.0
    for t in range(count):
        square += targets[t] * targets[t]
    for r in range(len(ratios)):
        for i in range(size):
            for j in range(i, size):
                factor[i, j] = gram[i, j]
            factor[i, i] += ratios[r]
            column[i] = moment[i]
        log_determinant = factorise(factor) - size * math.log(ratios[r])
        solve(factor, column)
        rest = square
        for i in range(size):
            rest -= moment[i] * column[i]
        rest = max(rest, 0.0)
        variance = max(rest / count, least_noise**2)
        variances[r] = variance
        scores[r] = -0.5 * (count * math.log(variance) + rest / variance + log_determinant)


@compiled
def condition(gram, moment, ratio, factor, weights, covariance) -> None:  # type: ignore[no-untyped-def]
    """Fills the posterior: the mean `weights`, and `covariance` in units of s²."""
    size = len(gram)
    for i in range(size):
        for j in range(i, size):
            factor[i, j] = gram[i, j]
        factor[i, i] += ratio
        weights[i] = moment[i]
    factorise(factor)
    solve(factor, weights)
    invert(factor, covariance)


@compiled
def add_trial(row, target, column, weights, covariance) -> None:  # type: ignore[no-untyped-def]
    """Updates the posterior to one more trial (Sherman and Morrison 1950)."""
    size = len(row)
    for j in range(size):
        column[j] = 0.0
    for i in range(size):
        for j in range(size):
            column[j] += row[i] * covariance[i, j]
    spread, residual = 1.0, target
    for i in range(size):
        spread += row[i] * column[i]
        residual -= row[i] * weights[i]
    for i in range(size):
        weights[i] += column[i] * (residual / spread)
        for j in range(size):
            covariance[i, j] -= column[i] * column[j] / spread


@compiled
def scale_back(offset, spread, noise, means, deviations) -> None:  # type: ignore[no-untyped-def]
    """Turns standardised means and variances in units of s² into means and deviations of losses."""
    for b in range(len(means)):
        means[b] = offset + spread * means[b]
        deviations[b] = noise * math.sqrt(deviations[b])
