"""B4: ranks by hand; duels have tests of their own (`tests/study/test_duels.py`)."""

from __future__ import annotations

import pandas as pd

from codesign.study.comparison.table import hardware_course
from codesign.study.course import Course
from codesign.study.results.b4.table import anytime, ranks


def searches(**ends: list[float]) -> Course:
    """Two trials per search: the first is not feasible, the second has the given EDP per seed."""
    nan = float("nan")
    rows = [
        ("M", method, seed, trial, edp)
        for method, values in ends.items()
        for seed, last in enumerate(values)
        for trial, edp in enumerate((nan, last))
    ]
    columns = ["model", "method", "seed", "trial", "best_edp"]
    return hardware_course(
        pd.DataFrame(rows, columns=columns).assign(space="hardware", layer="all")
    )


def test_ranks_are_those_to_expect() -> None:
    """Of 1 and 2 of `a`, 2 and 2 of `b`, 3 and 3 of `c`, each against each, where ties share."""
    table = ranks(searches(c=[3.0, 3.0], a=[1.0, 2.0], b=[2.0, 2.0]))

    assert table["method"].tolist() == ["a", "b", "c"]
    assert table["rank"].tolist() == [1.25, 1.75, 3.0]
    assert table["best"].tolist() == [1.0, 0.0, 0.0]
    assert table["rank"].sum() == 1 + 2 + 3


def test_ranks_do_not_depend_on_which_seed_met_which() -> None:
    """Seeds of one method change places."""
    first = ranks(searches(a=[1.0, 4.0, 2.0], b=[3.0, 1.5, 2.5]))

    assert first.equals(ranks(searches(a=[4.0, 2.0, 1.0], b=[3.0, 1.5, 2.5])))


def test_ranks_are_means_over_tasks() -> None:
    """First on one model and second on the other; the range is over models."""
    one = searches(a=[1.0, 1.0], b=[2.0, 2.0]).table
    other = searches(a=[2.0, 2.0], b=[1.0, 1.0]).table.assign(model="N")
    both = Course(pd.concat([one, other], ignore_index=True), ("space", "model", "layer"))

    table = ranks(both).set_index("method")

    assert table.loc["a", ["rank", "rank_low", "rank_high", "tasks"]].tolist() == [1.5, 1, 2, 2]


def test_ranks_at_any_time() -> None:
    """Nobody has anything at first; then a leads."""
    table = anytime(searches(a=[1.0, 1.0], b=[2.0, 3.0]))

    assert table.set_index(["trial", "method"])["rank"].to_dict() == {
        (1, "a"): 1.5,
        (1, "b"): 1.5,
        (2, "a"): 1.0,
        (2, "b"): 2.0,
    }
