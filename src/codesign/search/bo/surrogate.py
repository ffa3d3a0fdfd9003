"""The paper's surrogate: a Gaussian process with a linear kernel on explicit features.

Such a process is Bayesian linear regression: y = wᵀx + ε, w ~ N(0, (s² / ρ) I), ε ~ N(0, s²).
Its posterior is a vector and an F × F matrix, which one more trial changes by one rank.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from codesign.compiled import compiled
from codesign.search.bo.algebra import add_gram, factorise, invert, project, solve
from codesign.search.history import Floats

RATIOS = 10.0 ** np.arange(-4.0, 2.01, 0.5)
"""ρ, the variance of the noise over that of the weights, is the best of these."""


class Surrogate(Protocol):
    """A model of the losses of feasible points; features are those of `scaling.Scaler`."""

    @property
    def noise(self) -> float:
        """Standard deviation of a loss about the model."""

    def fit(self, features: Floats, losses: Floats) -> None:
        """Starts anew from at least one trial: [T, F], [T]."""

    def update(self, features: Floats, loss: float) -> None:
        """Takes in one more trial: [F]."""

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation (without noise) of the loss at [B, F]: [B], [B]."""


class LinearSurrogate:
    """Bayesian linear regression; ρ and s² maximise the marginal likelihood at every `fit`.

    Args:
        noise: the least standard deviation of the noise, as a share of that of the losses.
    """

    def __init__(self, noise: float = 1e-3) -> None:
        self.least_noise = noise
        self.ratio = 1.0
        self.variance = 1.0

    @property
    def noise(self) -> float:
        """As `Surrogate` says."""
        return math.sqrt(self.variance) * self._spread

    def fit(self, features: Floats, losses: Floats) -> None:
        """As `Surrogate` says."""
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
        """As `Surrogate` says."""
        target = (loss - self._offset) / self._spread
        add_trial(features, target, self._column, self._weights, self._covariance)

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """As `Surrogate` says."""
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
    """The log marginal likelihood (less a constant) of every ρ, with the s² that suits it best.

    For given ρ, y ~ N(0, s² (I + XXᵀ / ρ)), whose best s² is yᵀ(I + XXᵀ / ρ)⁻¹y / T.
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
    """The posterior: mean `weights`, and `covariance` in units of s²."""
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
    """The posterior after one more trial (Sherman and Morrison 1950)."""
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
    """Standardised means and variances in units of s² become means and deviations of losses."""
    for b in range(len(means)):
        means[b] = offset + spread * means[b]
        deviations[b] = noise * math.sqrt(deviations[b])
