"""The table of a comparison: methods on mapping searches, hardware searches, or both.

Methods are compared by the excess of the least EDP found (`study.course`): over the proven optimum
of a layer, or over the best that any of the methods found for a model. Every method is compared
with the paper's method, `REFERENCE`, by the rule for all results (`study.duels`), for each task and
for tasks together.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.columns import CHIP_EDP
from codesign.study.course import Course, course
from codesign.study.duels import against, levels
from codesign.study.paper import REFERENCE
from codesign.study.running.stage import read_tables, write
from codesign.study.spaces import ALL, OPTIMAL, TASK

COLUMNS = [*TASK, "method", "seed", "trial", "feasible", "best_edp"]
"""The columns that are read from tables of trials."""

HARDWARE_COLUMNS = [*COLUMNS, CHIP_EDP]
"""Those that are read from tables of hardware trials."""

QUANTITIES = ("excess", "failed")
"""The quantities of every trial."""

STOPS = (50, 100)
"""Numbers of trials after which the excess is given, in addition to the end."""


def mapping_course(trials: pd.DataFrame, optima: pd.DataFrame) -> Course:
    """The course of mapping searches.

    Args:
        trials: their trials, with `COLUMNS`.
        optima: the table of `searches.optima`. Where the optimum is not proven, the least EDP is
            the best that is known, from there or from the searches.
    """
    keys = optima[TASK]
    found = trials.groupby(TASK, sort=False)["best_edp"].min()
    searched = found.reindex(pd.MultiIndex.from_frame(keys)).to_numpy(np.float64)
    known = optima["edp"].to_numpy(np.float64)
    is_proven = (optima["certificate"] == OPTIMAL).to_numpy()
    least = np.where(is_proven, known, np.fmin(known, searched))
    return course(trials, TASK, keys.assign(edp=least))


def hardware_course(trials: pd.DataFrame) -> Course:
    """The course of hardware searches, over the best that any of them found for the model in the
    space.

    Args:
        trials: their trials, with `HARDWARE_COLUMNS`.
    """
    return course(trials, TASK)


def joined(courses: Sequence[Course]) -> Course:
    """Several courses as one."""
    table = pd.concat([one.table for one in courses], ignore_index=True)
    return Course(table, tuple(TASK))


def summed_up(searches: Course) -> Course:
    """All tasks of a space as one: the geometric mean of EDPs, the mean of failures, by seed."""
    together = searches.table.assign(model=ALL, layer=ALL)
    return Course(_means(together), tuple(TASK))


def _means(level: pd.DataFrame) -> pd.DataFrame:
    """The rows of several tasks with the same `TASK` as one, for every seed and trial.

    Only trials that every task has are used: the search of a layer without a mapping has only one.
    """
    logs = level.assign(log=np.log1p(level["excess"] / 100))
    keys = [*TASK, "method", "seed", "trial"]
    means = logs.groupby(keys, sort=False).agg(
        log=("log", "mean"), failed=("failed", "mean"), tasks=("log", "size")
    )
    most = means.groupby(TASK, sort=False)["tasks"].transform("max")
    means = means[means["tasks"] == most].reset_index()
    return means.assign(
        excess=100 * np.expm1(means["log"]), best_edp=np.nan, least_edp=np.nan
    ).drop(columns=["log", "tasks"])


def curves(searches: Course) -> pd.DataFrame:
    """The curves of excess and of the share of failed trials (`Course.curves`)."""
    return searches.curves(*QUANTITIES)


def table(searches: Course) -> pd.DataFrame:
    """The results of every method: one row per method and group of tasks (`duels.levels`).

    Columns: `TASK, method`; those of `Course.ends` with `STOPS`, where several tasks are joined
    by the geometric mean of their EDPs, seed by seed; and those of `duels.Duel` against
    `REFERENCE`, if that is among the methods. `no_better` is the share of hardware searches that
    end no better than the chip with which they began, in %.
    """
    parts = []
    for number, level in enumerate(levels(searches.table)):
        rows = level.drop(columns="stratum") if number == 0 else _means(level)
        parts.append(Course(rows, tuple(TASK)).ends(STOPS))
    ends = pd.concat(parts, ignore_index=True)
    keys = [*TASK, "method"]
    for more in (no_better(searches.at()), against(searches.at(), REFERENCE)):
        ends = ends.merge(more, how="left", on=keys, validate="one_to_one")
    return ends


def no_better(ends: pd.DataFrame) -> pd.DataFrame:
    """The share of searches that end no better than their chip: `TASK, method, no_better` (%).

    It is NaN where searches do not begin with a chip: in mapping searches, and in hardware searches
    whose chip is not a point of its space.

    Args:
        ends: one row per search: `TASK`, `method`, `best_edp`, and, for hardware searches,
            `chip_edp`, the EDP of the chip (infinite if it does not run some layer).
    """
    keys = [*TASK, "method"]
    chip = ends[CHIP_EDP] if CHIP_EDP in ends else pd.Series(np.nan, index=ends.index)
    is_no_better = (~(ends["best_edp"] < chip)).where(chip.notna())
    marked = ends[keys].assign(no_better=100 * is_no_better.astype(np.float64))
    parts = [
        level.groupby(keys, sort=False)["no_better"].mean().reset_index()
        for level in levels(marked)
    ]
    return pd.concat(parts, ignore_index=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--mapping", type=Path, nargs="*", default=[], help="tables of trials")
    parser.add_argument("--mapping-seeds", type=int, nargs="*", help="those that are compared")
    parser.add_argument("--optima", type=Path, nargs="*", default=[], help="one per space, model")
    parser.add_argument("--hardware", type=Path, nargs="*", default=[], help="tables of trials")
    parser.add_argument("--together", action="store_true", help="curves of all tasks as one")
    parser.add_argument("--curves", type=Path, help="output, one row per trial")
    parser.add_argument("--output", type=Path, required=True, help="output, one row per method")


def run(options: argparse.Namespace) -> None:
    """Writes the table, and the curves if there is an option for their file."""
    searches = read_searches(options)
    sources = [*options.mapping, *options.hardware]
    if options.curves:
        drawn = summed_up(searches) if options.together else searches
        write(curves(drawn), options.curves, options, __name__, sources)
    write(table(searches), options.output, options, __name__, sources)


def read_searches(options: argparse.Namespace) -> Course:
    """The course of all searches in the options."""
    parts = []
    if options.mapping:
        trials = read_tables(options.mapping, "mapping", COLUMNS)
        trials = trials[trials["seed"].isin(options.mapping_seeds)]
        parts.append(mapping_course(trials, read_tables(options.optima, "optima")))
    if options.hardware:
        found = read_tables(options.hardware, "hardware", HARDWARE_COLUMNS)
        parts.append(hardware_course(found))
    return joined(parts)
