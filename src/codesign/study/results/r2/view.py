"""R2: one row a layer, three columns a method."""

from __future__ import annotations

import re

import pandas as pd

from codesign.study.report.cells import View, number, records


def view(table: pd.DataFrame) -> View:
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
        for row in records(table)
    }
    none = ("–",) * 3
    rows = tuple(
        (str(layer), *(text for method in methods for text in cells.get((layer, method), none)))
        for layer in layers
    )
    heads = ((f"{m}: % above after {after}", "95 % interval", "trials to 1 %") for m in methods)
    return View(("layer", *(name for head in heads for name in head)), rows)
