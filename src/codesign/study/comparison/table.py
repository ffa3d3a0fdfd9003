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

from codesign.study.course import Course, course
from codesign.study.duels import against, levels
from codesign.study.paper import REFERENCE
from codesign.study.running.stage import read_tables, write
from codesign.study.spaces import ALL, HARDWARE, OPTIMAL, TASK

COLUMNS = ["model", "layer", "method", "seed", "trial", "feasible", "best_edp"]
"""The columns that are read from tables of trials; those of mapping searches also have `space`."""

QUANTITIES = ("excess", "failed")
"""The quantities of every trial."""

STOPS = (50, 100)
"""Numbers of trials after which the excess is given, in addition to the end."""


def mapping_course(trials: pd.DataFrame, optima: pd.DataFrame) -> Course:
    """The course of mapping searches.

    Args:
        trials: their trials, with `space` and `COLUMNS`.
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
    """The course of hardware searches, over the best that any of them found for the model."""
    return course(trials.assign(space=HARDWARE), TASK)


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
    `REFERENCE`, if that is among the methods.
    """
    parts = []
    for number, level in enumerate(levels(searches.table)):
        rows = level.drop(columns="stratum") if number == 0 else _means(level)
        parts.append(Course(rows, tuple(TASK)).ends(STOPS))
    ends = pd.concat(parts, ignore_index=True)
    duels = against(searches.at(), REFERENCE)
    return ends.merge(duels, how="left", on=[*TASK, "method"], validate="one_to_one")


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
        trials = read_tables(options.mapping, "mapping", ["space", *COLUMNS])
        trials = trials[trials["seed"].isin(options.mapping_seeds)]
        parts.append(mapping_course(trials, read_tables(options.optima, "optima")))
    if options.hardware:
        parts.append(hardware_course(read_tables(options.hardware, "hardware", COLUMNS)))
    return joined(parts)
