"""R3: one row a model, one column a method."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.views.cells import View, interval, number, records


def view(table: pd.DataFrame) -> View:
    """Where methods end, relative to the best found: a row a model, a column a method."""
    methods = list(dict.fromkeys(table["method"]))
    groups = list(dict.fromkeys(table["model"]))
    cells = {
        (
            row["model"],
            row["method"],
        ): f"{number(row['median'])} [{interval(row['low'], row['high'])}]"
        for row in records(table)
    }
    rows = tuple((g, *(cells.get((g, method), "–") for method in methods)) for g in groups)
    return View(("model", *(f"{method}: 1/EDP, best = 1" for method in methods)), rows)
