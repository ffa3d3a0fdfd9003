"""R2: mapping search on the baseline accelerator, every layer, every method."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from codesign.study.regret import regrets
from codesign.study.running.stage import add_progress, read_tables, write
from codesign.study.statistics import outcomes, progress

BY = ["model", "layer"]


def curves(trials: pd.DataFrame, optima: pd.DataFrame) -> pd.DataFrame:
    """Best-so-far reciprocal EDP against trials; 1 is the proven optimum of the layer."""
    return progress(trials, BY, optima)


def table(trials: pd.DataFrame, optima: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Where every method ends on every layer, and how far from the optimum on the way."""
    ends = outcomes(trials, BY, seed, optima)
    return ends.merge(regrets(trials, optima, BY, seed), on=[*BY, "method"], validate="1:1")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_progress(parser)
    parser.add_argument("--optima", type=Path, nargs="+", required=True, help="one a model")


def run(options: argparse.Namespace) -> None:
    """Writes the curves and the table."""
    trials, optima = read_tables(options.trials, "mapping"), read_tables(options.optima, "optima")
    write(curves(trials, optima), options.curves, options, __name__, options.trials)
    ends = table(trials, optima, options.seed)
    write(ends, options.output, options, __name__, options.trials)
