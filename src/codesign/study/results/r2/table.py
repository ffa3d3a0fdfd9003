"""R2: mapping searches on the baseline, for every layer and method."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from codesign.study.course import Course, course
from codesign.study.running.stage import add_progress, read_tables, write

BY = ("model", "layer")

STOPS = (50, 100)
"""Numbers of trials after which the excess is given, in addition to the end."""


def curves(searches: Course) -> pd.DataFrame:
    """The excess over the proven optimum of the layer, against trials."""
    return searches.curves("excess", on_reciprocal=True)


def table(searches: Course, seed: int) -> pd.DataFrame:
    """The results of every method on every layer, at the end and on the way (`Course.ends`)."""
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
