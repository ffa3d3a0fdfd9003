"""R6: the paper's method against Timeloop's random-pruned mapper with many times its budget."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.study.running.stage import read_tables, write
from codesign.study.statistics import Floats, median_interval

COLUMNS = ["model", "layer", "method", "seed", "trial", "best_edp"]
"""What is read of the method's trials; the sampler may count its `draws` besides."""

TOLERANCE = 1e-12
"""Relative difference up to which two EDPs are the same mapping's, summed in another order."""


def table(
    trials: pd.DataFrame,
    sampled: pd.DataFrame,
    optima: pd.DataFrame,
    multiples: Sequence[int],
    seed: int,
) -> pd.DataFrame:
    """One row a layer, method and budget, the sampler's budgets being `multiples` of the method's.

    Columns: `model, layer, method, multiple, evaluations, seeds`; `excess, low, high`, the median
    EDP above the layer's optimum with its interval, %; `wins`, the share of seeds with which the
    method finds less than the sampler with this budget, a tie being half a win; `reach,
    reach_low, reach_high`, the evaluations that the row's own searches need until they have the
    median EDP that the method ends with, infinite where they do not get there; `reach_draws`, how
    many raw draws these are, where the sampler counts them.

    Args:
        trials: searches of one method.
        sampled: searches of the sampler, of which only trials that improve need be there.
    """
    rows = []
    for number, (key, ours) in enumerate(trials.groupby(["model", "layer"], sort=False)):
        model, layer = key
        theirs = sampled[(sampled["model"] == model) & (sampled["layer"] == layer)]
        known = optima[(optima["model"] == model) & (optima["layer"] == layer)]
        optimum, budget = float(known["edp"].iloc[0]), int(ours["trial"].max()) + 1
        ends = after(ours, budget)
        goal = float(ends.median()) * (1 + TOLERANCE)
        rng = np.random.default_rng([seed, number])
        place = {"model": model, "layer": layer}
        for searches, factor in [(ours, 1), *((theirs, multiple) for multiple in multiples)]:
            found = after(searches, factor * budget)
            rows.append(
                {
                    **place,
                    "method": str(searches["method"].iloc[0]),
                    "multiple": factor,
                    "evaluations": factor * budget,
                    "seeds": len(found),
                    **_interval("excess", "", 100 * (found.to_numpy() / optimum - 1), rng),
                    "wins": _wins(ends, found),
                    **_interval("reach", "reach_", _reach(searches, goal)["trial"], rng),
                    "reach_draws": float(np.median(_reach(searches, goal)["draws"])),
                }
            )
    return pd.DataFrame(rows)


def after(searches: pd.DataFrame, evaluations: int) -> pd.Series:
    """The least EDP after so many evaluations, by seed; infinite where none was feasible."""
    seeds = searches["seed"].unique()
    so_far = searches[searches["trial"] < evaluations].sort_values("trial", kind="stable")
    return so_far.groupby("seed")["best_edp"].last().reindex(seeds).fillna(np.inf)


def _reach(searches: pd.DataFrame, goal: float) -> dict[str, Floats]:
    """What each seed needs for an EDP of at most `goal`: trials, and raw draws (NaN if unknown).

    Infinite where even all its trials do not do.
    """
    seeds = searches["seed"].unique()
    there = searches[searches["best_edp"] <= goal].sort_values("trial", kind="stable")
    first = there.drop_duplicates("seed").set_index("seed").reindex(seeds)
    is_there = first["trial"].notna().to_numpy()
    known = "draws" in first and not searches["draws"].isna().all()
    draws = first["draws"].to_numpy(np.float64) if known else np.full(len(seeds), np.nan)
    return {
        "trial": np.where(is_there, first["trial"].to_numpy(np.float64) + 1, np.inf),
        "draws": np.where(is_there, draws, np.inf) if known else draws,
    }


def _wins(ours: pd.Series, theirs: pd.Series) -> float:
    """The share of the seeds that both have with which `ours` is less; a tie is half a win."""
    a, b = ours.align(theirs, join="inner")
    is_tie = np.isclose(a, b, rtol=TOLERANCE, atol=0)
    return float(np.where(is_tie, 0.5, a < b).mean())


def _interval(name: str, prefix: str, values: Floats, rng: np.random.Generator) -> dict[str, float]:
    median, low, high = median_interval(values, rng)
    return {name: median, f"{prefix}low": low, f"{prefix}high": high}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--trials", type=Path, nargs="+", required=True, help="of the method")
    parser.add_argument("--sampled", type=Path, nargs="+", required=True, help="of the sampler")
    parser.add_argument("--optima", type=Path, nargs="+", required=True, help="one a model")
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
