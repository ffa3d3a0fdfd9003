"""Medians, intervals and curves on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from codesign.study.statistics import (
    median_interval,
    normalised,
    outcomes,
    progress,
    quantiles,
    share_interval,
)


def test_median_interval_of_a_constant_is_the_constant() -> None:
    """Without spread there is no uncertainty."""
    assert median_interval(np.full(10, 3.0), np.random.default_rng(0)) == (3.0, 3.0, 3.0)


def test_median_interval_depends_on_the_generator_alone() -> None:
    """Same generator, same interval."""
    values = np.random.default_rng(1).normal(size=20)

    first = median_interval(values, np.random.default_rng(7))

    assert first == median_interval(values, np.random.default_rng(7))
    assert first[1] < first[0] < first[2]


def test_median_interval_of_three_values() -> None:
    """A resample of {0, 1, 2} has median 0 in 7 cases of 27, so the interval is [0, 2]."""
    assert median_interval(np.arange(3.0), np.random.default_rng(0)) == (1.0, 0.0, 2.0)


def test_median_interval_covers_the_true_median() -> None:
    """Of 300 samples of 15 normals, most intervals contain 0: for so few values a percentile
    bootstrap of the median covers a little less than its nominal 95 %."""
    rng = np.random.default_rng(5)

    hits = 0
    for _ in range(300):
        _, low, high = median_interval(rng.normal(size=15), rng, resamples=400)
        hits += low <= 0 <= high

    assert 0.86 <= hits / 300 <= 0.99


def test_searches_that_found_nothing_count_as_infinite() -> None:
    """Quantiles and intervals over infinite values are values."""
    values = np.array([1.0, np.inf, 2.0, np.inf])

    assert quantiles(values, [0.25, 0.5, 1.0]).tolist() == [2.0, np.inf, np.inf]
    assert median_interval(values, np.random.default_rng(0)) == (np.inf, 1.0, np.inf)


@pytest.mark.parametrize(
    ("hits", "draws", "low", "high"),
    [(0, 100, 0.0, 0.03699), (10, 100, 0.05523, 0.17437), (100, 100, 0.96301, 1.0)],
)
def test_share_interval_agrees_with_published_values(
    hits: int, draws: int, low: float, high: float
) -> None:
    """Wilson's score interval, as tables give it."""
    assert share_interval(hits, draws) == pytest.approx((low, high), abs=1e-4)


@pytest.fixture
def trials() -> pd.DataFrame:
    """Two methods, two seeds, three trials of one layer; the least EDP of all is 10."""
    best = {
        ("a", 0): [40.0, 20.0, 20.0],
        ("a", 1): [np.nan, 40.0, 10.0],
        ("b", 0): [20.0, 20.0, 20.0],
        ("b", 1): [20.0, 20.0, 20.0],
    }
    rows = [
        ("net", "L", method, seed, trial, value)
        for (method, seed), values in best.items()
        for trial, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["model", "layer", "method", "seed", "trial", "best_edp"])


def test_normalised_is_one_at_the_best_and_zero_before_anything_is_feasible(
    trials: pd.DataFrame,
) -> None:
    """Reciprocal EDP relative to the least EDP of all methods and seeds."""
    values = normalised(trials, ["model", "layer"])["reciprocal_edp"]

    assert list(values) == [0.25, 0.5, 0.5, 0.0, 0.25, 1.0, *[0.5] * 6]


def test_normalised_to_known_optima(trials: pd.DataFrame) -> None:
    """1 is the optimum, which no search need have found."""
    optima = pd.DataFrame([("net", "L", 5.0)], columns=["model", "layer", "edp"])

    values = normalised(trials, ["model", "layer"], optima)["reciprocal_edp"]

    assert list(values) == [0.125, 0.25, 0.25, 0.0, 0.125, 0.5, *[0.25] * 6]


def test_progress_has_medians_and_quartiles(trials: pd.DataFrame) -> None:
    """Over seeds, for every trial; trials count from 1."""
    curves = progress(trials, ["model", "layer"])
    a = curves[curves["method"] == "a"]

    assert list(a["trial"]) == [1, 2, 3]
    assert list(a["median"]) == [0.125, 0.375, 0.75]
    assert list(a["lower"]) == [0.0625, 0.3125, 0.625]
    assert list(a["upper"]) == [0.1875, 0.4375, 0.875]
    assert set(curves["seeds"]) == {2}


def test_outcomes_tell_where_methods_end(trials: pd.DataFrame) -> None:
    """One row a method: the median of the last trials."""
    table = outcomes(trials, ["model", "layer"], seed=0).set_index("method")

    assert table.loc["a", ["median", "low", "high", "trials"]].tolist() == [0.75, 0.5, 1.0, 3]
    assert table.loc["b", ["median", "low", "high", "edp"]].tolist() == [0.5, 0.5, 0.5, 20.0]
