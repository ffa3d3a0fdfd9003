"""Tables as the page shows them: chosen columns, units in the head, numbers as text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable
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


def view(result: str, table: pd.DataFrame) -> View:
    """The table of a result; one that has no view of its own is shown as it is."""
    return VIEWS.get(result, _plain)(table)


def summary_view(table: pd.DataFrame) -> View:
    """The paper's numbers beside ours; every row has its verdict as class."""
    head = ("result", "quantity", "paper", "source", "ours", "interval", "verdict", "reason")
    rows = tuple(
        (
            str(row["id"]),
            str(row["quantity"]),
            str(row["paper"]),
            str(row["provenance"]),
            number(row["ours"]),
            interval(row["low"], row["high"]),
            str(row["verdict"]),
            str(row["reason"]),
        )
        for row in _records(table)
    )
    return View(head, rows, tuple(str(v).replace(" ", "-") for v in table["verdict"]))


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


def _records(table: pd.DataFrame) -> list[Row]:
    return table.to_dict("records")


def _saved(table: pd.DataFrame) -> View:
    readings = {"product": "(Σ energy) × (Σ delay)", "layers": "Σ energy × delay"}
    head = (
        "model",
        "reading of EDP",
        "seeds",
        "paper, %",
        "saved, %",
        "95 % interval",
        "possible, %",
        "saved against optimal mapping, %",
        "95 % interval",
        "possible, %",
        "energy ×",
        "delay ×",
    )
    rows = tuple(
        (
            str(row["model"]),
            readings[row["reading"]],
            str(row["seeds"]),
            number(row["paper"]),
            number(row["improvement"]),
            interval(row["low"], row["high"]),
            number(row["headroom"]),
            number(row["improvement_optimal"]),
            interval(row["optimal_low"], row["optimal_high"]),
            number(row["headroom_optimal"]),
            number(row["energy_ratio"]),
            number(row["cycles_ratio"]),
        )
        for row in _records(table)
    )
    return View(head, rows)


def _ends(table: pd.DataFrame) -> View:
    """Where methods end, relative to the best found: a row a model, a column a method."""
    methods = list(dict.fromkeys(table["method"]))
    groups = list(dict.fromkeys(table["model"]))
    cells = {
        (
            row["model"],
            row["method"],
        ): f"{number(row['median'])} [{interval(row['low'], row['high'])}]"
        for row in _records(table)
    }
    rows = tuple((g, *(cells.get((g, method), "–") for method in methods)) for g in groups)
    return View(("model", *(f"{method}: 1/EDP, best = 1" for method in methods)), rows)


def _regrets(table: pd.DataFrame) -> View:
    """How far above the proven optimum methods are: a row a layer, three columns a method.

    The interval is that of the last number.
    """
    methods, layers = (list(dict.fromkeys(table[name])) for name in ("method", "layer"))
    budget = int(table["trials"].max())
    found = (re.fullmatch(r"regret_(\d+)", str(name)) for name in table)
    stops = sorted(stop for match in found if match and (stop := int(match[1])) < budget)
    names = [*(f"regret_{stop}" for stop in stops), "regret"]
    after = " / ".join(map(str, [*stops, budget]))
    cells = {
        (row["layer"], row["method"]): (
            " / ".join(number(row[name], 2) for name in names),
            f"{number(row['regret_low'], 2)} … {number(row['regret_high'], 2)}",
            number(row["trials_to_1_percent"]),
        )
        for row in _records(table)
    }
    none = ("–",) * 3
    rows = tuple(
        (str(layer), *(text for method in methods for text in cells.get((layer, method), none)))
        for layer in layers
    )
    heads = ((f"{m}: % above after {after}", "95 % interval", "trials to 1 %") for m in methods)
    return View(("layer", *(name for head in heads for name in head)), rows)


def _shares(table: pd.DataFrame) -> View:
    head = (
        "space",
        "model",
        "layer",
        "drawn",
        "valid, %",
        "95 % interval",
        "draws for 150 valid",
        "what the others break first",
    )
    rows = tuple(
        (
            str(row["space"]),
            str(row["model"]),
            str(row["layer"]),
            str(row["sampler"]),
            number(100 * row["share"]),
            interval(100 * row["low"], 100 * row["high"]),
            f"{row['draws_for_150']:,.0f}" if math.isfinite(row["draws_for_150"]) else "–",
            str(row["first_broken"]),
        )
        for row in _records(table)
    )
    return View(head, rows)


def _plain(table: pd.DataFrame) -> View:
    head = tuple(str(name) for name in table.columns)
    rows = tuple(
        tuple(number(v) if isinstance(v, float) else str(v) for v in row.values())
        for row in _records(table)
    )
    return View(head, rows)


VIEWS: dict[str, Callable[[pd.DataFrame], View]] = {
    "R1": _saved,
    "R2": _regrets,
    "R3": _ends,
    "R7": _shares,
}
