"""R6: the paper's method and Timeloop's random-pruned mapper with many times its budget."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.study.course import Course, course, interval
from codesign.study.running.stage import read_tables, write

BY = ["model", "layer"]

COLUMNS = [*BY, "method", "seed", "trial", "best_edp"]
"""The columns that are read from the method's trials. The sampler's may also have `draws`."""

TOLERANCE = 1e-12
"""EDPs with a smaller relative difference are equal except for rounding."""


def table(
    trials: pd.DataFrame,
    sampled: pd.DataFrame,
    optima: pd.DataFrame,
    multiples: Sequence[int],
    seed: int,
) -> pd.DataFrame:
    """One row per layer, method and budget.

    Columns: `model, layer, method, multiple, evaluations, seeds`; `excess` over the layer's
    optimum, %; `wins`, the share of seeds with which the method has a lower EDP than the sampler
    with this budget, where a tie is half a win; `reach`, the evaluations that the searches of the
    row need for the final median EDP of the method; both are medians with `X_low, X_high`;
    `reach_draws`, the raw draws until then, if the sampler counts them.

    Args:
        trials: trials of one method.
        sampled: trials of the sampler; those without an improvement may be left out.
        optima: the table of `searches.optima`.
        multiples: the budgets of the sampler, as multiples of the method's.
        seed: the seed of the bootstrap.
    """
    ours, theirs = course(trials, BY, optima), course(sampled, BY, optima)
    budget = int(trials["trial"].max()) + 1
    ends = ours.at()
    goals = (1 + ends.groupby(BY)["excess"].median() / 100) * (1 + TOLERANCE)
    arms = [(1, ends, _reach(ours, goals))]
    at_goal = _reach(theirs, goals)
    arms += [(multiple, theirs.at(multiple * budget), at_goal) for multiple in multiples]
    by_layer = [
        (factor, dict(list(found.groupby(BY))), dict(list(there.groupby(BY))))
        for factor, found, there in arms
    ]
    rows = []
    for number, (key, own) in enumerate(ends.groupby(BY, sort=False)):
        rng = np.random.default_rng([seed, number])
        for factor, found_of, there_of in by_layer:
            found, there = found_of[key], there_of[key]
            rows.append(
                {
                    **dict(zip(BY, key, strict=True)),
                    "method": str(found["method"].iloc[0]),
                    "multiple": factor,
                    "evaluations": factor * (int(own["trial"].max()) + 1),
                    "seeds": len(found),
                    **interval("excess", found["excess"], rng),
                    "wins": _wins(own, found),
                    **interval("reach", there["reach"], rng),
                    "reach_draws": _draws(there),
                }
            )
    return pd.DataFrame(rows)


def _reach(searches: Course, goals: pd.Series) -> pd.DataFrame:
    """`Course.reach` for `goals`, which are EDP / optimum by model and layer."""
    ratio = goals.reindex(pd.MultiIndex.from_frame(searches.table[BY])).set_axis(
        searches.table.index
    )
    return searches.reach(100 * (ratio - 1))


def _draws(there: pd.DataFrame) -> float:
    """The median of raw draws at `there`; infinite if the goal is not reached, NaN if unknown."""
    if "draws" not in there or there["draws"].isna().all():
        return math.nan
    return float(there["draws"].where(np.isfinite(there["reach"]), np.inf).median())


def _wins(ours: pd.DataFrame, theirs: pd.DataFrame) -> float:
    """The share of common seeds with which `ours` is lower, where a tie is half a win."""
    both = ours.merge(theirs, on="seed", suffixes=("_ours", "_theirs"), validate="1:1")
    a, b = (1 + both[f"excess_{name}"] / 100 for name in ("ours", "theirs"))
    is_tie = np.isclose(a, b, rtol=TOLERANCE, atol=0)
    return float(np.where(is_tie, 0.5, a < b).mean())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--trials", type=Path, nargs="+", required=True, help="of the method")
    parser.add_argument("--sampled", type=Path, nargs="+", required=True, help="of the sampler")
    parser.add_argument("--optima", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--multiples", type=int, nargs="+", required=True, help="of the budget")
    parser.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the table."""
    trials, sampled = (
        read_tables(options.trials, "mapping", COLUMNS),
        read_tables(options.sampled, "mapping"),
    )
    optima = read_tables(options.optima, "optima", ["model", "layer", "edp"])
    ends = table(trials, sampled, optima, options.multiples, options.seed)
    write(ends, options.output, options, __name__, options.trials)
