"""The progress of searches, in one measure: the excess of the least EDP found so far.

The excess is how far that EDP is above the least, in %: 100 · (EDP / least − 1). The least is a
proven optimum or bound, or the best EDP that any of the searches found. The excess is infinite
before the first feasible trial. The number of trials until a search is near the least is infinite
if it never is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from codesign.study.statistics import Floats, median_interval, quantiles

NEAR_PERCENT = 1.0
"""A search is near the least if its excess is at most this, in %."""

ROUNDING_PERCENT = 1e-9
"""An EDP may be below a proven optimum by up to this, in %, because of rounding. It counts as
equal."""

SHARES = (0.25, 0.5, 0.75)
"""The quantiles in curves: `lower, median, upper`."""


@dataclass(frozen=True)
class Course:
    """The trials of searches, in groups of searches with the same least EDP.

    Args:
        table: one row per trial: `by`, `method, seed, trial` (from 0), `best_edp` and `least_edp`
            (pJ·cycles), `excess` (%), and, if `feasible` is known, `failed`, the share of failed
            trials so far (%). Trials without an improvement may be left out.
        by: the columns that define a group: model and layer, or model.
    """

    table: pd.DataFrame
    by: tuple[str, ...]

    @property
    def keys(self) -> list[str]:
        """The columns that identify a search."""
        return [*self.by, "method", "seed"]

    def at(self, trials: int | None = None) -> pd.DataFrame:
        """One row per search: its state after `trials` trials, or at its end if None.

        It is the row of the last trial up to then. If there is none, the excess is infinite.
        """
        rows = self.table if trials is None else self.table[self.table["trial"] < trials]
        return self._of_all(rows.loc[rows.groupby(self.keys, sort=False)["trial"].idxmax()])

    def reach(self, percent: float | pd.Series) -> pd.DataFrame:
        """One row per search: the first trial with an excess of at most `percent`.

        `reach` is the number of trials up to it; infinite if there is no such trial.

        Args:
            percent: one number, or one for every row of the table.
        """
        is_near = (self.table["excess"] <= percent) & np.isfinite(self.table["excess"])
        near = self.table[is_near]
        rows = near.loc[near.groupby(self.keys, sort=False)["trial"].idxmin()]
        found = self._of_all(rows.assign(reach=rows["trial"] + 1.0))
        return found.assign(reach=found["reach"].fillna(np.inf))

    def _of_all(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`rows` with a row for every search, in the order of searches; new rows have NaN."""
        searches = self.table[self.keys].drop_duplicates()
        found = searches.merge(rows, how="left", on=self.keys, validate="one_to_one")
        return found.assign(excess=found["excess"].fillna(np.inf))

    def curves(self, *quantities: str, on_reciprocal: bool = False) -> pd.DataFrame:
        """Medians and quartiles over seeds, for every trial.

        Columns: `by`, `method`, `trial` (from 1), `quantity`, `median, lower, upper` (%), `seeds`.

        Args:
            quantities: `excess` or `failed`, or both.
            on_reciprocal: as in `interval`.
        """
        parts = []
        for key, group in self.table.groupby([*self.by, "method"], sort=False):
            place = dict(zip([*self.by, "method"], key, strict=True))
            for quantity in quantities:
                wide = group.pivot_table(quantity, "trial", "seed", aggfunc="first")
                values = wide.to_numpy(np.float64)
                if on_reciprocal:
                    # A large reciprocal is a small excess, so the order is reversed.
                    upper, median, lower = _excess(_quantiles_by_row(reciprocal(values)))
                else:
                    lower, median, upper = _quantiles_by_row(values)
                columns = {"median": median, "lower": lower, "upper": upper}
                made = {"trial": wide.index + 1, "quantity": quantity} | columns
                parts.append(pd.DataFrame(place | made | {"seeds": wide.notna().sum(axis=1)}))
        return pd.concat(parts, ignore_index=True)

    def searches(self, stops: Sequence[int] = ()) -> pd.DataFrame:
        """One row per search: its last trial, and its excess on the way.

        Further columns: `trials`, their number; `reach`, the number of trials until the excess is
        at most `NEAR_PERCENT`; and `excess_STOP`, the excess after each number in `stops`.
        """
        last = self.at()
        near = self.reach(NEAR_PERCENT)["reach"]
        on_the_way = {f"excess_{stop}": self.at(stop)["excess"] for stop in stops}
        return last.assign(trials=last["trial"] + 1, reach=near, **on_the_way)

    def ends(self, stops: Sequence[int] = (), on_reciprocal: bool = False) -> pd.DataFrame:
        """One row per group and method: its results at the end and on the way.

        Columns: `by`, `method`, `seeds`, `trials`; `edp`, the median of the least EDP, and
        `least_edp`; then medians over seeds with intervals `X_low` and `X_high`: `excess` at the
        end, `excess_STOP` after each number in `stops` within the budget, `reach`, and `failed` if
        it is known.

        Args:
            stops: numbers of trials.
            on_reciprocal: as in `interval`, for `excess` at the end.
        """
        most = int(self.table["trial"].max()) + 1
        stops = [stop for stop in stops if stop <= most]
        others = [*(f"excess_{stop}" for stop in stops), "reach"]
        others += ["failed"] if "failed" in self.table else []
        rows = []
        for row, group in by_method(self.searches(stops), self.by):
            row |= interval("excess", group["excess"], on_reciprocal)
            for name in others:
                row |= interval(name, group[name])
            rows.append(row)
        return pd.DataFrame(rows)


