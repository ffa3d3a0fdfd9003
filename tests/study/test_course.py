"""The course of searches by hand: the excess over the least EDP, on the way and at the end."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from codesign.study.course import (
    Course,
    course,
    excess,
    interval,
    reciprocal,
)

BY = ["model", "layer"]
OPTIMA = pd.DataFrame([("net", "L", 100.0)], columns=[*BY, "edp"])
NAN, INF = math.nan, math.inf


def trials(length: int, **best: list[list[float]]) -> pd.DataFrame:
    """Best EDP so far of every method's seeds, extended to `length` trials."""
    rows = [
        ("net", "L", method, seed, trial, values[min(trial, len(values) - 1)])
        for method, seeds in best.items()
        for seed, values in enumerate(seeds)
        for trial in range(length)
    ]
    return pd.DataFrame(rows, columns=[*BY, "method", "seed", "trial", "best_edp"])


def searches(length: int, **best: list[list[float]]) -> Course:
    """Their course above an optimum of 100."""
    return course(trials(length, **best), BY, OPTIMA)


def test_excess_is_above_the_least_in_percent() -> None:
    """150 is 50 % above 100; the optimum itself has none, and nothing feasible is infinite."""
    table = searches(3, a=[[NAN, 150.0, 100.0]]).table

    assert table["excess"].tolist() == pytest.approx([INF, 50.0, 0.0])
    assert set(table["least_edp"]) == {100.0}


def test_rounding_is_no_excess_but_a_wrong_optimum_shows() -> None:
    """Sums in another order may end a rounding below the optimum; more is not hidden."""
    found = excess(pd.Series([100.0 * (1 - 1e-15), 99.0]), 100.0)

    assert found.tolist() == [0.0, pytest.approx(-1.0)]


def test_without_an_optimum_the_least_is_the_best_found() -> None:
    """By any method with any seed."""
    both = course(trials(2, a=[[40.0, 20.0]], b=[[NAN, 10.0]]), BY)

    assert both.table["excess"].tolist() == pytest.approx([300.0, 100.0, INF, 0.0])


def test_failures_are_shares_of_the_trials_so_far() -> None:
    """The second of three trials fails."""
    table = trials(3, a=[[100.0]]).assign(feasible=[True, False, True])

    failed = course(table, BY, OPTIMA).table["failed"]

    assert failed.tolist() == pytest.approx([0.0, 50.0, 100 / 3])


def test_every_search_has_one_row_at_any_time() -> None:
    """Trials without improvement may be missing; before its first trial, excess is infinite."""
    rows = [(0, 4, 110.0), (0, 19, 105.0), (1, 9, 200.0)]
    table = pd.DataFrame(rows, columns=["seed", "trial", "best_edp"])
    sparse = course(table.assign(model="net", layer="L", method="s"), BY, OPTIMA)

    assert sparse.at(9)["excess"].tolist() == pytest.approx([10.0, INF])
    assert sparse.at(10)["excess"].tolist() == pytest.approx([10.0, 100.0])
    assert sparse.at()["excess"].tolist() == pytest.approx([5.0, 100.0])


@pytest.mark.parametrize(
    ("seeds", "expected"),
    [
        ([[200.0, 100.9], [200.0, 200.0, 200.0, 100.0]], [2.0, 4.0]),
        ([[100.9], [200.0]], [1.0, INF]),
        ([[101.1]], [INF]),
        ([[NAN]], [INF]),
    ],
)
def test_reach_counts_trials_from_one(seeds: list[list[float]], expected: list[float]) -> None:
    """Infinite where a search never gets there."""
    found = searches(6, a=seeds).reach(1.0)

    assert found["reach"].tolist() == expected


def test_nobody_reaches_an_infinite_excess_with_nothing() -> None:
    """What is not feasible is nowhere."""
    assert searches(2, a=[[NAN]]).reach(INF)["reach"].tolist() == [INF]


def test_reach_takes_a_goal_for_each_trial() -> None:
    """Methods that are compared with different ends need this."""
    both = searches(3, a=[[150.0, 120.0, 100.0]], b=[[150.0, 120.0, 100.0]])

    goals = both.table["method"].map({"a": 20.0, "b": 0.0})

    assert both.reach(goals)["reach"].tolist() == [2.0, 3.0]


