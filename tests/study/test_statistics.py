"""Medians and intervals on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.study.statistics import (
    median_interval,
    quantiles,
    share_interval,
)


def test_median_interval_of_a_constant_is_the_constant() -> None:
    """Without spread there is no uncertainty."""
    assert median_interval(np.full(10, 3.0)) == (3.0, 3.0, 3.0)


def test_median_interval_covers_the_true_median() -> None:
    """Of 400 samples of 15 skewed values, at least 95 % of the intervals contain the median; the
    exact probability is 96.5 %."""
    rng = np.random.default_rng(5)

    hits = 0
    for _ in range(400):
        _, low, high = median_interval(rng.exponential(size=15))
        hits += low <= np.log(2) <= high

    assert 0.95 <= hits / 400 <= 0.99


def test_searches_that_found_nothing_count_as_infinite() -> None:
    """Quantiles and intervals over infinite values are values."""
    values = np.array([1.0, np.inf, 2.0, np.inf])

    assert quantiles(values, [0.25, 0.5, 1.0]).tolist() == [2.0, np.inf, np.inf]
    assert median_interval(values) == (np.inf, 1.0, np.inf)


@pytest.mark.parametrize(
    ("hits", "draws", "low", "high"),
    [(0, 100, 0.0, 0.03699), (10, 100, 0.05523, 0.17437), (100, 100, 0.96301, 1.0)],
)
def test_share_interval_agrees_with_published_values(
    hits: int, draws: int, low: float, high: float
) -> None:
    """Wilson's score interval, as tables give it."""
    assert share_interval(hits, draws) == pytest.approx((low, high), abs=1e-4)
