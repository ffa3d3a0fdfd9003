"""B1: TPE with constraints and tuned for short searches, beside Hyperopt as it comes."""

from __future__ import annotations

import argparse
from pathlib import Path

from codesign.study import comparison
from codesign.study.comparison import read_course, summed_up, write_curves, write_ends


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    comparison.add_arguments(parser)
    parser.add_argument("--curves", type=Path, required=True, help="output, one row a trial")


def run(options: argparse.Namespace) -> None:
    """Writes the curves, all layers or models as one, and the table."""
    course = read_course(options)
    write_curves(summed_up(course), "search", options, __name__)
    write_ends(course, options, __name__)
