"""Methods compared by hand: excess, failures, duels with the paper's method, summing up."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from codesign.study.comparison.table import curves, summed_up, table
from codesign.study.comparison.table import mapping_course as of_mappings
from codesign.study.comparison.view import ends_in_words
from codesign.study.course import Course
from codesign.study.spaces import TASK
from tests.study.courses import OPTIMA, SPACE, hardware_course, mapping_course, trials

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


def test_searches_that_end_no_better_than_their_chip_are_told() -> None:
    """One search by `a` never improves on its chip, and one by `bo` does not find anything."""
    found = {
        ("bo", 0): [100.0, 90.0],
        ("bo", 1): [NAN, NAN],
        ("a", 0): [100.0, 120.0],
        ("a", 1): [100.0, 80.0],
    }
    searches = hardware_course(found).table
    has_none = (searches["method"] == "bo") & (searches["seed"] == 1)

    rows = table(Course(searches.assign(chip_edp=np.where(has_none, np.inf, 100.0)), tuple(TASK)))

    assert rows.set_index("method")["no_better"].to_dict() == {"bo": 50.0, "a": 50.0}
    assert "no better than their chip, %: hardware: " in ends_in_words(rows)


def test_without_chips_nothing_is_said_of_them(course: Course) -> None:
    """Mapping searches have none."""
    rows = table(course)

    assert rows["no_better"].isna().all()
    assert "chip" not in ends_in_words(rows)


def by_layer(course: Course) -> pd.DataFrame:
    """The table by layer and method; the row of both layers is that of the whole space."""
    rows = table(course)
    is_model = (rows["model"] == "M") & (rows["layer"] == "all")
    return rows[~is_model].set_index(["layer", "method"])


def test_excess_is_above_the_optimum(course: Course) -> None:
    """Medians over two seeds; of the groups together the geometric mean, seed by seed."""
    ends = by_layer(course)

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


def test_all_searches_of_a_layer_are_compared(course: Course) -> None:
    """On x, 100 and 400 of `a` against 200 and 400 of bo; on y, all four pairs tie."""
    ends = by_layer(course)

    shown = ["wins", "ties", "losses", "ties_at_least", "saturated"]
    assert ends.loc[("x", "a"), shown].tolist() == [2, 1, 1, 0, False]
    assert ends.loc[("y", "a"), shown].tolist() == [0, 4, 0, 4, True]
    # Ratios of 1/2, 1/4, 2 and 1; in all, four ties more.
    assert ends.loc[("x", "a"), "ratio"] == pytest.approx(math.sqrt(0.5))
    assert ends.loc[("all", "a"), "ratio"] == 1.0
    assert ends.loc[("x", "bo"), ["ratio", "wins"]].isna().all()


def test_failures_are_shares_of_the_trials(course: Course) -> None:
    """Half of a's trials on x failed, a quarter of those of both layers."""
    ends = by_layer(course)

    assert ends.loc[("x", "a"), "failed"] == 50.0
    assert ends.loc[("all", "a"), "failed"] == 25.0
    assert ends.loc[("all", "bo"), "failed"] == 0.0


def test_trials_until_near(course: Course) -> None:
    """Within 1 % of the optimum: bo on y after 2 and 1 trials, on x with neither seed."""
    ends = by_layer(course)

    assert ends.loc[("y", "bo"), "reach"] == 1.5
    assert ends.loc[("x", "bo"), ["reach", "reach_low"]].tolist() == [math.inf, math.inf]
    assert ends.loc[("all", "a"), ["reach", "reach_low"]].tolist() == [math.inf, 2.0]


def test_without_the_reference_there_are_no_duels(course: Course) -> None:
    """Excess needs no rival."""
    ends = table(Course(course.table[course.table["method"] == "a"], course.by))

    assert ends[["ratio", "wins"]].isna().all(axis=None)
    assert ends["excess"].notna().all()


def test_hardware_is_held_against_the_best_found() -> None:
    """Nobody knows the optimum: the best of all methods and seeds stands for it."""
    course = hardware_course(
        {("bo", 0): [60.0, 50.0], ("bo", 1): [75.0, 75.0], ("a", 0): [NAN, NAN]}
    )
    ends = table(course).query("model == 'M'").set_index("method")

    assert ends.loc["bo", ["excess", "excess_low", "excess_high"]].tolist() == [25.0, 0.0, 50.0]
    assert ends.loc["a", "excess"] == math.inf
    assert ends.loc["a", ["ratio", "wins", "losses"]].tolist() == [math.inf, 0.0, 2.0]
    assert ends.loc["a", "failed"] == 100.0


def test_rows_are_in_the_order_of_the_trials(course: Course) -> None:
    """Single layers, then all of them; which seed a search had does not matter to its duel."""
    first = table(course)
    renamed = course.table.assign(
        seed=np.where(course.table["method"] == "a", 1 - course.table["seed"], course.table["seed"])
    )

    assert first["layer"].tolist() == ["x", "y", "x", "y", "all", "all", "all", "all"]
    assert first["model"].tolist() == ["M"] * 6 + ["all"] * 2
    again = table(Course(renamed, course.by))
    duels = ["wins", "ties", "losses", "ratio", "ratio_low", "ratio_high", "p", "outcome"]
    pd.testing.assert_frame_equal(first[duels], again[duels])


def test_curves_have_medians_and_quartiles_of_all_layers_together(course: Course) -> None:
    """Infinite until every layer has a feasible trial; failures are counted so far."""
    lines = curves(summed_up(course)).set_index(["method", "quantity", "trial"]).sort_index()

    assert lines.loc[("a", "excess", 1), "median"] == math.inf
    assert lines.loc[("a", "excess", 2), ["lower", "upper"]].tolist() == [25.0, 75.0]
    assert lines.loc[("a", "failed"), "median"].tolist() == [50.0, 25.0]
    assert set(lines["space"]) == {SPACE}


def test_searches_of_both_kinds_are_summed_up_by_themselves(course: Course) -> None:
    """Two layers there, one model here."""
    hardware = hardware_course({("bo", 0): [3.0, 2.0]})
    both = pd.concat([course.table, hardware.table], ignore_index=True)

    together = summed_up(Course(both, course.by)).table

    assert together.groupby("space").size().to_dict() == {SPACE: 8, "hardware": 2}


def test_curves_have_no_gaps_where_seeds_found_nothing() -> None:
    """Quartiles of infinite and finite values are values, never NaN."""
    course = hardware_course(
        {("bo", seed): [NAN, 50.0] if seed else [NAN, NAN] for seed in range(4)}
    )

    assert not np.isnan(curves(course)[["lower", "median", "upper"]]).any(axis=None)


def test_an_optimum_that_is_not_proven_is_the_best_known() -> None:
    """A search may end below what the exact mapper found; below a proven optimum it may not."""
    found = trials({("x", "a", 0): [90.0], ("y", "a", 0): [120.0]}).assign(space=SPACE)

    bound = of_mappings(found, OPTIMA.assign(certificate="bound")).table
    proven = of_mappings(found, OPTIMA).table

    assert bound["least_edp"].tolist() == [90.0, 100.0]
    assert proven["least_edp"].tolist() == [100.0, 100.0]
