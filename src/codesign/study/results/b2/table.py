"""B2: how far hardware searches end from the proven best accelerator, for every model."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.study.course import course
from codesign.study.running.stage import read_tables, write

BY = ("model",)

STOPS = (50, 100)
"""Numbers of trials after which the excess is given, in addition to the end."""


def table(trials: pd.DataFrame, proofs: pd.DataFrame, optima: pd.DataFrame) -> pd.DataFrame:
    """One row per model and method: its end, in % of EDP above the proven bound.

    All percentages are relative to `lower_bound_edp`. So if the proof is not complete, they are
    upper bounds on the distance from the optimum. The columns are those of `Course.ends`, with
    `lower_bound_edp` as the least, and: `certificate`; `best_edp` and `best`, the best known design
    from the proof or any of the searches; `floor`, the bound of `study.floor`, at most 0; and
    `eyeriss`, the baseline with every layer's optimal row-stationary mapping, NaN if a layer has
    none.

    Args:
        trials: trials of hardware searches.
        proofs: the table of `searches.certified`.
        optima: the table of `searches.optima`.
    """
    reference = proofs[["model", "lower_bound_edp"]].rename(columns={"lower_bound_edp": "edp"})
    ends = course(trials, BY, reference).ends(STOPS)
    ends = ends.rename(columns={"least_edp": "lower_bound_edp"})
    proven = proofs.set_index("model")
    bound = proven["lower_bound_edp"]
    searched = trials.groupby("model")["best_edp"].min().reindex(proven.index)
    best = proven["edp"].combine(searched, np.fmin)
    known = pd.DataFrame(
        {
            "certificate": proven["certificate"],
            "best_edp": best,
            "best": 100 * (best / bound - 1),
            "floor": 100 * (proven["floor_edp"] / bound - 1),
            "eyeriss": 100 * (baseline_edp(optima) / bound - 1),
        }
    )
    return ends.merge(known.loc[bound.index].reset_index(), on="model", validate="many_to_one")


def baseline_edp(optima: pd.DataFrame) -> pd.Series:
    """(Σ energy) · (Σ cycles) over the optimal mappings of layers in pJ·cycles, by model."""
    energy = (optima["count"] * optima["energy_pj"]).groupby(optima["model"]).agg(_total)
    cycles = (optima["count"] * optima["cycles"]).groupby(optima["model"]).agg(_total)
    return energy * cycles


def _total(values: pd.Series) -> float:
    return float(values.to_numpy(np.float64).sum())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--trials", type=Path, nargs="+", required=True, help="tables of trials")
    parser.add_argument("--proofs", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--optima", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the table."""
    ends = table(
        read_tables(options.trials, "hardware"),
        read_tables(options.proofs, "certified"),
        read_tables(options.optima, "optima"),
    )
    write(ends, options.output, options, __name__, options.trials)