def by_method(
    searches: pd.DataFrame, by: Sequence[str]
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """The searches of each group and method, with the first columns of their row.

    The row has `by`, `method`, `seeds`, `trials`, `edp` (the median of the least EDP, pJ·cycles)
    and `least_edp`.
    """
    names = [*by, "method"]
    for key, group in searches.groupby(names, sort=False):
        row: dict[str, Any] = dict(zip(names, key, strict=True))
        row |= {"seeds": len(group), "trials": int(group["trials"].max())}
        row["edp"] = float(group["best_edp"].median())
        row["least_edp"] = float(group["least_edp"].iloc[0])
        yield row, group


def course(trials: pd.DataFrame, by: Sequence[str], least: pd.DataFrame | None = None) -> Course:
    """The course of searches, from their trials.

    Args:
        trials: one row per trial: `by`, `method, seed, trial` (from 0), `best_edp`, the least EDP
            so far (NaN before the first feasible trial), and, if failures count, `feasible`.
        by: the columns that define a group.
        least: the least EDP, as `edp`, by some of the columns in `by`. None for the best EDP that
            any search of a group found.
    """
    table = trials.reset_index(drop=True)
    if least is None:
        lowest = table.groupby(list(by), sort=False)["best_edp"].transform("min")
    else:
        keys = [name for name in by if name in least]
        known = table[keys].merge(least[[*keys, "edp"]], how="left", on=keys, validate="m:1")
        lowest = known["edp"]
    table = table.assign(least_edp=lowest, excess=excess(table["best_edp"], lowest))
    if "feasible" in table:
        search = [table[name] for name in (*by, "method", "seed")]
        failures = (~table["feasible"]).groupby(search, sort=False).cumsum()
        done = table.groupby([*by, "method", "seed"], sort=False).cumcount() + 1
        table = table.assign(failed=100 * (failures / done))
    return Course(table, tuple(by))


def excess(edp: pd.Series, least: pd.Series | float) -> pd.Series:
    """How far an EDP is above the least, in %; infinite if it is NaN."""
    values = 100 * (edp / least - 1)
    return values.mask(values.between(-ROUNDING_PERCENT, 0.0), 0.0).fillna(np.inf)


def reciprocal(values: Floats) -> Floats:
    """Least EDP / EDP, from the excess: 1 for the least, 0 for an infinite excess."""
    return np.asarray(1 / (1 + values / 100), np.float64)


def _excess(reciprocals: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(100 * (1 / reciprocals - 1), np.float64)


def interval(
    name: str, values: pd.Series | Floats, on_reciprocal: bool = False
) -> dict[str, float]:
    """The median over searches with its exact interval: `name`, `name_low`, `name_high`.

    Args:
        name: the name of the quantity.
        values: the value of each search.
        on_reciprocal: whether to interpolate between two searches in 1/EDP, which the paper
            draws, instead of in EDP.
    """
    numbers = np.asarray(values, np.float64)
    if on_reciprocal:
        found = np.array(median_interval(reciprocal(numbers)))
        median, high, low = map(float, _excess(found))
    else:
        median, low, high = median_interval(numbers)
    return {name: median, f"{name}_low": low, f"{name}_high": high}


def _quantiles_by_row(values: Floats) -> Floats:
    """[3, rows], the quantiles `SHARES` of every row, without NaN (searches that have ended)."""
    if not np.isfinite(values).all():
        return np.array([quantiles(row[~np.isnan(row)], SHARES) for row in values]).T
    return np.asarray(np.quantile(values, SHARES, axis=1), np.float64)
