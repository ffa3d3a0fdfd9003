"""Our dense algebra against NumPy's, for sizes that are multiples of a block of four and not."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.search.bo.algebra import add_gram, factorise, invert, project, solve
from codesign.search.history import Floats

SIZES = [*range(1, 14), 64, 67]


def positive(size: int) -> Floats:
    """A symmetric positive definite matrix."""
    rows = np.random.default_rng(size).normal(size=(size + 3, size))
    matrix: Floats = rows.T @ rows + 0.1 * np.eye(size)
    return matrix


@pytest.mark.parametrize("size", SIZES)
def test_factor_inverse_and_solution(size: int) -> None:
    matrix = positive(size)
    factor, inverse = matrix.copy(), np.full_like(matrix, np.nan)
    log_determinant = factorise(factor)
    upper = np.triu(factor)
    np.testing.assert_allclose(upper.T @ upper, matrix, rtol=1e-10)
    assert log_determinant == pytest.approx(np.linalg.slogdet(matrix)[1])
    invert(factor, inverse)
    np.testing.assert_allclose(inverse, np.linalg.inv(matrix), rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(inverse, inverse.T)
    target = np.random.default_rng(0).normal(size=size)
    solution = target.copy()
    solve(factor, solution)
    np.testing.assert_allclose(matrix @ solution, target, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("size", SIZES)
def test_projection(size: int) -> None:
    rng = np.random.default_rng(size)
    points, weights = np.asfortranarray(rng.normal(size=(9, size))), rng.normal(size=size)
    covariance = positive(size)
    means, variances, scratch = np.empty(9), np.empty(9), np.empty(9)
    project(points, weights, covariance, means, variances, scratch)
    np.testing.assert_allclose(means, points @ weights, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(variances, np.einsum("bi,ij,bj->b", points, covariance, points))


@pytest.mark.parametrize("count", range(10))
def test_gram_adds_to_the_upper_triangle(count: int) -> None:
    rng = np.random.default_rng(count)
    rows, weights = rng.normal(size=(count, 5)), rng.random(count)
    matrix = np.ones((5, 5))
    add_gram(rows, weights, matrix)
    expected = 1.0 + rows.T @ (weights[:, np.newaxis] * rows)
    np.testing.assert_allclose(np.triu(matrix), np.triu(expected))
    np.testing.assert_array_equal(np.tril(matrix, -1), np.tril(np.ones((5, 5)), -1))
