"""The table of NATS-Bench's cells: accuracies, and FreeREA's metrics with the time that they took.

It is not part of this repository (`docs/software.md` has its source and its checksum).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from codesign.errors import InputError
from codesign.store.table import read_table

DATASETS = ("cifar10", "cifar100", "ImageNet16-120")
"""The data sets of NATS-Bench; the names of columns begin with them."""

MISSING = (
    "{path}: no such file; it is the table of NATS-Bench's 15 625 cells, and docs/software.md says "
    "how to make it from the files cached_metrics/nats of github.com/NiccoloCavagnero/FreeREA"
)


def accuracy(dataset: str) -> str:
    """The column with the test accuracies in %."""
    return f"{dataset}_accuracy"


def read_cells(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """The cells with some of their columns.

    Raises:
        InputError: there is no such file, or it is not such a table.
    """
    if not path.exists():
        raise InputError(MISSING.format(path=path))
    return read_table(path, ["cell", *columns])
