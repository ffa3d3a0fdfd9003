"""R3c: what hardware search does with trials that fail, which no known constraint foretells."""

from __future__ import annotations

import argparse

from codesign.study.comparison.table import add_curves as add_arguments
from codesign.study.comparison.table import read_course, write_curves, write_ends

__all__ = ["add_arguments", "run"]


def run(options: argparse.Namespace) -> None:
    """Writes the curves, a panel a model, and the table."""
    course = read_course(options)
    write_curves(course, "group", options, __name__)
    write_ends(course, options, __name__)
