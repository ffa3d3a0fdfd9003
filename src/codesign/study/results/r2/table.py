"""R2: mapping search on the baseline accelerator, every layer, every method."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from codesign.study.course import Course, course
from codesign.study.running.stage import add_progress, read_tables, write

BY = ("model", "layer")

STOPS = (50, 100)
"""Trials after which the excess is told, besides the last."""


def curves(searches: Course) -> pd.DataFrame:
    """The excess against trials, above the proven optimum of the layer."""
    return searches.curves("excess", on_reciprocal=True)


def table(searches: Course, seed: int) -> pd.DataFrame:
    """Where every method ends on every layer, and how far from the optimum on the way."""
    return searches.ends(seed, STOPS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_progress(parser)
    parser.add_argument("--optima", type=Path, nargs="+", required=True, help="one per model")


def run(options: argparse.Namespace) -> None:
    """Writes the curves and the table."""
    trials, optima = read_tables(options.trials, "mapping"), read_tables(options.optima, "optima")
    searches = course(trials, BY, optima)
    write(curves(searches), options.curves, options, __name__, options.trials)
    write(table(searches, options.seed), options.output, options, __name__, options.trials)
