"""R5: the weight λ of the deviation in the lower confidence bound."""

from __future__ import annotations

import argparse

import pandas as pd

from codesign.study.comparison import table as comparison
from codesign.study.course import Course
from codesign.study.results.r5.weights import weight
from codesign.study.running.stage import write


def table(searches: Course) -> pd.DataFrame:
    """`comparison.table.table` with a column `weight`, λ."""
    ends = comparison.table(searches)
    return ends.assign(weight=[weight(str(method)) for method in ends["method"]])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    comparison.add_arguments(parser)


def run(options: argparse.Namespace) -> None:
    """Writes the table."""
    ends = table(comparison.read_searches(options))
    write(ends, options.output, options, __name__, [*options.mapping, *options.hardware])
