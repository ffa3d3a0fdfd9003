"""R3: one row a model, two columns a method."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import View, interval, number, records


def view(table: pd.DataFrame) -> View:
    """Where methods end, above the proven bound and relative to the best found."""
    methods, models = (list(dict.fromkeys(table[name])) for name in ("method", "model"))
    cells = {
        (row["model"], row["method"]): (
            number(row["gap"]),
            f"{number(row['median'])} [{interval(row['low'], row['high'])}]",
        )
        for row in records(table)
    }
    none = ("–",) * 2
    rows = tuple(
        (str(model), *(text for method in methods for text in cells.get((model, method), none)))
        for model in models
    )
    heads = ((f"{m}: % above the proven bound", "1/EDP, best = 1") for m in methods)
    return View(("model", *(name for head in heads for name in head)), rows)
