"""The view of the summary: the paper's numbers beside those of this study."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from codesign.study.report.cells import Row, View, number, numeric, span, tabulate, text


def _shares(row: Row) -> str:
    """The shares of pairs of searches in which the first arm ends below, level, or above."""
    if pd.isna(row["below"]):
        return ""
    return " / ".join(number(row[name]) for name in ("below", "equal", "above"))


def view(table: pd.DataFrame) -> View:
    """The view of the summary. The class of every row is its verdict."""
    shown = tabulate(
        table,
        ("result", text("id")),
        ("quantity", text("quantity")),
        ("paper", text("paper")),
        ("source", text("provenance")),
        ("ours", numeric("ours")),
        ("interval", span("low", "high")),
        ("below / equal / above, %", _shares),
        ("outcome", text("outcome")),
        ("verdict", text("verdict")),
        ("reason", text("reason")),
    )
    return replace(shown, classes=tuple(str(v).replace(" ", "-") for v in table["verdict"]))
