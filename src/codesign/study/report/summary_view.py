"""The summary: the paper's numbers beside ours."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from codesign.study.report.cells import View, span, tabulate, text, told


def view(table: pd.DataFrame) -> View:
    """The paper's numbers beside ours; every row has its verdict as class."""
    shown = tabulate(
        table,
        ("result", text("id")),
        ("quantity", text("quantity")),
        ("paper", text("paper")),
        ("source", text("provenance")),
        ("ours", told("ours")),
        ("interval", span("low", "high")),
        ("verdict", text("verdict")),
        ("reason", text("reason")),
    )
    return replace(shown, classes=tuple(str(v).replace(" ", "-") for v in table["verdict"]))
