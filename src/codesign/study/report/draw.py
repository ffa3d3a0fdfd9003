"""The stage that draws one figure of a result from its table."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from codesign.drawing.hover import hover_points
from codesign.drawing.style import save
from codesign.errors import InputError
from codesign.store.atomic import write_text
from codesign.store.table import read_metadata, read_own, write_table
from codesign.study.registry import RESULTS, draw_function, figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    known = [name for result in RESULTS for name in figures(result)]
    parser.add_argument("--figure", required=True, choices=known, help="its name")
    parser.add_argument("--table", type=Path, required=True, help="what to draw")
    parser.add_argument("--pdf", type=Path, required=True, help="output")
    parser.add_argument("--png", type=Path, required=True, help="output")
    parser.add_argument("--points", type=Path, required=True, help="output, values for the report")
    parser.add_argument("--data", type=Path, required=True, help="output, a copy of what was drawn")


def run(options: argparse.Namespace) -> None:
    """Writes the figure as PDF and PNG, with its points and the data that it shows."""
    table = read_own(options.table)
    draw = draw_function(options.figure)
    if draw is None:
        raise InputError(f"figure {options.figure}: no module draws it")
    figure = draw(table)
    write_text(options.points, json.dumps(hover_points(figure), ensure_ascii=False) + "\n")
    save(figure, options.pdf, options.png)
    write_table(table, options.data, read_metadata(options.table))
