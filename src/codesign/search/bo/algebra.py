"""Dense linear algebra for matrices of about sixty rows, written as loops.

A library is not used, for two reasons: its calls would take as long as the work, and the last
digits of its results depend on the number of threads, which proposals must not. Inner loops run
along memory and do not reduce, so that they vectorise without reordering sums. They process four
rows at a time, because most of the time goes into loading and storing the matrix they add to.
"""

from __future__ import annotations

import math

from codesign.compiled import compiled


@compiled
def add_gram(rows, weights, matrix) -> None:  # type: ignore[no-untyped-def]
    """Adds Σ weights[t] rows[t]ᵀ rows[t] to the upper triangle of `matrix`."""
    count, size = rows.shape
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
    """Cholesky: replaces the upper triangle of A by U with A = UᵀU. Returns log det A."""
    size = len(matrix)
    log_determinant = 0.0
    for start in range(0, size, 4):
        end = min(start + 4, size)
        for k in range(start, end):
            log_determinant += math.log(matrix[k, k])
            pivot = 1.0 / math.sqrt(matrix[k, k])
            for j in range(k, size):
                matrix[k, j] *= pivot
            for i in range(k + 1, end):
                a = matrix[k, i]
                for j in range(i, size):
                    matrix[i, j] -= a * matrix[k, j]
        # Only the last block has fewer than four rows, and no rows are below it.
        for i in range(end, size):
            a, b = matrix[start, i], matrix[start + 1, i]
            c, d = matrix[start + 2, i], matrix[start + 3, i]
            for j in range(i, size):
                matrix[i, j] = (
                    ((matrix[i, j] - a * matrix[start, j]) - b * matrix[start + 1, j])
                    - c * matrix[start + 2, j]
                ) - d * matrix[start + 3, j]
    return log_determinant


@compiled
def solve(factor, vector) -> None:  # type: ignore[no-untyped-def]
    """Replaces b in `vector` by A⁻¹b, where `factor` is the U of `factorise`."""
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
def invert(factor, inverse) -> None:  # type: ignore[no-untyped-def]
    """Fills `inverse` with A⁻¹, both triangles, where `factor` is the U of `factorise`.

    Column k is A⁻¹ applied to a unit vector, as in `solve`. Rows above k are skipped: they are
    zero in the forward pass, and follow by symmetry from the backward pass. The inner loops run
    over columns.
    """
    size = len(factor)
    for i in range(size):
        for k in range(i):
            inverse[i, k] = 0.0
        inverse[i, i] = 1.0
    for i in range(size):
        for k in range(i + 1):
            inverse[i, k] /= factor[i, i]
        for j in range(i + 1, size):
            a = factor[i, j]
            for k in range(i + 1):
                inverse[j, k] -= a * inverse[i, k]
    for i in range(size - 1, -1, -1):
        for j in range(i + 1, size):
            a = factor[i, j]
            for k in range(i + 1):
                inverse[i, k] -= a * inverse[j, k]
        for k in range(i + 1):
            inverse[i, k] /= factor[i, i]
            inverse[k, i] = inverse[i, k]


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
        for b in range(count):
            means[b] += weights[i] * points[b, i]
            scratch[b] = covariance[i, i] * points[b, i]
        whole = size - (size - i - 1) % 4
        for j in range(i + 1, whole, 4):
            p, q = 2.0 * covariance[i, j], 2.0 * covariance[i, j + 1]
            r, s = 2.0 * covariance[i, j + 2], 2.0 * covariance[i, j + 3]
            for b in range(count):
                scratch[b] = (
                    ((scratch[b] + p * points[b, j]) + q * points[b, j + 1]) + r * points[b, j + 2]
                ) + s * points[b, j + 3]
        for j in range(whole, size):
            p = 2.0 * covariance[i, j]
            for b in range(count):
                scratch[b] += p * points[b, j]
        for b in range(count):
            variances[b] += scratch[b] * points[b, i]
    for b in range(count):
        variances[b] = max(variances[b], 0.0)
