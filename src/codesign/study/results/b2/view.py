"""B2: one row a model, what is proven first, then one column a method."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import View, interval, number, records


def view(table: pd.DataFrame) -> View:
    """How far everything is above the proven bound, in % of EDP."""
    methods = list(dict.fromkeys(table["method"]))
    cells = {
        (row["model"], row["method"]): (
            f"{number(row['regret'])} [{interval(row['regret_low'], row['regret_high'])}]"
        )
        for row in records(table)
    }
    rows = tuple(
        (
            row["model"],
            f"{row['best_edp']:.4g}",
            row["certificate"],
            *(number(row[name]) for name in ("best", "floor", "eyeriss")),
            *(cells.get((row["model"], method), "–") for method in methods),
        )
        for row in records(table.drop_duplicates("model"))
    )
    head = (
        "model",
        "best EDP known, pJ·cycles",
        "certificate",
        "it is above the bound by, %",
        "bound without search, %",
        "Eyeriss mapped optimally, %",
        *(f"{method}, %" for method in methods),
    )
    return View(head, rows)
