"""Methods against one another with paired seeds, on mapping search, on hardware search or both.

What is compared is the EDP reached. It is told as its excess, in %, over the least EDP of the
group: of a layer the proven optimum, of a model the best that any of the methods found. Groups
are summed up by the geometric mean of their EDPs, seed by seed. Methods are told relative to
the paper's, `REFERENCE`, if that is among them.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from codesign.study.paper import REFERENCE
from codesign.study.regret import NEAR_PERCENT
from codesign.study.running.stage import read_tables, write
from codesign.study.statistics import Floats, median_interval, quantiles

MAPPING, HARDWARE = "mapping", "hardware"

COLUMNS = ["model", "layer", "method", "seed", "trial", "feasible", "best_edp"]
"""What is read of tables of trials."""

OVERALL = "all"
"""Stands for the group of a row that sums up all groups."""

SEARCH = ["search", "method", "seed"]


@dataclass(frozen=True)
class Trials:
    """Searches of one kind, `search`, for comparison.

    Args:
        search: `mapping` or `hardware`.
        by: columns that make a group.
        table: `COLUMNS`, one row a trial.
        optima: `by` and `edp`, the least EDP of every group; None stands for the best found.
    """

    search: str
    by: tuple[str, ...]
    table: pd.DataFrame
    optima: pd.DataFrame | None = None

    def course(self) -> pd.DataFrame:
        """Every trial with its `quotient`: least EDP so far / least EDP of the group.

        It is infinite until something is feasible. `failed` is the share of trials so far that
        failed; `search` and `group` name what is searched.
        """
        by, table = list(self.by), self.table.reset_index(drop=True)
        if self.optima is None:
            least = table.groupby(by, sort=False)["best_edp"].transform("min")
        else:
            known = table[by].merge(self.optima[[*by, "edp"]], how="left", validate="m:1")
            least = known["edp"]
        one_search = table.groupby([*by, "method", "seed"], sort=False)
        failures = (~table["feasible"]).groupby([table[c] for c in [*by, "method", "seed"]])
        return table.assign(
            search=self.search,
            group=table[by[-1]],
            quotient=(table["best_edp"] / least).fillna(np.inf),
            failed=failures.cumsum() / (one_search.cumcount() + 1),
        )


def summed_up(course: pd.DataFrame) -> pd.DataFrame:
    """The groups of a `Trials.course` as one: geometric mean of quotients, mean of failures.

    Only trials that every group has count: a layer without any mapping ends after one.
    """
    logs = course.assign(log=np.log(course["quotient"]))
    means = logs.groupby([*SEARCH, "trial"], sort=False).agg(
        log=("log", "mean"), failed=("failed", "mean"), groups=("log", "size")
    )
    most = means.groupby("search", sort=False)["groups"].transform("max")
    means = means[means["groups"] == most].reset_index()
    return means.assign(
        model=OVERALL, group=OVERALL, layer=OVERALL, quotient=np.exp(means["log"])
    ).drop(columns=["log", "groups"])


def curves(course: pd.DataFrame, panel: str) -> pd.DataFrame:
    """Medians and quartiles over seeds, trial by trial, of excess and share of failures, in %.

    Columns: `panel` (the value of that column of `course`), `method`, `trial` (from 1),
    `quantity` (`excess` or `failed`), `median, lower, upper`.
    """
    rows = []
    for key, group in course.groupby([panel, "method", "trial"], sort=False):
        quantities = {
            "excess": _excess(group["quotient"].to_numpy(np.float64)),
            "failed": 100 * group["failed"].to_numpy(np.float64),
        }
        for quantity, values in quantities.items():
            lower, median, upper = quantiles(values, [0.25, 0.5, 0.75])
            rows.append((*key, quantity, median, lower, upper))
    frame = pd.DataFrame(
        rows, columns=["panel", "method", "trial", "quantity", "median", "lower", "upper"]
    )
    return frame.assign(trial=frame["trial"] + 1)


def table(course: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Where every method ends: one row a search, group (and all groups as one) and method.

    Columns: `search, model, layer, method, seeds, trials`; medians over seeds with bootstrap
    intervals of `excess, low, high` (%), of `failed, failed_low, failed_high` (% of the trials),
    and of `ratio, ratio_low, ratio_high`, the EDP as a multiple of what `REFERENCE` reached with
    the same seed; `wins`, the share of seeds with less EDP than that, a tie being half a win;
    `reach, reach_low, reach_high`, the trials until the excess is at most `NEAR_PERCENT`,
    infinite where that takes more than all.
    """
    courses = course, summed_up(course)
    paired = _paired(pd.concat([_ends(part) for part in courses], ignore_index=True))
    rows = []
    keys = ["search", "model", "layer", "method"]
    for number, (key, group) in enumerate(paired.groupby(keys, sort=False)):
        row: dict[str, Any] = dict(zip(keys, key, strict=True))
        row |= {"seeds": len(group), "trials": int(group["trial"].max()) + 1}
        rng = np.random.default_rng([seed, number])
        measures = {
            "excess": (_excess(group["quotient"].to_numpy(np.float64)), "low", "high"),
            "failed": (100 * group["failed"].to_numpy(np.float64), "failed_low", "failed_high"),
            "ratio": (group["ratio"].to_numpy(np.float64), "ratio_low", "ratio_high"),
            "reach": (group["reach"].to_numpy(np.float64), "reach_low", "reach_high"),
        }
        for name, (values, low, high) in measures.items():
            row[name], row[low], row[high] = median_interval(values, rng)
        row["wins"] = float(group["win"].mean())
        rows.append(row)
    return pd.DataFrame(rows)


