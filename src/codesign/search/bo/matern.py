"""A Gaussian process with a Matérn kernel, and a length scale per feature.

The covariance of two losses is s² (1 + √5 r + 5r²/3) exp(-√5 r), with r² = Σ w_f (x_f - x'_f)²,
plus noise of variance ρ s² (Rasmussen and Williams 2006, equations 4.17 and 5.8). A weight w_f is
the inverse square of a length scale: a feature of weight near 0 does not matter (automatic
relevance determination). In contrast to the linear process, the model can have an optimum between
the ends of a feature.

Weights and ρ maximise the marginal likelihood, for which s² has a closed form, times a log-normal
prior of the weights. The maximum is climbed by signs of derivatives (Rprop; Blum and Riedmiller
2013), from the weights of the fit before. Every fit takes O(T³ + T² F) operations per step.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from codesign.compiled import compiled
from codesign.search.bo.algebra import factorise, invert, solve
from codesign.search.history import Floats

FIRST_STEPS, LATER_STEPS = 40, 10
"""Steps of the climb in the first fit, and in later ones, which begin where the last one ended."""

SPREAD = 1.5
"""The standard deviation of the prior of log w. Its mean is 0: on features of the variance 1/F
(`scaling.Scaler`), r² of two points is then about 2, for any number of features."""

LEAST_STEP, MOST_STEP, FIRST_STEP = 1e-3, 1.0, 0.3
"""Sizes of steps of the logarithms of weights and of ρ."""

MOST_WEIGHT = 10.0
"""The largest absolute logarithm of a weight."""

LEAST_RATIO, MOST_RATIO, FIRST_RATIO = 1e-4, 1.0, 1e-2
"""ρ, the variance of the noise relative to s². Below the least, matrices are singular."""


LEAST_VARIANCE = 1e-12
"""The least s², in units of the variance of losses: they may all be equal."""


class Climb(NamedTuple):
    """Working memory of `climb`, for T trials and F features.

    Args:
        place: [F + 1], log w and log ρ.
        best: [F + 1], the best place so far.
        slopes, before: [F + 1], derivatives here and at the step before.
        lengths: [F + 1], lengths of the next steps.
        weights: [F], w.
        matrix, inverse: [T, T], the covariance in units of s² or its factor, and its inverse.
        answer: [T], K⁻¹y.
    """

    place: Floats
    best: Floats
    slopes: Floats
    before: Floats
    lengths: Floats
    weights: Floats
    matrix: Floats
    inverse: Floats
    answer: Floats


class MaternSurrogate:
    """Regression by a Matérn process with ARD (a `surrogate.Surrogate`)."""

    def __init__(self) -> None:
        self.variance = 1.0
        self._log_weights = np.empty(0)
        self._log_ratio = math.log(FIRST_RATIO)
        self._rows = np.empty((0, 0))
        self._losses = np.empty(0)
        self._is_conditioned = False

    @property
    def noise(self) -> float:
        """As in `Surrogate`."""
        return math.sqrt(self.variance * math.exp(self._log_ratio)) * self._spread

    @property
    def weights(self) -> Floats:
        """[F], the weights of features, inverse squares of their length scales."""
        return np.exp(self._log_weights)

    def fit(self, features: Floats, losses: Floats) -> None:
        """As in `Surrogate`."""
        steps = LATER_STEPS
        if len(self._log_weights) != features.shape[1]:
            self._log_weights, steps = np.zeros(features.shape[1]), FIRST_STEPS
        self._rows, self._losses = np.ascontiguousarray(features), losses.copy()
        self._scale()
        count, size = self._rows.shape
        work = Climb(
            place=np.append(self._log_weights, self._log_ratio),
            best=np.zeros(size + 1),
            slopes=np.zeros(size + 1),
            before=np.zeros(size + 1),
            lengths=np.full(size + 1, FIRST_STEP),
            weights=np.empty(size),
            matrix=np.empty((count, count)),
            inverse=np.empty((count, count)),
            answer=np.empty(count),
        )
        climb(self._rows, self._targets, steps, work)
        self._log_weights, self._log_ratio = work.best[:size], float(work.best[size])
        self._is_conditioned = False

    def update(self, features: Floats, loss: float) -> None:
        """As in `Surrogate`. The weights stay."""
        self._rows = np.concatenate([self._rows, features.reshape(1, -1)])
        self._losses = np.append(self._losses, loss)
        self._is_conditioned = False

    def predict(self, features: Floats) -> tuple[Floats, Floats]:
        """As in `Surrogate`."""
        if not self._is_conditioned:
            self._condition()
        means, deviations = np.empty(len(features)), np.empty(len(features))
        points, column = np.ascontiguousarray(features), np.empty(len(self._rows))
        foretell(
            self._rows, self.weights, self._factor, self._answer, points, column,
            means, deviations,
        )  # fmt: skip
        means = self._offset + self._spread * means
        return means, self._spread * math.sqrt(self.variance) * deviations

    def _scale(self) -> None:
        self._offset = float(self._losses.mean())
        self._spread = float(self._losses.std()) or 1.0
        self._targets = (self._losses - self._offset) / self._spread

    def _condition(self) -> None:
        """Factorises the covariance of all trials, and solves it for their losses."""
        self._scale()
        count = len(self._losses)
        self._factor, self._answer = np.empty((count, count)), self._targets.copy()
        correlate(self._rows, self.weights, math.exp(self._log_ratio), self._factor)
        factorise(self._factor)
        solve(self._factor, self._answer)
        self.variance = max(float(self._targets @ self._answer) / count, LEAST_VARIANCE)
        self._is_conditioned = True


@compiled
def correlation(square) -> float:  # type: ignore[no-untyped-def]
    """The correlation of two losses from r²."""
    root = math.sqrt(5.0 * square)
    return (1.0 + root + root * root / 3.0) * math.exp(-root)


@compiled
def correlate(rows, weights, ratio, matrix) -> None:  # type: ignore[no-untyped-def]
    """Fills the upper triangle of `matrix` [T, T] with correlations, plus ρ on the diagonal."""
    count, size = rows.shape
    for i in range(count):
        matrix[i, i] = 1.0 + ratio
        for j in range(i + 1, count):
            square = 0.0
            for f in range(size):
                difference = rows[i, f] - rows[j, f]
                square += weights[f] * difference * difference
            matrix[i, j] = correlation(square)


@compiled
def climb(rows, targets, steps, work) -> None:  # type: ignore[no-untyped-def]
    """Climbs the posterior of log w and log ρ from `work.place`, and fills `work.best`."""
    place, slopes, before, lengths = work.place, work.slopes, work.before, work.lengths
    size = rows.shape[1]
    best = -np.inf
    for step in range(steps + 1):
        score = differentiate(rows, targets, work)
        if score > best:
            best = score
            for f in range(size + 1):
                work.best[f] = place[f]
        if step == steps:
            break
        for f in range(size + 1):
            turn = slopes[f] * before[f]
            if turn > 0.0:
                lengths[f] = min(1.2 * lengths[f], MOST_STEP)
            elif turn < 0.0:
                lengths[f] = max(0.5 * lengths[f], LEAST_STEP)
                slopes[f] = 0.0
            before[f] = slopes[f]
            place[f] += lengths[f] * np.sign(slopes[f])
            if f < size:
                place[f] = min(max(place[f], -MOST_WEIGHT), MOST_WEIGHT)
        place[size] = min(max(place[size], math.log(LEAST_RATIO)), math.log(MOST_RATIO))


@compiled
def differentiate(rows, targets, work) -> float:  # type: ignore[no-untyped-def]
    """The log posterior at `work.place`, without a constant; fills `work.slopes`.

    With s² = yᵀK⁻¹y / T, the log likelihood is -(T log s² + log|K|) / 2, and its derivative is
    Σ (a aᵀ / s² - K⁻¹) · ∂K / 2 with a = K⁻¹y (Rasmussen and Williams 2006, equation 5.9).
    """
    place, slopes, weights = work.place, work.slopes, work.weights
    matrix, inverse, answer = work.matrix, work.inverse, work.answer
    count, size = rows.shape
    for f in range(size):
        weights[f] = math.exp(place[f])
    ratio = math.exp(place[size])
    correlate(rows, weights, ratio, matrix)
    log_determinant = factorise(matrix)
    for i in range(count):
        answer[i] = targets[i]
    solve(matrix, answer)
    invert(matrix, inverse)
    rest = 0.0
    for i in range(count):
        rest += targets[i] * answer[i]
    variance = max(rest / count, LEAST_VARIANCE)
    score = -0.5 * (count * math.log(variance) + log_determinant)
    for f in range(size):
        slopes[f] = -place[f] / SPREAD**2
        score -= 0.5 * place[f] * place[f] / SPREAD**2
    slope = 0.0
    for i in range(count):
        slope += 0.5 * (answer[i] * answer[i] / variance - inverse[i, i])
        for j in range(i + 1, count):
            square = 0.0
            for f in range(size):
                difference = rows[i, f] - rows[j, f]
                square += weights[f] * difference * difference
            root = math.sqrt(5.0 * square)
            # The derivative of the correlation by r². Both triangles count.
            change = -5.0 / 6.0 * (1.0 + root) * math.exp(-root)
            change *= answer[i] * answer[j] / variance - inverse[i, j]
            for f in range(size):
                difference = rows[i, f] - rows[j, f]
                slopes[f] += change * weights[f] * difference * difference
    slopes[size] = slope * ratio
    return score


@compiled
def foretell(rows, weights, factor, answer, points, column, means, deviations) -> None:  # type: ignore[no-untyped-def]
    """Fills mean and deviation, in units of s, at `points` [B, F], from U with K = UᵀU and K⁻¹y.

    `column` [T] is scratch.
    """
    count, size = rows.shape
    for b in range(len(points)):
        mean, variance = 0.0, 1.0
        for t in range(count):
            square = 0.0
            for f in range(size):
                difference = rows[t, f] - points[b, f]
                square += weights[f] * difference * difference
            column[t] = correlation(square)
            mean += column[t] * answer[t]
        # v = U⁻ᵀ k row by row: the variance is 1 - vᵀv.
        for t in range(count):
            column[t] /= factor[t, t]
            variance -= column[t] * column[t]
            for j in range(t + 1, count):
                column[j] -= factor[t, j] * column[t]
        means[b] = mean
        deviations[b] = math.sqrt(max(variance, 0.0))