def test_medians_over_seeds_at_the_end_and_on_the_way() -> None:
    """Seeds at 20 and 40 % after 50 of 60 trials, 0 and 10 % at the end; 100 is beyond."""
    late = [[120.0] * 55 + [100.0], [140.0] * 55 + [110.0]]

    (row,) = searches(60, a=late).ends((50, 100)).to_dict("records")

    names = ("excess", "excess_low", "excess_high")
    assert [row[name] for name in names] == pytest.approx([5.0, 0, 10.0])
    assert [row["excess_50"], row["excess_50_low"]] == pytest.approx([30.0, 20.0])
    assert "excess_100" not in row
    assert (row["least_edp"], row["edp"], row["seeds"], row["trials"]) == (100.0, 105.0, 2, 60)


@pytest.mark.parametrize(
    ("seeds", "expected"),
    [
        ([[200.0, 100.9], [200.0, 200.0, 200.0, 100.0]], 3.0),
        ([[100.9], [200.0]], INF),
        ([[100.9], [200.0, 100.5], [200.0]], 2.0),
    ],
)
def test_the_median_search_reaches_or_does_not(seeds: list[list[float]], expected: float) -> None:
    """Infinite where the median seed never comes within 1 %."""
    assert searches(6, a=seeds).ends()["reach"].tolist() == [expected]


def test_intervals_are_exact() -> None:
    """Of nine searches the second and the eighth, at the end and on the way."""
    values = [[100.0 + 10 * seed**1.5] for seed in range(9)]

    (row,) = searches(60, a=values[::-1]).ends((50,)).to_dict("records")

    for name in ("excess", "excess_50"):
        found = row[f"{name}_low"], row[f"{name}_high"]
        assert found == pytest.approx((10.0, 10 * 7**1.5))


def test_a_layer_that_nothing_fits_has_an_infinite_excess() -> None:
    """Its searches leave one row without an EDP, and its optimum is NaN."""
    none = trials(1, a=[[NAN]]).assign(layer="none")
    optima = pd.concat([OPTIMA, OPTIMA.assign(layer="none", edp=NAN)])
    both = course(pd.concat([trials(60, a=[[100.0]]), none]), BY, optima)

    table = both.ends((50,)).set_index("layer")

    assert np.isposinf(table.loc["none", ["excess", "excess_50", "reach"]].astype(float)).all()
    assert table.loc["L", "excess"] == 0.0
    assert set(both.curves("excess").query("layer == 'none'")["median"]) == {INF}


def test_curves_have_medians_and_quartiles() -> None:
    """Over seeds, for every trial; trials count from 1."""
    lines = searches(3, a=[[140.0, 120.0, 100.0], [200.0, 200.0, 200.0]]).curves("excess")

    assert lines["trial"].tolist() == [1, 2, 3]
    assert lines["median"].tolist() == pytest.approx([70.0, 60.0, 50.0])
    assert lines["lower"].tolist() == pytest.approx([55.0, 40.0, 25.0])
    assert lines["upper"].tolist() == pytest.approx([85.0, 80.0, 75.0])
    assert set(lines["seeds"]) == {2}


def test_curves_count_the_searches_that_are_still_running() -> None:
    """A search that ended earlier has no part in later trials."""
    table = trials(2, a=[[140.0], [200.0]])

    lines = course(table[:3], BY, OPTIMA).curves("excess")

    assert lines["seeds"].tolist() == [2, 1]
    assert lines["median"].tolist() == pytest.approx([70.0, 40.0])


def test_curves_may_be_interpolated_in_reciprocals() -> None:
    """Of seeds at 1/4 and nothing, 1/8 is the median: the axis on which the paper draws."""
    lines = searches(2, a=[[400.0, 200.0], [NAN, 100.0]]).curves("excess", on_reciprocal=True)

    assert lines["median"].tolist() == pytest.approx([700.0, 100 / 3])
    assert lines["lower"].tolist() == pytest.approx([1300 / 3, 100 / 7])
    assert lines["upper"].tolist() == pytest.approx([1500.0, 60.0])


def test_reciprocals_of_the_excess() -> None:
    """1 is the least EDP, 0 is nothing feasible."""
    assert reciprocal(np.array([0.0, 100.0, INF])).tolist() == [1.0, 0.5, 0.0]


def test_intervals_may_be_interpolated_in_reciprocals() -> None:
    """Bounds change sides with the axis, and are the same searches."""
    values = np.array([0.0, 300.0])

    found = interval("x", values, on_reciprocal=True)

    assert found == pytest.approx({"x": 60.0, "x_low": 0.0, "x_high": 300.0})
    assert interval("x", values)["x"] == 150.0
