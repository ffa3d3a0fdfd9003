"""The summary: the paper's numbers beside ours."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import View, interval, number, records


def view(table: pd.DataFrame) -> View:
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
        for row in records(table)
    )
    return View(head, rows, tuple(str(v).replace(" ", "-") for v in table["verdict"]))
