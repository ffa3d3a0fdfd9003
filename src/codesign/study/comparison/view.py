"""The view of a comparison: one row per layer or model, with the methods side by side."""

from __future__ import annotations

import pandas as pd

from codesign.study.comparison.table import OVERALL
from codesign.study.course import NEAR_PERCENT
from codesign.study.paper import REFERENCE
from codesign.study.report.cells import Column, Row, View, each, numeric, side_by_side, with_span
from codesign.study.result import Result


def view(table: pd.DataFrame, result: Result) -> View:
    """Excess with its interval, wins against the reference, and failures if there are any.

    The last row of each search is for all its layers or models together. `result` is not used: the
    view is the same for all results.
    """
    seeds = table.groupby("search", sort=False)["seeds"].max()
    place: list[Column] = [
        ("search", lambda row: f"{row['search']}, {seeds[row['search']]} seeds"),
        ("layer or model", _place),
    ]
    has_failures = bool((table["failed_high"] > 0).any())
    is_paired = REFERENCE in set(table["method"])

    def columns_of(method: str) -> list[Column]:
        columns: list[Column] = [
            (f"{method}: EDP above best, %", with_span("excess", digits=2)),
            (f"trials to {NEAR_PERCENT:g} %", numeric("reach")),
        ]
        if is_paired and method != REFERENCE:
            wins = numeric("wins", digits=2, scale=100)
            columns.append((f"beats {REFERENCE}, % of seeds", wins))
        if has_failures:
            columns.append(("trials failed, %", numeric("failed", digits=2)))
        return columns

    return side_by_side(table, place, columns_of)


def answer(table: pd.DataFrame, result: Result) -> str:
    """The excess of every method at the end, over all layers and models; `result` is not used."""
    together = table[table["model"] == OVERALL].sort_values("excess", kind="stable")
    lines = [
        f"{search} search: {each(rows['method'], rows['excess'], 2)}"
        for search, rows in together.groupby("search", sort=False)
    ]
    return f"EDP above the best, %, for all together: {'; '.join(lines)}." if lines else ""


def _place(row: Row) -> str:
    if row["model"] == OVERALL:
        return "all together"
    return str(row["layer"] if row["layer"] != OVERALL else row["model"])
