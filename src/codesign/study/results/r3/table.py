"""R3: hardware search, every model, every method, with the same mapper inside."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from codesign.study.running.stage import add_progress, read_tables, write
from codesign.study.statistics import outcomes, progress

BY = ["model"]


def curves(trials: pd.DataFrame) -> pd.DataFrame:
    """Best-so-far reciprocal EDP against trials, normalised to the best found of the model."""
    return progress(trials, BY)


def table(trials: pd.DataFrame, bounds: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Where every method ends on every model: the columns of `study.statistics.outcomes`, and
    `bound_edp`, which no accelerator is below, with `gap`, the % of it that `edp` is above it.

    Args:
        trials: of `study.hardware`.
        bounds: of `study.bounds`.
        seed: of the bootstrap.
    """
    of_product = bounds.loc[bounds["reading"] == "product", ["model", "bound_edp"]]
    ends = outcomes(trials, BY, seed).merge(of_product, on=BY, validate="many_to_one")
    return ends.assign(gap=100 * (ends["edp"] / ends["bound_edp"] - 1))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_progress(parser)
    parser.add_argument("--bounds", type=Path, nargs="+", required=True, help="one a model")


def run(options: argparse.Namespace) -> None:
    """Writes the curves and the table."""
    trials = read_tables(options.trials, "hardware")
    ends = table(trials, read_tables(options.bounds, "bounds"), options.seed)
    write(curves(trials), options.curves, options, __name__, options.trials)
    write(ends, options.output, options, __name__, options.trials)
