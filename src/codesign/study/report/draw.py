"""Draws one figure of a result from its table."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from codesign.drawing.style import save
from codesign.store.table import read_metadata, read_own, write_table
from codesign.study.registry import RESULTS, figure_module, figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    known = [name for result in RESULTS for name in figures(result)]
    parser.add_argument("figure", choices=known, help="its name")
    parser.add_argument("--table", type=Path, required=True, help="what to draw")
    parser.add_argument("--pdf", type=Path, required=True, help="output")
    parser.add_argument("--png", type=Path, required=True, help="output")
    parser.add_argument("--data", type=Path, required=True, help="output, a copy of what was drawn")


def run(options: argparse.Namespace) -> None:
    """Writes the figure as PDF and PNG, and beside them the data it shows."""
    table = read_own(options.table)
    figure = importlib.import_module(figure_module(options.figure)).draw(table)
    save(figure, options.pdf, options.png)
    write_table(table, options.data, read_metadata(options.table))
