"""Methods compared by hand: excess, failures, ratios and wins of paired seeds, summing up."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from codesign.study.comparison.table import curves, summed_up, table
from codesign.study.course import Course
from tests.study.courses import hardware_course, mapping_course

NAN = float("nan")


@pytest.fixture
def course() -> Course:
    """Two layers of optimum 100; `a` is ahead of `bo` on x and level on y, its first trial fails.

    Seeds differ on x alone: 200 and 400 of bo, 100 and 400 of a.
    """
    return mapping_course(
        {
            ("x", "bo", 0): [300.0, 200.0],
            ("x", "bo", 1): [400.0, 500.0],
            ("y", "bo", 0): [150.0, 100.0],
            ("y", "bo", 1): [100.0, 100.0],
            ("x", "a", 0): [NAN, 100.0],
            ("x", "a", 1): [NAN, 400.0],
            ("y", "a", 0): [100.0, 100.0],
            ("y", "a", 1): [100.0, 100.0],
        }
    )


def test_excess_is_above_the_optimum(course: Course) -> None:
    """Medians over two seeds; of the groups together the geometric mean, seed by seed."""
    ends = table(course, seed=0).set_index(["layer", "method"])

    assert ends.loc[("x", "bo"), "excess"] == pytest.approx((100 + 300) / 2)
    assert ends.loc[("x", "a"), ["excess", "excess_low", "excess_high"]].tolist() == [
        150.0,
        0.0,
        300.0,
    ]
    assert ends.loc[("y", "bo"), "excess"] == 0.0
    # Seed 0: √(2·1); seed 1: √(4·1).
    together = 100 * (math.sqrt(2) + 2) / 2 - 100
    assert ends.loc[("all", "bo"), "excess"] == pytest.approx(together)


def test_seeds_are_paired(course: Course) -> None:
    """On x, `a` halves bo's EDP with seed 0 and ties with seed 1: one win and a half of two."""
    ends = table(course, seed=0).set_index(["layer", "method"])

    assert ends.loc[("x", "a"), ["ratio", "wins"]].tolist() == [0.75, 0.75]
    assert ends.loc[("y", "a"), ["ratio", "wins"]].tolist() == [1.0, 0.5]
    assert ends.loc[("x", "bo"), ["ratio", "wins"]].tolist() == [1.0, 0.5]


def test_failures_are_shares_of_the_trials(course: Course) -> None:
    """Half of a's trials on x failed, a quarter of those of both layers."""
    ends = table(course, seed=0).set_index(["layer", "method"])

    assert ends.loc[("x", "a"), "failed"] == 50.0
    assert ends.loc[("all", "a"), "failed"] == 25.0
    assert ends.loc[("all", "bo"), "failed"] == 0.0


def test_trials_until_near(course: Course) -> None:
    """Within 1 % of the optimum: bo on y after 2 and 1 trials, on x with neither seed."""
    ends = table(course, seed=0).set_index(["layer", "method"])

    assert ends.loc[("y", "bo"), "reach"] == 1.5
    assert ends.loc[("x", "bo"), ["reach", "reach_low"]].tolist() == [math.inf, math.inf]
    assert ends.loc[("all", "a"), ["reach", "reach_low"]].tolist() == [math.inf, 2.0]


def test_without_the_reference_nothing_is_paired(course: Course) -> None:
    """Excess needs no partner."""
    ends = table(Course(course.table[course.table["method"] == "a"], course.by), seed=0)

    assert ends[["ratio", "wins"]].isna().all(axis=None)
    assert ends["excess"].notna().all()


def test_hardware_is_held_against_the_best_found() -> None:
    """Nobody knows the optimum: the best of all methods and seeds stands for it."""
    course = hardware_course(
        {("bo", 0): [60.0, 50.0], ("bo", 1): [75.0, 75.0], ("a", 0): [NAN, NAN]}
    )
    ends = table(course, seed=0).query("model == 'M'").set_index("method")

    assert ends.loc["bo", ["excess", "excess_low", "excess_high"]].tolist() == [25.0, 0.0, 50.0]
    assert ends.loc["a", "excess"] == math.inf
    assert ends.loc["a", ["ratio", "wins", "failed"]].tolist() == [math.inf, 0.0, 100.0]


def test_the_same_seed_gives_the_same_intervals(course: Course) -> None:
    """And the order of the rows is that of the trials."""
    first = table(course, seed=0)

    pd.testing.assert_frame_equal(first, table(course, seed=0))
    assert first["layer"].tolist() == ["x", "y", "x", "y", "all", "all"]


def test_curves_have_medians_and_quartiles_of_all_layers_together(course: Course) -> None:
    """Infinite until every layer has a feasible trial; failures are counted so far."""
    lines = curves(summed_up(course)).set_index(["method", "quantity", "trial"]).sort_index()

    assert lines.loc[("a", "excess", 1), "median"] == math.inf
    assert lines.loc[("a", "excess", 2), ["lower", "upper"]].tolist() == [25.0, 75.0]
    assert lines.loc[("a", "failed"), "median"].tolist() == [50.0, 25.0]
    assert set(lines["search"]) == {"mapping"}


def test_searches_of_both_kinds_are_summed_up_by_themselves(course: Course) -> None:
    """Two layers there, one model here."""
    hardware = hardware_course({("bo", 0): [3.0, 2.0]})
    both = pd.concat([course.table, hardware.table], ignore_index=True)

    together = summed_up(Course(both, course.by)).table

    assert together.groupby("search").size().to_dict() == {"mapping": 8, "hardware": 2}


def test_curves_have_no_gaps_where_seeds_found_nothing() -> None:
    """Quartiles of infinite and finite values are values, never NaN."""
    course = hardware_course(
        {("bo", seed): [NAN, 50.0] if seed else [NAN, NAN] for seed in range(4)}
    )

    assert not np.isnan(curves(course)[["lower", "median", "upper"]]).any(axis=None)
