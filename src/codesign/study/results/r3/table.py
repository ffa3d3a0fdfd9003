"""R3: hardware searches for every model and method, with the same mapper inside."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from codesign.study.comparison import table as comparison
from codesign.study.course import Course, excess
from codesign.study.running.stage import read_tables, write
from codesign.study.spaces import HARDWARE


def table(searches: Course, bounds: pd.DataFrame) -> pd.DataFrame:
    """`comparison.table.table` with `bound_edp`, the proven bound of the model, and `bound_excess`,
    how far the median EDP is above it in %. Both are NaN for all models together, and in other
    hardware spaces than those of the baselines.

    Args:
        searches: the course of hardware searches.
        bounds: the table of `searches.bounds`.
    """
    of_product = bounds.loc[bounds["reading"] == "product", ["model", "bound_edp"]]
    bound = of_product.assign(space=HARDWARE)
    keys = ["space", "model"]
    ends = comparison.table(searches).merge(bound, how="left", on=keys, validate="m:1")
    above = excess(ends["edp"], ends["bound_edp"]).where(ends["bound_edp"].notna())
    return ends.assign(bound_excess=above)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    comparison.add_arguments(parser)
    parser.add_argument("--bounds", type=Path, nargs="+", required=True, help="one per model")


def run(options: argparse.Namespace) -> None:
    """Writes the curves and the table."""
    searches = comparison.read_searches(options)
    ends = table(searches, read_tables(options.bounds, "bounds"))
    write(comparison.curves(searches), options.curves, options, __name__, options.hardware)
    write(ends, options.output, options, __name__, options.hardware)
