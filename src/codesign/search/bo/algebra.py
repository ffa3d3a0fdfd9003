"""Dense algebra for matrices of some sixty rows, in loops of our own.

Calls to a library would cost as much as the work, and its last digits depend on the number of
threads; proposals must not. Inner loops run along memory and reduce nothing, so that they
vectorise without reordering a sum.
"""

from __future__ import annotations

import math

from codesign.compiled import compiled


@compiled
def add_gram(rows, weights, matrix) -> None:  # type: ignore[no-untyped-def]
    """Adds Σ weights[t] rows[t]ᵀ rows[t] to the upper triangle of `matrix`."""
    count, size = rows.shape
    # Four rows at a time, since most of the work is fetching and storing the matrix.
    whole = count - count % 4
    for t in range(0, whole, 4):
        for i in range(size):
            a, b = weights[t] * rows[t, i], weights[t + 1] * rows[t + 1, i]
            c, d = weights[t + 2] * rows[t + 2, i], weights[t + 3] * rows[t + 3, i]
            for j in range(i, size):
                matrix[i, j] += (a * rows[t, j] + b * rows[t + 1, j]) + (
                    c * rows[t + 2, j] + d * rows[t + 3, j]
                )
    for t in range(whole, count):
        for i in range(size):
            a = weights[t] * rows[t, i]
            for j in range(i, size):
                matrix[i, j] += a * rows[t, j]


@compiled
def factorise(matrix) -> float:  # type: ignore[no-untyped-def]
    """Cholesky: the upper triangle of A becomes that of U with A = UᵀU; returns log det A."""
    size = len(matrix)
    log_determinant = 0.0
    for k in range(size):
        log_determinant += math.log(matrix[k, k])
        pivot = 1.0 / math.sqrt(matrix[k, k])
        for j in range(k, size):
            matrix[k, j] *= pivot
        for i in range(k + 1, size):
            factor = matrix[k, i]
            if factor != 0.0:
                for j in range(i, size):
                    matrix[i, j] -= factor * matrix[k, j]
    return log_determinant


@compiled
def solve(factor, vector) -> None:  # type: ignore[no-untyped-def]
    """Replaces b by A⁻¹b, where `factor` is the U of `factorise`."""
    size = len(factor)
    for i in range(size):
        vector[i] /= factor[i, i]
        for j in range(i + 1, size):
            vector[j] -= vector[i] * factor[i, j]
    for i in range(size - 1, -1, -1):
        rest = vector[i]
        for j in range(i + 1, size):
            rest -= factor[i, j] * vector[j]
        vector[i] = rest / factor[i, i]


@compiled
def invert(factor, column, inverse) -> None:  # type: ignore[no-untyped-def]
    """Fills `inverse` with A⁻¹, both triangles; `column` is working memory.

    Column k is A⁻¹ applied to a unit vector, as `solve` does it, but nothing above k is touched:
    there is nothing before the forward pass, and nothing asked for after the backward pass.
    """
    size = len(factor)
    for k in range(size):
        for i in range(k, size):
            column[i] = 0.0
        column[k] = 1.0
        for i in range(k, size):
            column[i] /= factor[i, i]
            for j in range(i + 1, size):
                column[j] -= column[i] * factor[i, j]
        for i in range(size - 1, k - 1, -1):
            rest = column[i]
            for j in range(i + 1, size):
                rest -= factor[i, j] * column[j]
            column[i] = rest / factor[i, i]
            inverse[k, i] = column[i]
            inverse[i, k] = column[i]


@compiled
def project(points, weights, covariance, means, variances, scratch) -> None:  # type: ignore[no-untyped-def]
    """Fills means[b] = wᵀx and variances[b] = xᵀCx for x = points[b].

    The inner loops run over points: `points` [B, F] should be in Fortran order. `scratch` is [B].
    """
    count, size = points.shape
    for b in range(count):
        means[b] = 0.0
        variances[b] = 0.0
    for i in range(size):
        diagonal = covariance[i, i]
        for b in range(count):
            means[b] += weights[i] * points[b, i]
            scratch[b] = diagonal * points[b, i]
        for j in range(i + 1, size):
            twice = 2.0 * covariance[i, j]
            for b in range(count):
                scratch[b] += twice * points[b, j]
        for b in range(count):
            variances[b] += scratch[b] * points[b, i]
    for b in range(count):
        variances[b] = max(variances[b], 0.0)
