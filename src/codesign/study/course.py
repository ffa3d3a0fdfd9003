"""How searches get on, in one measure: the excess of the least EDP found so far.

The excess says by how many % that EDP is above the least there is, 100 · (EDP / least − 1). The
least is a proven optimum or bound, or the best that any of the searches found. Excess is infinite
until a trial is feasible, and so is the number of trials after which a search comes near, if it
never does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from codesign.study.statistics import Floats, median_interval, quantiles

NEAR_PERCENT = 1.0
"""The excess, in %, up to which a search counts as near the least."""

ROUNDING_PERCENT = 1e-9
"""Sums in another order may end so far below a proven optimum, in %: that counts as reaching it."""

SHARES = (0.25, 0.5, 0.75)
"""The quantiles that curves show: `lower, median, upper`."""


@dataclass(frozen=True)
class Course:
    """Searches trial by trial, in groups that share the least EDP.

    Args:
        table: one row per trial: `by`, `method, seed, trial` (from 0), `best_edp` and `least_edp`
            (pJ·cycles), `excess` (%), and `failed`, the share of the trials so far that failed
            (%), where `feasible` is known. Trials that improve nothing may be left out.
        by: the columns that make a group: a model and layer, or a model.
    """

    table: pd.DataFrame
    by: tuple[str, ...]

    @property
    def keys(self) -> list[str]:
        """The columns that tell one search."""
        return [*self.by, "method", "seed"]

    def at(self, trials: int | None = None) -> pd.DataFrame:
        """Every search after so many trials, or after all of its own: one row each.

        The row is that of its last trial until then. A search without any until then has an
        infinite excess.
        """
        rows = self.table if trials is None else self.table[self.table["trial"] < trials]
        return self._of_all(rows.loc[rows.groupby(self.keys, sort=False)["trial"].idxmax()])

    def reach(self, percent: float | pd.Series) -> pd.DataFrame:
        """Every search at its first trial whose excess is at most `percent`: one row each.

        `reach` is how many trials that takes, infinite where all of them do not suffice.

        Args:
            percent: one for all, or one for every row of the table.
        """
        is_near = (self.table["excess"] <= percent) & np.isfinite(self.table["excess"])
        near = self.table[is_near]
        rows = near.loc[near.groupby(self.keys, sort=False)["trial"].idxmin()]
        found = self._of_all(rows.assign(reach=rows["trial"] + 1.0))
        return found.assign(reach=found["reach"].fillna(np.inf))

    def _of_all(self, rows: pd.DataFrame) -> pd.DataFrame:
        """One row for each search, in their order, where `rows` may lack some."""
        searches = self.table[self.keys].drop_duplicates()
        found = searches.merge(rows, how="left", on=self.keys, validate="one_to_one")
        return found.assign(excess=found["excess"].fillna(np.inf))

    def curves(self, *quantities: str, on_reciprocal: bool = False) -> pd.DataFrame:
        """Medians and quartiles over seeds, trial by trial.

        Columns: `by`, `method`, `trial` (from 1), `quantity`, `median, lower, upper` (%), `seeds`.

        Args:
            quantities: `excess`, `failed`.
            on_reciprocal: see `interval`.
        """
        parts = []
        for key, group in self.table.groupby([*self.by, "method"], sort=False):
            place = dict(zip([*self.by, "method"], key, strict=True))
            for quantity in quantities:
                wide = group.pivot_table(quantity, "trial", "seed", aggfunc="first")
                values = wide.to_numpy(np.float64)
                if on_reciprocal:
                    # The order turns round: a large reciprocal is a small excess.
                    upper, median, lower = _excess(_quantiles_by_row(reciprocal(values)))
                else:
                    lower, median, upper = _quantiles_by_row(values)
                columns = {"median": median, "lower": lower, "upper": upper}
                made = {"trial": wide.index + 1, "quantity": quantity} | columns
                parts.append(pd.DataFrame(place | made | {"seeds": wide.notna().sum(axis=1)}))
        return pd.concat(parts, ignore_index=True)

    def searches(self, stops: Sequence[int] = ()) -> pd.DataFrame:
        """Where every search ends, and where it is on the way: one row each.

        That of its last trial, with `trials`, how many it has; `reach`, after how many its excess
        is at most `NEAR_PERCENT`; and `excess_STOP` after each of the `stops`.
        """
        last = self.at()
        near = self.reach(NEAR_PERCENT)["reach"]
        on_the_way = {f"excess_{stop}": self.at(stop)["excess"] for stop in stops}
        return last.assign(trials=last["trial"] + 1, reach=near, **on_the_way)

    def ends(self, seed: int, stops: Sequence[int] = ()) -> pd.DataFrame:
        """Where every method ends, and where it is on the way: one row per group and method.

        Columns: `by`, `method`, `seeds`, `trials`; `edp`, the median of the least EDP, and
        `least_edp`; then medians over seeds with `X_low` and `X_high`: `excess` at the end,
        `excess_STOP` after each of the `stops` within the budget, and `reach`.
        """
        most = int(self.table["trial"].max()) + 1
        stops = [stop for stop in stops if stop <= most]
        rows = []
        for number, (row, group) in enumerate(by_method(self.searches(stops), self.by)):
            points = {"excess": row["trials"], **{f"excess_{stop}": stop for stop in stops}}
            for name, stop in {**points, "reach": 0}.items():
                row |= interval(name, group[name], np.random.default_rng([seed, number, stop]))
            rows.append(row)
        return pd.DataFrame(rows)


def by_method(
    searches: pd.DataFrame, by: Sequence[str]
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """The searches of each group and method, with the beginning of a row on them.

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
    """The course of searches.

    Args:
        trials: one row per trial: `by`, `method, seed, trial` (from 0), `best_edp`, the least EDP
            so far (NaN before anything is feasible), and, if failures count, `feasible`.
        by: the columns that make a group.
        least: `edp` by those of the columns that it has; None stands for the best that any of
            the searches of a group found.
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
    """By how many % an EDP is above the least; infinite where there is none."""
    values = 100 * (edp / least - 1)
    return values.mask(values.between(-ROUNDING_PERCENT, 0.0), 0.0).fillna(np.inf)


def reciprocal(values: Floats) -> Floats:
    """The least EDP over that of searches, from their excess: 1 is the least, 0 is nothing."""
    return np.asarray(1 / (1 + values / 100), np.float64)


def _excess(reciprocals: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(100 * (1 / reciprocals - 1), np.float64)


def interval(
    name: str,
    values: pd.Series | Floats,
    rng: np.random.Generator,
    on_reciprocal: bool = False,
) -> dict[str, float]:
    """The median of searches with its bootstrap interval: `name`, `name_low`, `name_high`.

    Args:
        name: of the quantity.
        values: one for each search.
        rng: of the bootstrap.
        on_reciprocal: whether what lies between two searches is interpolated in 1/EDP, the axis
            on which the paper shows them, rather than in EDP.
    """
    numbers = np.asarray(values, np.float64)
    if on_reciprocal:
        found = np.array(median_interval(reciprocal(numbers), rng))
        median, high, low = map(float, _excess(found))
    else:
        median, low, high = median_interval(numbers, rng)
    return {name: median, f"{name}_low": low, f"{name}_high": high}


def drawn_as_reciprocal(curves: pd.DataFrame) -> pd.DataFrame:
    """Curves of the excess as curves of 1/EDP, for a figure with that axis."""
    names = {"median": "median", "lower": "upper", "upper": "lower"}
    turned = {new: reciprocal(curves[old].to_numpy(np.float64)) for new, old in names.items()}
    return curves.assign(**turned)


def _quantiles_by_row(values: Floats) -> Floats:
    """`SHARES` of every row, [3, rows]; NaN stands for a search that has ended before."""
    if not np.isfinite(values).all():
        return np.array([quantiles(row[~np.isnan(row)], SHARES) for row in values]).T
    return np.asarray(np.quantile(values, SHARES, axis=1), np.float64)
