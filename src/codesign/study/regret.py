"""How far searches end from the proven optimum, and how soon they come near it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from codesign.study.statistics import median_interval

CHECKPOINTS = (50, 100)
"""Trials after which regret is told, besides the last."""

NEAR_PERCENT = 1.0
"""What counts as near the optimum."""


def with_regret(trials: pd.DataFrame, optima: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Adds `optimum_edp` and `regret`, by how many % the least EDP so far exceeds it."""
    least = optima[[*by, "edp"]].rename(columns={"edp": "optimum_edp"})
    table = trials.merge(least, on=by, how="left", validate="many_to_one")
    return table.assign(regret=100 * (table["best_edp"] / table["optimum_edp"] - 1))


def regrets(trials: pd.DataFrame, optima: pd.DataFrame, by: list[str], seed: int) -> pd.DataFrame:
    """Regret of every method in %, medians over seeds with intervals: one row a group and method.

    Columns: `by`, `method`, `optimum_edp` (pJ·cycles), `regret, regret_low, regret_high` at the
    end of the budget, the same at every checkpoint within it (`regret_50, regret_50_low, …`), and
    `trials_to_1_percent`: the median number of trials after which the least EDP is within 1 % of
    the optimum, NaN where the median seed never gets there.
    """
    table = with_regret(trials, optima, by)
    budget = int(table["trial"].max()) + 1
    stops = {f"regret_{stop}": stop for stop in CHECKPOINTS if stop <= budget}
    rows = []
    for number, (key, group) in enumerate(table.groupby([*by, "method"], sort=False)):
        row = dict(zip([*by, "method"], key, strict=True))
        row["optimum_edp"] = float(group["optimum_edp"].iloc[0])
        row["trials_to_1_percent"] = _trials_to(group, NEAR_PERCENT)
        last = int(group["trial"].max()) + 1
        for name, stop in {"regret": last, **stops}.items():
            values = group[group["trial"] == stop - 1]["regret"].to_numpy(np.float64)
            rng = np.random.default_rng([seed, number, stop])
            row[name], row[f"{name}_low"], row[f"{name}_high"] = median_interval(values, rng)
        rows.append(row)
    return pd.DataFrame(rows)


def _trials_to(searches: pd.DataFrame, percent: float) -> float:
    """The median over seeds of the first trial, from 1, whose regret is at most `percent`."""
    near = searches[searches["regret"] <= percent].groupby("seed")["trial"].min() + 1
    firsts = near.reindex(searches["seed"].unique()).fillna(math.inf)
    median = float(firsts.median())
    return median if math.isfinite(median) else math.nan
