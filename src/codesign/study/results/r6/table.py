"""R6: the paper's method and Timeloop's random-pruned mapper with many times its budget."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.study.comparison.table import mapping_course
from codesign.study.course import Course, interval
from codesign.study.duels import against
from codesign.study.running.stage import read_tables, write
from codesign.study.spaces import TASK

COLUMNS = [*TASK, "method", "seed", "trial", "best_edp"]
"""The columns that are read from the method's trials. The sampler's may also have `draws`."""

TOLERANCE = 1e-12
"""EDPs with a smaller relative difference are equal except for rounding."""


def table(
    trials: pd.DataFrame, sampled: pd.DataFrame, optima: pd.DataFrame, multiples: Sequence[int]
) -> pd.DataFrame:
    """One row per group of tasks (`duels.levels`), method and budget; tasks are layers.

    Columns: `TASK, method, multiple`; those of `duels.Duel` for the sampler with this budget
    against the method; and for single tasks `evaluations, seeds`; `excess` over the layer's
    optimum, %; and `reach`, the evaluations that the searches of the row need for the final median
    EDP of the method; both are medians with `X_low, X_high`; `reach_draws`, the raw draws until
    then, if the sampler counts them.

    Args:
        trials: trials of one method.
        sampled: trials of the sampler; those without an improvement may be left out.
        optima: the table of `searches.optima`.
        multiples: the budgets of the sampler, as multiples of the method's.
    """
    method = str(trials["method"].iloc[0])
    known = [name for name in (*COLUMNS, "draws") if name in trials or name in sampled]
    both = pd.concat([trials, sampled], ignore_index=True)[known]
    both = mapping_course(both, optima).table
    is_ours = both["method"] == method
    ours, theirs = (Course(part, tuple(TASK)) for part in (both[is_ours], both[~is_ours]))
    budget = int(trials["trial"].max()) + 1
    ends = ours.at()
    goals = (1 + ends.groupby(TASK)["excess"].median() / 100) * (1 + TOLERANCE)
    at_goal = _reach(theirs, goals)
    arms = [(1, ends, _reach(ours, goals))]
    arms += [(multiple, theirs.at(multiple * budget), at_goal) for multiple in multiples]
    rows = [
        row
        for multiple, found, there in arms
        for row in _rows(found, there, multiple, multiple * budget)
    ]
    duels = pd.concat(
        [_duels(ends, found, multiple) for multiple, found, _ in arms[1:]], ignore_index=True
    )
    keys = [*TASK, "method", "multiple"]
    tasks = pd.DataFrame(rows)
    is_task = pd.MultiIndex.from_frame(duels[keys]).isin(pd.MultiIndex.from_frame(tasks[keys]))
    singles = tasks.merge(duels[is_task], how="left", on=keys, validate="one_to_one")
    return pd.concat([singles, duels[~is_task]], ignore_index=True)


def _rows(
    found: pd.DataFrame, there: pd.DataFrame, multiple: int, evaluations: int
) -> list[dict[str, object]]:
    """The rows of an arm for single tasks."""
    goals = dict(list(there.groupby(TASK, sort=False)))
    return [
        {
            **dict(zip(TASK, key, strict=True)),
            "method": str(group["method"].iloc[0]),
            "multiple": multiple,
            "evaluations": evaluations,
            "seeds": len(group),
            **interval("excess", group["excess"]),
            **interval("reach", goals[key]["reach"]),
            "reach_draws": _draws(goals[key]),
        }
        for key, group in found.groupby(TASK, sort=False)
    ]


def _duels(ours: pd.DataFrame, theirs: pd.DataFrame, multiple: int) -> pd.DataFrame:
    """The sampler with one of its budgets against the method, at every level."""
    method = str(ours["method"].iloc[0])
    found = against(pd.concat([ours, theirs], ignore_index=True), method)
    return found[found["method"] != method].assign(multiple=multiple)


def _reach(searches: Course, goals: pd.Series) -> pd.DataFrame:
    """`Course.reach` for `goals`, which are EDP / optimum by model and layer."""
    ratio = goals.reindex(pd.MultiIndex.from_frame(searches.table[TASK])).set_axis(
        searches.table.index
    )
    return searches.reach(100 * (ratio - 1))


def _draws(there: pd.DataFrame) -> float:
    """The median of raw draws at `there`; infinite if the goal is not reached, NaN if unknown."""
    if "draws" not in there or there["draws"].isna().all():
        return math.nan
    return float(there["draws"].where(np.isfinite(there["reach"]), np.inf).median())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--trials", type=Path, nargs="+", required=True, help="of the method")
    parser.add_argument("--sampled", type=Path, nargs="+", required=True, help="of the sampler")
    parser.add_argument(
        "--optima", type=Path, nargs="+", required=True, help="one per space, model"
    )
    parser.add_argument("--multiples", type=int, nargs="+", required=True, help="of the budget")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the table."""
    trials, sampled = (
        read_tables(options.trials, "mapping", COLUMNS),
        read_tables(options.sampled, "mapping"),
    )
    optima = read_tables(options.optima, "optima")
    ends = table(trials, sampled, optima, options.multiples)
    write(ends, options.output, options, __name__, options.trials)
