"""The stage that joins tables with the same columns into one."""

from __future__ import annotations

import argparse
from pathlib import Path

from codesign.store.provenance import STAGE
from codesign.store.table import write_table
from codesign.study.running.stage import origin, read_tables, stage_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the joined table."""
    write_table(
        read_tables(options.tables),
        options.output,
        origin(options.tables[0]) | {STAGE: stage_name(__name__)},
    )
