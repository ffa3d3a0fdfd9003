"""What views are made of: numbers and intervals as text."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

Row = dict[Hashable, Any]


@dataclass(frozen=True)
class View:
    """A table of texts; a cell may have a class, which the style sheet knows."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    classes: tuple[str, ...] = ()


def number(value: float, digits: int = 3) -> str:
    """A number for reading; a dash where there is none."""
    if not math.isfinite(value):
        return "–"
    is_whole = value == int(value) or abs(value) >= 10**digits
    return f"{value:,.0f}" if is_whole and abs(value) < 1e7 else f"{value:.{digits}g}"


def interval(low: float, high: float) -> str:
    """An interval for reading."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "–"
    return f"{number(low)} … {number(high)}"


def records(table: pd.DataFrame) -> list[Row]:
    """A table as its rows."""
    return table.to_dict("records")


def plain(table: pd.DataFrame) -> View:
    """Every column as it is."""
    head = tuple(str(name) for name in table.columns)
    rows = tuple(
        tuple(number(v) if isinstance(v, float) else str(v) for v in row.values())
        for row in records(table)
    )
    return View(head, rows)
