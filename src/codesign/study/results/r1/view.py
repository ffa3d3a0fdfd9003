"""R1: one row a model and reading of its EDP."""

from __future__ import annotations

import pandas as pd

from codesign.study.paper import READINGS
from codesign.study.report.cells import View, interval, number, records


def view(table: pd.DataFrame) -> View:
    """What is saved, against either baseline, beside what is possible."""
    head = (
        "model",
        "reading of EDP",
        "seeds",
        "paper, %",
        "saved, %",
        "95 % interval",
        "possible, %",
        "saved against optimal mapping, %",
        "95 % interval",
        "possible, %",
        "above the proven bound, %",
        "energy ×",
        "delay ×",
    )
    rows = tuple(
        (
            str(row["model"]),
            READINGS[str(row["reading"])],
            str(row["seeds"]),
            number(row["paper"]),
            number(row["improvement"]),
            interval(row["low"], row["high"]),
            number(row["headroom"]),
            number(row["improvement_optimal"]),
            interval(row["optimal_low"], row["optimal_high"]),
            number(row["headroom_optimal"]),
            number(row["gap"]),
            number(row["energy_ratio"]),
            number(row["cycles_ratio"]),
        )
        for row in records(table)
    )
    return View(head, rows)
