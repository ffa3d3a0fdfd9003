"""Families of networks from files: YAML that names networks or a table of cells, or a CSV."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np

from codesign.errors import InputError
from codesign.extras import needs
from codesign.reading import MAX_NUMBER, Fields, read_text, read_yaml, shown
from codesign.store.table import read_table
from codesign.workload.cells import Skeleton, cell_family
from codesign.workload.family import Family
from codesign.workload.workload import Workload, load_workload

MOST_NETWORKS = 4096
"""Networks that a file may name one by one."""

MOST_CELLS = 10**6
"""Rows of a table of cells."""

_COLUMNS = ("network", "quality")


def load_family(path: Path | str) -> Family:
    """Reads a family of networks.

    A file `.csv` has the columns `network` and `quality`. A YAML file has the same as a list
    `networks`, or names a table of `cells` (`docs/files.md`). Networks are names from
    `config/workloads`, YAML files or ONNX models; paths are relative to the file's folder.

    Raises:
        InputError: a file is missing or has a bad value, or a network cannot be read.
    """
    path = Path(path)
    if path.suffix == ".csv":
        entries = _read_csv(path)
        return _family(path.stem, [(where, *entry) for where, entry in entries], path.parent)
    fields = read_yaml(path)
    name = fields.text("name")
    fields.text("description", "")
    if "cells" in fields and "networks" in fields:
        raise InputError(f"{path}: it has 'networks' and 'cells', expected one of them")
    if "cells" in fields:
        family = _read_cells(name, fields.fields("cells"), path.parent)
    else:
        listed = []
        for entry in fields.each("networks"):
            quality = entry.number("quality", minimum=-MAX_NUMBER)
            listed.append((entry.where, entry.text("network"), quality))
            entry.done()
        family = _family(name, listed, path.parent)
    fields.done()
    return family


def _read_csv(path: Path) -> list[tuple[str, tuple[str, float]]]:
    rows = csv.reader(read_text(path).splitlines(), strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        for name in _COLUMNS:
            if header.count(name) != 1:
                told = ",".join(header)
                raise InputError(
                    f"{path}: the first line is {shown(told)}, expected the columns "
                    f"{' and '.join(_COLUMNS)}"
                )
        network, quality = (header.index(name) for name in _COLUMNS)
        found = []
        for row in rows:
            if not row:
                continue
            where = f"{path}: line {rows.line_num}"
            if len(row) != len(header):
                raise InputError(f"{where}: {len(row)} values, expected {len(header)}")
            value = _number(where, row[quality])
            found.append((where, (row[network].strip(), value)))
    except csv.Error as error:
        raise InputError(f"{path}: not a CSV file: {error}") from None
    return found


def _number(where: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= MAX_NUMBER:
        raise InputError(
            f"{where}: quality is {shown(text)}, expected a number up to {MAX_NUMBER:g}"
        )
    return value


def _family(name: str, entries: list[tuple[str, str, float]], folder: Path) -> Family:
    if len(entries) > MOST_NETWORKS:
        raise InputError(
            f"family {name}: {len(entries)} networks, expected at most {MOST_NETWORKS}"
        )
    networks = [_network(where, source, folder) for where, source, _ in entries]
    return Family.of(name, networks, [quality for *_, quality in entries])


def _network(where: str, source: str, folder: Path) -> Workload:
    """A network by its name or file; the message of a mistake has the place that names it."""
    path = folder / source
    try:
        if path.suffix == ".onnx":
            with needs("onnx", f"{where}: an ONNX model"):
                from codesign.workload.onnx import extract_workload
            return extract_workload(path).workload
        return load_workload(path if path.suffix in (".yaml", ".yml", ".json") else source)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _read_cells(name: str, fields: Fields, folder: Path) -> Family:
    source = fields.text("table")
    cell, quality = fields.text("cell", "cell"), fields.text("quality")
    channels = fields.sequence("channels", [16, 32, 64], most=8)
    if not channels or not all(type(width) is int and 0 < width <= 2**16 for width in channels):
        raise fields.refuse("channels", "a list of whole numbers from 1 to 65536")
    skeleton = Skeleton(
        fields.integer("inputs", 32, maximum=2**14),
        fields.integer("classes", 10, maximum=2**20),
        tuple(channels),
        fields.integer("depth", 5, maximum=4096),
    )
    fields.done()
    table = read_table(folder / source, [cell, quality] if cell != quality else [cell])
    if len(table) > MOST_CELLS:
        raise InputError(
            f"{folder / source}: {len(table)} rows, expected at most {MOST_CELLS} cells"
        )
    if table[quality].dtype.kind not in "iuf" or not np.isfinite(table[quality]).all():
        raise InputError(f"{folder / source}: {quality} is not a number in every row")
    if table[cell].isna().any():
        raise InputError(f"{folder / source}: {cell} is missing in some row")
    return cell_family(name, [str(text) for text in table[cell]], list(table[quality]), skeleton)
