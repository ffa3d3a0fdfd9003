"""A Gaussian process as in common toolboxes: Matérn 5/2 kernel, one length scale per axis.

Rasmussen, Williams: Gaussian processes for machine learning, 2006; sections 2.3, 4.2, 5.4.1.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import minimize

from codesign.compiled import compiled
from codesign.search.bo.algebra import factorise, invert, project
from codesign.search.history import Floats

AMPLITUDE, NOISE = -2, -1
"""Indices of the logarithms of the two variances; those of the length scales come before them."""

STEPS = 20
"""The most iterations of L-BFGS. Every fit starts from the previous one."""


class GaussianProcess:
    """A Gaussian process on a unit box. Its hyper-parameters maximise the marginal likelihood.

    Args:
        axes: the number of dimensions of the unit box.
    """

    def __init__(self, axes: int) -> None:
        self._logs = np.log(np.array([0.5] * axes + [1.0, 1e-2]))
        self._bounds = [*[(math.log(0.05), math.log(20.0))] * axes]
        self._bounds += [(math.log(0.05), math.log(20.0)), (math.log(1e-4), 0.0)]
        self._inputs = np.empty((0, axes))
        self._inverse = np.empty((0, 0))
        self._weights = np.empty(0)

    def fit(self, inputs: Floats, targets: Floats) -> None:
        """Fits bounded hyper-parameters to inputs [T, axes] and standardised targets [T]."""
        count = len(inputs)
        work = np.empty((count, count)), np.empty((count, count)), np.empty(count)

        def negative(logs: Floats) -> tuple[float, Floats]:
            slope = np.empty(len(logs))
            value = evidence(inputs, targets, np.exp(logs), *work, slope)
            return -value, -slope

        answer = minimize(
            negative, self._logs, jac=True, method="L-BFGS-B", bounds=self._bounds,
            options={"maxiter": STEPS},
        )  # fmt: skip
        self._logs = answer.x
        self._inputs = np.ascontiguousarray(inputs)
        self._inverse = np.empty((count, count))
        factor = work[0]
        covary(self._inputs, self._inputs, self._scales, factor)
        factor[np.diag_indices(count)] += self._noise
        factorise(factor)
        invert(factor, self._inverse)

    def extend(self, point: Floats) -> None:
        """Adds one more input [axes], without a change of hyper-parameters.

        The inverse of the matrix with one more row and column is computed by blocks.
        """
        count = len(self._inputs)
        column = np.empty((count, 1))
        covary(self._inputs, point[np.newaxis], self._scales, column)
        inverse = np.empty((count + 1, count + 1))
        border(self._inverse, column[:, 0], self._amplitude + self._noise, inverse)
        self._inputs = np.concatenate([self._inputs, point[np.newaxis]])
        self._inverse = inverse

    def condition(self, targets: Floats) -> None:
        """Sets the targets [T] of all inputs so far."""
        self._weights = np.empty(len(targets))
        multiply(self._inverse, targets, self._weights)

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """[B], [B], mean and standard deviation at points [B, axes], without noise."""
        cross = np.empty((len(self._inputs), len(points)))
        covary(self._inputs, points, self._scales, cross)
        means, explained, scratch = (np.empty(len(points)) for _ in range(3))
        project(cross.T, self._weights, self._inverse, means, explained, scratch)
        return means, np.sqrt(np.maximum(self._amplitude - explained, 1e-12))

    @property
    def _scales(self) -> Floats:
        return np.exp(self._logs)

    @property
    def _amplitude(self) -> float:
        return math.exp(self._logs[AMPLITUDE])

    @property
    def _noise(self) -> float:
        return math.exp(self._logs[NOISE])


@compiled
def covary(left, right, scales, out) -> None:  # type: ignore[no-untyped-def]
    """Fills out[i, j] with the covariance of left[i] and right[j], without noise."""
    axes = left.shape[1]
    for i in range(len(left)):
        for j in range(len(right)):
            square = 0.0
            for a in range(axes):
                step = (left[i, a] - right[j, a]) / scales[a]
                square += step * step
            r = math.sqrt(5.0 * square)
            out[i, j] = scales[AMPLITUDE] * (1.0 + r + r * r / 3.0) * math.exp(-r)


@compiled
def evidence(inputs, targets, scales, factor, inverse, column, slope) -> float:  # type: ignore[no-untyped-def]
    """The log marginal likelihood without a constant; fills `slope` with its gradient.

    The gradient is with respect to the logarithms of the scales: ½ tr((ααᵀ - K⁻¹) ∂K), with
    α = K⁻¹y.
    """
    count, axes = inputs.shape
    covary(inputs, inputs, scales, factor)
    for i in range(count):
        factor[i, i] += scales[NOISE]
    log_determinant = factorise(factor)
    invert(factor, inverse)
    multiply(inverse, targets, column)
    fit = 0.0
    for i in range(count):
        fit += targets[i] * column[i]
    for a in range(axes + 2):
        slope[a] = 0.0
    for i in range(count):
        spare = column[i] * column[i] - inverse[i, i]
        slope[NOISE] += 0.5 * scales[NOISE] * spare
        slope[AMPLITUDE] += 0.5 * scales[AMPLITUDE] * spare
        for j in range(i):
            square = 0.0
            for a in range(axes):
                step = (inputs[i, a] - inputs[j, a]) / scales[a]
                square += step * step
            r = math.sqrt(5.0 * square)
            spare = (column[i] * column[j] - inverse[i, j]) * scales[AMPLITUDE] * math.exp(-r)
            slope[AMPLITUDE] += spare * (1.0 + r + r * r / 3.0)
            spare *= 5.0 / 3.0 * (1.0 + r)
            for a in range(axes):
                step = (inputs[i, a] - inputs[j, a]) / scales[a]
                slope[a] += spare * step * step
    return -0.5 * (fit + log_determinant)


@compiled
def multiply(matrix, vector, out) -> None:  # type: ignore[no-untyped-def]
    """Fills `out` with the product of a symmetric matrix and a vector."""
    for i in range(len(out)):
        out[i] = 0.0
    for j in range(len(vector)):
        for i in range(len(out)):
            out[i] += matrix[j, i] * vector[j]


@compiled
def border(inverse, column, corner, out) -> None:  # type: ignore[no-untyped-def]
    """Fills `out` with the inverse of [[A, c], [cᵀ, corner]], from the inverse of A."""
    count = len(column)
    last = out[count]
    for i in range(count):
        last[i] = 0.0
    for j in range(count):
        for i in range(count):
            last[i] += inverse[j, i] * column[j]
    rest = corner
    for i in range(count):
        rest -= column[i] * last[i]
    for i in range(count):
        for j in range(count):
            out[i, j] = inverse[i, j] + last[i] * last[j] / rest
    for i in range(count):
        last[i] /= -rest
        out[i, count] = last[i]
    out[count, count] = 1.0 / rest
