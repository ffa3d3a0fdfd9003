"""R6 by hand: a sampler with ten times the evaluations, of which improving trials are kept."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from codesign.study.results.r6.table import table
from tests.study.courses import OPTIMA, SPACE, trials


@pytest.fixture
def ends() -> pd.DataFrame:
    """bo ends at 110 (its second of two trials) with both seeds; the sampler is slower."""
    ours = (
        trials({("x", "bo", seed): [150.0, 110.0] for seed in (0, 1)})
        .assign(space=SPACE)
        .assign(space=SPACE)
    )
    rows = [
        ("M", "x", "s", 0, 0, 200.0),
        ("M", "x", "s", 0, 4, 110.0),
        ("M", "x", "s", 0, 19, 110.0),
        ("M", "x", "s", 1, 1, 105.0),
        ("M", "x", "s", 1, 19, 105.0),
    ]
    sampled = pd.DataFrame(rows, columns=["model", "layer", "method", "seed", "trial", "best_edp"])
    return table(ours, sampled.assign(space=SPACE), OPTIMA, [1, 10])


def test_budgets_are_multiples(ends: pd.DataFrame) -> None:
    """The method itself first, then the sampler with as many trials and with ten times as many."""
    assert ends["method"].tolist() == ["bo", "s", "s"]
    assert ends["evaluations"].tolist() == [2, 2, 20]


def test_excess_is_that_of_the_last_improvement_within_the_budget(ends: pd.DataFrame) -> None:
    """After two trials the seeds have 200 and 105, after twenty 110 and 105."""
    assert ends["excess"].tolist() == pytest.approx([10.0, 52.5, 7.5])


def test_all_pairs_are_compared(ends: pd.DataFrame) -> None:
    """With two trials the sampler wins with one of two seeds; with twenty the other one ties."""
    duels = ends.iloc[1:][["wins", "ties", "losses"]]

    assert duels.to_numpy().tolist() == [[2, 0, 2], [2, 2, 0]]
    assert ends["pairs"].isna().tolist() == [True, False, False]


def test_evaluations_to_come_level(ends: pd.DataFrame) -> None:
    """bo has its end after two trials; the sampler after five and two."""
    assert ends["reach"].tolist() == [2.0, 3.5, 3.5]


def test_who_never_comes_level_needs_infinitely_many() -> None:
    """The table says so, rather than the budget."""
    ours = trials({("x", "bo", 0): [100.0]}).assign(space=SPACE)
    theirs = trials({("x", "s", 0): [120.0, 110.0]}).assign(space=SPACE)

    ends = table(ours, theirs, OPTIMA, [2])

    assert ends["reach"].tolist() == [1.0, math.inf]


def test_raw_draws_are_told_where_they_are_known() -> None:
    """The sampler's count at the trial that comes level; the method itself draws none."""
    ours = trials({("x", "bo", 0): [110.0]}).assign(space=SPACE)
    theirs = trials({("x", "s", 0): [120.0, 110.0, 105.0]}).assign(space=SPACE, draws=[7, 30, 90])

    ends = table(ours, theirs, OPTIMA, [3])

    assert ends["reach_draws"].tolist() == pytest.approx([math.nan, 30.0], nan_ok=True)
