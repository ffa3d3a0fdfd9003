"""The view of the summary: the paper's numbers beside those of this study."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from codesign.study.report.cells import Column, Row, View, number, numeric, span, tabulate, text


def _shares(row: Row) -> str:
    """The shares of pairs of searches in which the first arm ends below, level, or above."""
    if pd.isna(row["below"]):
        return ""
    return " / ".join(number(row[name]) for name in ("below", "equal", "above"))


NAMES: tuple[Column, ...] = (("result", text("id")), ("quantity", text("quantity")))
PAPER: tuple[Column, ...] = (("paper", text("paper")), ("source", text("provenance")))
OURS: tuple[Column, ...] = (
    ("ours", numeric("ours")),
    ("interval", span("low", "high")),
    ("below / equal / above, %", _shares),
    ("outcome", text("outcome")),
)
VERDICT: tuple[Column, ...] = (("verdict", text("verdict")), ("reason", text("reason")))


def view(table: pd.DataFrame, reproduces: bool = True) -> View:
    """The view of the summary. The class of every row is its verdict.

    Args:
        reproduces: whether the numbers are beside the paper's, with verdicts.
    """
    if not reproduces:
        return tabulate(table, *NAMES, *OURS)
    shown = tabulate(table, *NAMES, *PAPER, *OURS, *VERDICT)
    return replace(shown, classes=tuple(str(v).replace(" ", "-") for v in table["verdict"]))
