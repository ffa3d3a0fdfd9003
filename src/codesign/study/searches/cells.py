"""NATS-Bench's cells, from a user's table: accuracies, and FreeREA's metrics with their time.

The table is not part of this repository (`docs/software.md` has its source and its checksum).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.errors import InputError
from codesign.hardware.technology import PAT
from codesign.store.provenance import STAGE, run_metadata
from codesign.store.table import read_table, write_table
from codesign.study.running.provenance import study_code
from codesign.study.running.stage import read_result, stage_name
from codesign.workload.cells import parse_cell

DATASETS = ("cifar10", "cifar100", "ImageNet16-120")
"""The data sets of NATS-Bench; the names of columns begin with them."""

MISSING = (
    "{path}: no such file; it is the table of NATS-Bench's 15 625 cells, and docs/software.md says "
    "how to make it from the files cached_metrics/nats of github.com/NiccoloCavagnero/FreeREA"
)


def accuracy(dataset: str) -> str:
    """The column with the test accuracies in %."""
    return f"{dataset}_accuracy"


def metrics(dataset: str) -> list[str]:
    """The columns with NASWOT and LogSynflow, and with the seconds that each took."""
    return [f"{dataset}_{name}" for name in ("naswot", "naswot_s", "logsynflow", "logsynflow_s")]


COLUMNS = ["cell", *(name for data in DATASETS for name in (accuracy(data), *metrics(data)))]
"""What is needed of the table."""


def find_cells(path: Path) -> pd.DataFrame:
    """The cells of a user's table, with `COLUMNS`.

    Raises:
        InputError: there is no such file, it is not such a table, or a cell occurs twice.
    """
    if not path.exists():
        raise InputError(MISSING.format(path=path))
    cells = read_table(path, COLUMNS)
    for name in COLUMNS[1:]:
        values = cells[name]
        # A metric of a network that computes nothing may be infinite.
        known = np.isfinite(values) if name.endswith(("accuracy", "_s")) else values.notna()
        if values.dtype.kind not in "iuf" or not known.all():
            raise InputError(f"{path}: {name} is not a number in every row")
    for row, text in enumerate(cells["cell"]):
        parse_cell(str(text), f"{path}: row {row}: cell")
    twice = cells["cell"][cells["cell"].duplicated()]
    if len(twice):
        raise InputError(f"{path}: the cell {twice.iloc[0]!r} occurs twice, expected it once")
    return cells


def read_cells(path: Path) -> pd.DataFrame:
    """The cells from a table of this stage."""
    return read_result(path, "cells", COLUMNS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--table", type=Path, required=True, help="the user's table")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the cells. They depend on no energy table."""
    cells = find_cells(options.table)
    metadata = run_metadata({"stage": "cells"}, PAT, "timeloop")
    stage = {STAGE: stage_name(__name__), "study_code": study_code()}
    write_table(cells, options.output, metadata | stage)
