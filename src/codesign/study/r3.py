"""R3: hardware search, every model, every method, with the same mapper inside."""

from __future__ import annotations

import argparse

import pandas as pd

from codesign.study.stage import add_progress, read_tables, write
from codesign.study.statistics import outcomes, progress

BY = ["model"]


def curves(trials: pd.DataFrame) -> pd.DataFrame:
    """Best-so-far reciprocal EDP against trials, normalised to the best found of the model."""
    return progress(trials, BY)


def table(trials: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Where every method ends on every model."""
    return outcomes(trials, BY, seed)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_progress(parser)


def run(options: argparse.Namespace) -> None:
    """Writes the curves and the table."""
    trials = read_tables(options.trials, "hardware")
    write(curves(trials), options.curves, options, __name__, options.trials)
    ends = table(trials, options.seed)
    write(ends, options.output, options, __name__, options.trials)
