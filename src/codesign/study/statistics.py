"""Medians with bootstrap intervals, and curves of a search's progress."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LEVEL = 0.95
SIGNIFICANT = 0.05
"""What a corrected p has to be below."""

RESAMPLES = 10_000

Floats = NDArray[np.float64]


def median_interval(
    values: Floats, rng: np.random.Generator, level: float = LEVEL, resamples: int = RESAMPLES
) -> tuple[float, float, float]:
    """The median of `values` with its percentile-bootstrap interval: median, low, high.

    With n repeats the interval says how the median would move had other seeds been drawn; for
    n = 1 it is the value itself. NaN counts as a value: a median over it is NaN. Values may be
    infinite, see `quantiles`.
    """
    values = np.asarray(values, np.float64)
    if not len(values):
        return math.nan, math.nan, math.nan
    draws = rng.integers(len(values), size=(resamples, len(values)))
    medians = np.median(values[draws], axis=1)
    low, high = quantiles(medians, [(1 - level) / 2, (1 + level) / 2])
    return float(np.median(values)), float(low), float(high)


def quantiles(values: Floats, shares: Sequence[float]) -> Floats:
    """Quantiles of values that may be infinite, as of searches that found nothing.

    Nothing can be interpolated between infinities: where there are any, the next higher value
    is taken.
    """
    method: Literal["linear", "higher"] = "higher" if np.isinf(values).any() else "linear"
    return np.asarray(np.quantile(values, shares, method=method), np.float64)


def share_interval(hits: int, draws: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's 95 % interval of a share: also right where hardly any draw hits."""
    if draws == 0:
        return 0.0, 1.0
    share, weight = hits / draws, z * z / draws
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / draws + weight / (4 * draws))
    return max(0.0, centre - half), min(1.0, centre + half)


def normalised(
    trials: pd.DataFrame, by: list[str], optima: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Adds `reciprocal_edp`: least EDP of a group / least EDP so far.

    The least is the `edp` of the group in `optima`, so that 1 is the optimum; without `optima` it
    is that of all searches, and 1 the best that any method found in any repeat. Before anything
    is feasible it is 0.
    """
    if optima is None:
        best = trials.groupby(by, sort=False)["best_edp"].transform("min")
    else:
        least = trials[by].merge(optima[[*by, "edp"]], on=by, how="left", validate="many_to_one")
        best = least["edp"].set_axis(trials.index)
    return trials.assign(reciprocal_edp=(best / trials["best_edp"]).fillna(0.0))


def progress(
    trials: pd.DataFrame, by: list[str], optima: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Median and quartiles over seeds of best-so-far reciprocal EDP, for every trial.

    Columns: `by`, `method`, `trial` (from 1), `median`, `lower`, `upper`, `seeds`.
    """
    table = normalised(trials, by, optima)
    groups = table.groupby([*by, "method", "trial"], sort=False)["reciprocal_edp"]
    curves = groups.agg(median="median", lower=_first_quartile, upper=_third_quartile, seeds="size")
    return curves.reset_index().assign(trial=lambda frame: frame["trial"] + 1)


def outcomes(
    trials: pd.DataFrame, by: list[str], seed: int, optima: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Where every method ends: median over seeds with interval, one row a group and method.

    Columns: `by`, `method`, `seeds`, `trials`, `median`, `low`, `high` (reciprocal EDP), `edp`
    (median of the least EDP, pJ·cycles).
    """
    table = normalised(trials, by, optima)
    last = table[table["trial"] == table.groupby([*by, "method", "seed"])["trial"].transform("max")]
    rows = []
    for number, (key, group) in enumerate(last.groupby([*by, "method"], sort=False)):
        ends = group["reciprocal_edp"].to_numpy(np.float64)
        median, low, high = median_interval(ends, np.random.default_rng([seed, number]))
        rows.append(
            {
                **dict(zip([*by, "method"], key, strict=True)),
                "seeds": len(group),
                "trials": int(group["trial"].max()) + 1,
                "median": median,
                "low": low,
                "high": high,
                "edp": float(group["best_edp"].median()),
            }
        )
    return pd.DataFrame(rows)


def _first_quartile(values: pd.Series) -> float:
    return float(values.quantile(0.25))


def _third_quartile(values: pd.Series) -> float:
    return float(values.quantile(0.75))
