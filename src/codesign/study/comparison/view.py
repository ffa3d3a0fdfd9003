"""Methods compared on mapping and hardware search: one row a layer or model, columns a method."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from codesign.study.comparison.table import OVERALL
from codesign.study.paper import REFERENCE
from codesign.study.regret import NEAR_PERCENT
from codesign.study.report.cells import Row, View, interval, number, records


def view(table: pd.DataFrame) -> View:
    """Excess EDP with its interval, wins against the reference, and failures where there are any.

    The last row of each search sums up its layers or models.
    """
    methods = list(dict.fromkeys(table["method"]))
    has_failures = bool((table["failed_high"] > 0).any())
    is_paired = REFERENCE in methods
    cells: dict[tuple[Any, ...], Row] = {
        (*_place(row), row["method"]): row for row in records(table)
    }
    rows = []
    for place in dict.fromkeys(key[:-1] for key in cells):
        texts: list[str] = []
        for method in methods:
            row = cells.get((*place, method))
            texts.append("–" if row is None else _excess(row))
            texts.append("–" if row is None else number(row["reach"]))
            if is_paired and method != REFERENCE:
                texts.append("–" if row is None else _percent(100 * row["wins"]))
            if has_failures:
                texts.append("–" if row is None else _percent(row["failed"]))
        rows.append((*place, *texts))
    heads: list[str] = []
    for method in methods:
        heads.append(f"{method}: EDP above best, %")
        heads.append(f"trials to {NEAR_PERCENT:g} %")
        if is_paired and method != REFERENCE:
            heads.append(f"beats {REFERENCE}, % of seeds")
        if has_failures:
            heads.append("trials failed, %")
    seeds = table.groupby("search", sort=False)["seeds"].max()
    named = tuple((f"{search}, {seeds[search]} seeds", *rest) for search, *rest in rows)
    return View(("search", "layer or model", *heads), named)


def _place(row: Row) -> tuple[str, str]:
    if row["model"] == OVERALL:
        return row["search"], "all together"
    return row["search"], row["layer"] if row["layer"] != OVERALL else row["model"]


def _excess(row: Row) -> str:
    return f"{number(row['excess'], 2)} [{interval(row['low'], row['high'])}]"


def _percent(value: float) -> str:
    return number(value, 2) if math.isfinite(value) else "–"
