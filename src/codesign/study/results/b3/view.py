"""B3: one row a model and reading; one row a combination."""

from __future__ import annotations

import math

import pandas as pd

from codesign.study.report.cells import View, interval, number, records
from codesign.study.results.b3.table import EFFECTS


def view(table: pd.DataFrame) -> View:
    """By which factors EDP is divided."""
    head = (
        "model",
        "found hardware restricted to",
        "seeds",
        "of these it cannot run",
        *(f"{name}: EDP divided by" for name in EFFECTS),
    )
    rows = tuple(
        (
            str(row["model"]),
            str(row["restricted"]),
            str(row["seeds"]),
            str(row["infeasible"]),
            *(
                f"{number(row[name])} [{interval(row[f'{name}_low'], row[f'{name}_high'])}]"
                if math.isfinite(row[name])
                else "–"
                for name in EFFECTS
            ),
        )
        for row in records(table)
    )
    return View(head, rows)


def costs(table: pd.DataFrame) -> View:
    """Costs of every combination, relative to Eyeriss in row-stationary."""
    head = (
        *("model", "hardware", "dataflow", "EDP ×", "95 % interval", "energy ×", "delay ×"),
        *("seeds", "of these it cannot run", "because, for one"),
    )
    rows = tuple(
        (
            str(row["model"]),
            str(row["hardware"]),
            str(row["dataflow"]),
            number(row["relative"]),
            interval(row["low"], row["high"]),
            number(row["energy_ratio"]),
            number(row["cycles_ratio"]),
            str(row["seeds"]),
            str(row["infeasible"]),
            str(row["problem"]) if isinstance(row["problem"], str) else "",
        )
        for row in records(table)
    )
    return View(head, rows)