def _ends(course: pd.DataFrame) -> pd.DataFrame:
    """The last trial of every search, with the trial, from 1, that came near: `reach`."""
    keys = [*SEARCH, "model", "layer"]
    near = course[_excess(course["quotient"].to_numpy(np.float64)) <= NEAR_PERCENT]
    first = near.groupby(keys)["trial"].min().rename("reach") + 1.0
    last = course[course["trial"] == course.groupby(keys, sort=False)["trial"].transform("max")]
    ends = last.merge(first, how="left", left_on=keys, right_index=True, validate="1:1")
    return ends.assign(reach=ends["reach"].fillna(np.inf))


def _paired(ends: pd.DataFrame) -> pd.DataFrame:
    """Adds `ratio` and `win` against `REFERENCE` with the same seed; NaN where there is none."""
    keys = ["search", "model", "layer", "seed"]
    reference = ends[ends["method"] == REFERENCE].set_index(keys)["quotient"]
    theirs = reference.reindex(pd.MultiIndex.from_frame(ends[keys])).to_numpy(np.float64)
    ours = ends["quotient"].to_numpy(np.float64)
    is_tie = (ours == theirs) | np.isclose(ours, theirs, rtol=1e-12, atol=0)
    win = np.where(is_tie, 0.5, (ours < theirs).astype(float))
    with np.errstate(invalid="ignore"):
        ratio = np.where(is_tie, 1.0, ours / theirs)
    return ends.assign(ratio=ratio, win=np.where(np.isnan(theirs), np.nan, win))


def _excess(quotients: Floats) -> Floats:
    """How far above 1, in %. Rounding may leave a proven optimum a trifle above what was found."""
    return np.maximum(100 * (quotients - 1), 0.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a result that compares methods."""
    parser.add_argument("--mapping", type=Path, nargs="*", default=[], help="tables of trials")
    parser.add_argument("--mapping-seeds", type=int, nargs="*", help="those that are compared")
    parser.add_argument("--optima", type=Path, nargs="*", default=[], help="one a model")
    parser.add_argument("--hardware", type=Path, nargs="*", default=[], help="tables of trials")
    parser.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    parser.add_argument("--output", type=Path, required=True, help="output, one row a method")


def add_curves(parser: argparse.ArgumentParser) -> None:
    """The same, for a result that is drawn trial by trial."""
    add_arguments(parser)
    parser.add_argument("--curves", type=Path, required=True, help="output, one row a trial")


def read_course(options: argparse.Namespace) -> pd.DataFrame:
    """The course of all searches that the options name."""
    courses = []
    if options.mapping:
        trials = read_tables(options.mapping, "mapping", COLUMNS)
        trials = trials[trials["seed"].isin(options.mapping_seeds)]
        optima = read_tables(options.optima, "optima", ["model", "layer", "edp"])
        courses.append(Trials(MAPPING, ("model", "layer"), trials, optima).course())
    if options.hardware:
        trials = read_tables(options.hardware, "hardware", COLUMNS)
        courses.append(Trials(HARDWARE, ("model",), trials).course())
    return pd.concat(courses, ignore_index=True)


def write_summed_up(options: argparse.Namespace, module: str) -> None:
    """Writes the curves, all layers or models as one, and the table."""
    course = read_course(options)
    write_curves(summed_up(course), "search", options, module)
    write_ends(course, options, module)


def write_ends(course: pd.DataFrame, options: argparse.Namespace, module: str) -> None:
    """Writes the `table`."""
    sources = [*options.mapping, *options.hardware]
    write(table(course, options.seed), options.output, options, module, sources)


def write_curves(
    course: pd.DataFrame, panel: str, options: argparse.Namespace, module: str
) -> None:
    """Writes the `curves`."""
    sources = [*options.mapping, *options.hardware]
    write(curves(course, panel), options.curves, options, module, sources)
