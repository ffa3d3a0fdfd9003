"""The parts of views: columns, each with a head and a function from a row to a text."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

Row = dict[Hashable, Any]
Column = tuple[str, Callable[[Row], str]]
"""A head, and the function from a row to its text in this column."""

NONE = "–"
"""The text of a cell without a value."""


@dataclass(frozen=True)
class View:
    """A table of texts. `classes` are classes of the style sheet, one per row, if any."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    classes: tuple[str, ...] = ()


def number(value: float, digits: int = 3) -> str:
    """A number as a text; a dash if it is not finite."""
    if not math.isfinite(value):
        return NONE
    is_whole = value == int(value) or abs(value) >= 10**digits
    return f"{value:,.0f}" if is_whole and abs(value) < 1e7 else f"{value:.{digits}g}"


def interval(low: float, high: float) -> str:
    """An interval as a text; a dash if it is not finite."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return NONE
    return f"{number(low)} … {number(high)}"


def each(names: Iterable[object], values: Iterable[float], digits: int = 3) -> str:
    """Names with their numbers, in a line: `ResNet 2.3, DQN 53.9`."""
    return ", ".join(f"{name} {number(v, digits)}" for name, v in zip(names, values, strict=True))


def records(table: pd.DataFrame) -> list[Row]:
    """The rows of a table."""
    return table.to_dict("records")


def text(name: str) -> Callable[[Row], str]:
    """A column as text; an empty text for a missing value."""
    return lambda row: "" if bool(pd.isna(row[name])) else str(row[name])


def numeric(name: str, digits: int = 3, scale: float = 1) -> Callable[[Row], str]:
    """A column of numbers, multiplied by `scale`."""
    return lambda row: number(scale * row[name], digits)


def span(low: str, high: str, scale: float = 1) -> Callable[[Row], str]:
    """An interval from two columns."""
    return lambda row: interval(scale * row[low], scale * row[high])


def with_span(name: str, digits: int = 3) -> Callable[[Row], str]:
    """A column `name` with its interval, `name_low` and `name_high`."""
    between = span(f"{name}_low", f"{name}_high")
    return lambda row: f"{number(row[name], digits)} [{between(row)}]"


def tabulate(table: pd.DataFrame, *columns: Column) -> View:
    """A view with one row per row of `table`."""
    rows = tuple(tuple(cell(row) for _, cell in columns) for row in records(table))
    return View(tuple(head for head, _ in columns), rows)


def side_by_side(
    table: pd.DataFrame, place: Sequence[Column], each: Callable[[str], Sequence[Column]]
) -> View:
    """A view with one row per place and the columns of all methods side by side.

    Args:
        table: one row per place and method.
        place: the columns that identify the place.
        each: gives the columns of a method.
    """
    columns = {method: each(method) for method in dict.fromkeys(table["method"])}
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in records(table):
        found.setdefault(tuple(cell(row) for _, cell in place), {})[row["method"]] = row
    rows = tuple(
        (*key, *(cell(own[m]) if m in own else NONE for m in columns for _, cell in columns[m]))
        for key, own in found.items()
    )
    heads = (head for part in (place, *columns.values()) for head, _ in part)
    return View(tuple(heads), rows)


def plain(table: pd.DataFrame) -> View:
    """A view with all columns of a table."""
    head = tuple(str(name) for name in table.columns)
    rows = tuple(
        tuple(number(v) if isinstance(v, float) else str(v) for v in row.values())
        for row in records(table)
    )
    return View(head, rows)
