"""The table of a comparison: methods with paired seeds, on mapping or hardware searches, or both.

Methods are compared by the excess of the least EDP found (`study.course`): over the proven optimum
of a layer, or over the best that any of the methods found for a model. Groups are joined by the
geometric mean of their EDPs, for every seed. Ratios are relative to the paper's method,
`REFERENCE`, if it is among the methods.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.study.course import Course, by_method, course, interval
from codesign.study.paper import REFERENCE
from codesign.study.running.stage import read_tables, write

MAPPING, HARDWARE = "mapping", "hardware"

COLUMNS = ["model", "layer", "method", "seed", "trial", "feasible", "best_edp"]
"""The columns that are read from tables of trials."""

BY = ("search", "model", "layer")

OVERALL = "all"
"""The model and layer of a row for all of them together."""

QUANTITIES = ("excess", "failed")
"""The quantities of every trial."""


def compared(parts: Sequence[tuple[str, pd.DataFrame, pd.DataFrame | None]]) -> Course:
    """The course of searches of several kinds.

    Args:
        parts: for each kind its name (`MAPPING` or `HARDWARE`), its trials with `COLUMNS`, and the
            least EDP of every group, or None for the best found.
    """
    made = [course(trials.assign(search=search), BY, least) for search, trials, least in parts]
    return Course(pd.concat([one.table for one in made], ignore_index=True), BY)


def summed_up(searches: Course) -> Course:
    """All groups of a kind of search as one: the geometric mean of EDPs, the mean of failures.

    Only trials that every group has are used: the search of a layer without a mapping has only one.
    """
    table = searches.table
    logs = table.assign(log=np.log1p(table["excess"] / 100))
    keys = ["search", "method", "seed", "trial"]
    means = logs.groupby(keys, sort=False).agg(
        log=("log", "mean"), failed=("failed", "mean"), groups=("log", "size")
    )
    most = means.groupby("search", sort=False)["groups"].transform("max")
    means = means[means["groups"] == most].reset_index()
    nothing = {"best_edp": np.nan, "least_edp": np.nan}
    together = means.assign(
        model=OVERALL, layer=OVERALL, excess=100 * np.expm1(means["log"]), **nothing
    )
    return Course(together.drop(columns=["log", "groups"]), BY)


def curves(searches: Course) -> pd.DataFrame:
    """The curves of excess and of the share of failed trials (`Course.curves`)."""
    return searches.curves(*QUANTITIES)


def table(searches: Course, seed: int) -> pd.DataFrame:
    """The results of every method: one row per search, group (and all groups as one) and method.

    Columns: `search, model, layer, method, seeds, trials`; medians over seeds with bootstrap
    intervals, `X, X_low, X_high`, of `excess` (%), of `failed` (% of the trials), of `ratio`, the
    EDP divided by that of `REFERENCE` with the same seed, and of `reach`, the trials until the
    excess is at most `course.NEAR_PERCENT`; and `wins`, the share of seeds with a lower EDP than
    `REFERENCE`, where a tie is half a win.
    """
    courses = searches, summed_up(searches)
    paired = _paired(pd.concat([part.searches() for part in courses], ignore_index=True))
    rows = []
    for number, (row, group) in enumerate(by_method(paired, BY)):
        rng = np.random.default_rng([seed, number])
        for name in ("excess", "failed", "ratio", "reach"):
            row |= interval(name, group[name], rng)
        row["wins"] = float(group["win"].mean())
        rows.append(row)
    return pd.DataFrame(rows).drop(columns=["edp", "least_edp"])


def _paired(ends: pd.DataFrame) -> pd.DataFrame:
    """Adds `ratio` and `win` relative to `REFERENCE` with the same seed; NaN if there is none."""
    keys = [*BY, "seed"]
    reference = ends[ends["method"] == REFERENCE].set_index(keys)["excess"]
    theirs = 1 + reference.reindex(pd.MultiIndex.from_frame(ends[keys])).to_numpy(np.float64) / 100
    ours = 1 + ends["excess"].to_numpy(np.float64) / 100
    is_tie = (ours == theirs) | np.isclose(ours, theirs, rtol=1e-12, atol=0)
    win = np.where(is_tie, 0.5, (ours < theirs).astype(float))
    with np.errstate(invalid="ignore"):
        ratio = np.where(is_tie, 1.0, ours / theirs)
    return ends.assign(ratio=ratio, win=np.where(np.isnan(theirs), np.nan, win))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--mapping", type=Path, nargs="*", default=[], help="tables of trials")
    parser.add_argument("--mapping-seeds", type=int, nargs="*", help="those that are compared")
    parser.add_argument("--optima", type=Path, nargs="*", default=[], help="one per model")
    parser.add_argument("--hardware", type=Path, nargs="*", default=[], help="tables of trials")
    parser.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    parser.add_argument("--together", action="store_true", help="curves of all groups as one")
    parser.add_argument("--curves", type=Path, help="output, one row per trial")
    parser.add_argument("--output", type=Path, required=True, help="output, one row per method")


def run(options: argparse.Namespace) -> None:
    """Writes the table, and the curves if there is an option for their file."""
    searches = read_searches(options)
    sources = [*options.mapping, *options.hardware]
    if options.curves:
        drawn = summed_up(searches) if options.together else searches
        write(curves(drawn), options.curves, options, __name__, sources)
    write(table(searches, options.seed), options.output, options, __name__, sources)


def read_searches(options: argparse.Namespace) -> Course:
    """The course of all searches in the options."""
    parts: list[tuple[str, pd.DataFrame, pd.DataFrame | None]] = []
    if options.mapping:
        trials = read_tables(options.mapping, MAPPING, COLUMNS)
        trials = trials[trials["seed"].isin(options.mapping_seeds)]
        optima = read_tables(options.optima, "optima", ["model", "layer", "edp"])
        parts.append((MAPPING, trials, optima))
    if options.hardware:
        parts.append((HARDWARE, read_tables(options.hardware, HARDWARE, COLUMNS), None))
    return compared(parts)
