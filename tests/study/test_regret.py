"""Regret by hand: two methods, two seeds, a known optimum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from codesign.study.regret import regrets, with_regret
from codesign.study.results.r2 import table as r2

BY = ["model", "layer"]
OPTIMA = pd.DataFrame([("net", "L", 100.0)], columns=[*BY, "edp"])


def searches(length: int, **best: list[list[float]]) -> pd.DataFrame:
    """Best EDP so far of every method's seeds, extended to `length` trials."""
    rows = [
        ("net", "L", method, seed, trial, values[min(trial, len(values) - 1)])
        for method, seeds in best.items()
        for seed, values in enumerate(seeds)
        for trial in range(length)
    ]
    return pd.DataFrame(rows, columns=[*BY, "method", "seed", "trial", "best_edp"])


def test_regret_is_the_excess_over_the_optimum_in_percent() -> None:
    """150 is 50 % above 100; the optimum itself has none, and nothing feasible has no regret."""
    table = with_regret(searches(3, a=[[np.nan, 150.0, 100.0]]), OPTIMA, BY)

    assert table["regret"].tolist() == pytest.approx([np.nan, 50.0, 0.0], nan_ok=True)


def test_medians_over_seeds_at_the_end_and_at_checkpoints() -> None:
    """Seeds at 20 and 40 % after 50 of 60 trials, 0 and 10 % at the end; 100 is beyond."""
    late = [[120.0] * 55 + [100.0], [140.0] * 55 + [110.0]]

    (row,) = regrets(searches(60, a=late), OPTIMA, BY, seed=0).to_dict("records")

    assert [row["regret"], row["regret_low"], row["regret_high"]] == pytest.approx([5.0, 0, 10.0])
    assert [row["regret_50"], row["regret_50_low"]] == pytest.approx([30.0, 20.0])
    assert "regret_100" not in row
    assert row["optimum_edp"] == 100.0


@pytest.mark.parametrize(
    ("seeds", "expected"),
    [
        ([[200.0, 100.9], [200.0, 200.0, 200.0, 100.0]], 3.0),
        ([[100.9], [200.0]], np.nan),
        ([[100.9], [200.0, 100.5], [200.0]], 2.0),
        ([[101.1]], np.nan),
    ],
)
def test_trials_to_come_within_one_percent(seeds: list[list[float]], expected: float) -> None:
    """Trials count from 1; NaN where the median seed never comes near."""
    table = regrets(searches(6, a=seeds), OPTIMA, BY, seed=0)

    assert table["trials_to_1_percent"].tolist() == pytest.approx([expected], nan_ok=True)


def test_a_layer_that_nothing_fits_has_no_regret() -> None:
    """Its searches leave one row without an EDP, and its optimum is NaN."""
    other = searches(60, a=[[100.0]])
    none = searches(1, a=[[np.nan]]).assign(layer="none")
    optima = pd.concat([OPTIMA, OPTIMA.assign(layer="none", edp=np.nan)])

    table = regrets(pd.concat([other, none]), optima, BY, seed=0).set_index("layer")

    assert table.loc["none", ["regret", "regret_50", "trials_to_1_percent"]].isna().all()
    assert table.loc["L", "regret"] == 0.0


def test_r2_is_relative_to_the_optimum_not_to_the_best_found() -> None:
    """The best method found 125, the optimum is 100: it ends at 0.8."""
    trials = searches(50, a=[[250.0, 125.0]], b=[[200.0]])

    ends = r2.table(trials, OPTIMA, seed=0).set_index("method")
    curves = r2.curves(trials, OPTIMA)

    assert ends["median"].to_dict() == {"a": 0.8, "b": 0.5}
    assert ends["regret_50"].to_dict() == pytest.approx({"a": 25.0, "b": 100.0})
    assert curves[curves["method"] == "a"]["median"].tolist()[:2] == [0.4, 0.8]
