"""R3: hardware searches for every model and method, with the same mapper inside."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.study.course import Course, by_method, course, excess, interval
from codesign.study.running.stage import add_progress, read_tables, write

BY = ("model",)


def curves(searches: Course) -> pd.DataFrame:
    """The excess over the best found for the model, against trials."""
    return searches.curves("excess", on_reciprocal=True)


def table(searches: Course, bounds: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The results of every method for every model.

    Columns: `model, method, seeds, trials`; `edp`, the median of the least EDP; `least_edp`, the
    best found; `excess, excess_low, excess_high` over that; `bound_edp`, the proven bound; and
    `bound_excess`, how far `edp` is above the bound in %.

    Args:
        searches: the course of hardware searches.
        bounds: the table of `searches.bounds`.
        seed: the seed of the bootstrap.
    """
    rows = []
    for number, (row, group) in enumerate(by_method(searches.searches(), BY)):
        rng = np.random.default_rng([seed, number])
        rows.append(row | interval("excess", group["excess"], rng, on_reciprocal=True))
    of_product = bounds.loc[bounds["reading"] == "product", ["model", "bound_edp"]]
    ends = pd.DataFrame(rows).merge(of_product, on="model", validate="many_to_one")
    return ends.assign(bound_excess=excess(ends["edp"], ends["bound_edp"]))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_progress(parser)
    parser.add_argument("--bounds", type=Path, nargs="+", required=True, help="one per model")


def run(options: argparse.Namespace) -> None:
    """Writes the curves and the table."""
    searches = course(read_tables(options.trials, "hardware"), BY)
    ends = table(searches, read_tables(options.bounds, "bounds"), options.seed)
    write(curves(searches), options.curves, options, __name__, options.trials)
    write(ends, options.output, options, __name__, options.trials)
