"""R1: one row per model and reading of its EDP."""

from __future__ import annotations

import pandas as pd

from codesign.study.paper import READINGS
from codesign.study.report.cells import View, span, tabulate, text, told


def view(table: pd.DataFrame) -> View:
    """What is saved, against either baseline, beside what is possible."""
    return tabulate(
        table,
        ("model", text("model")),
        ("reading of EDP", lambda row: READINGS[str(row["reading"])]),
        ("seeds", text("seeds")),
        ("paper, %", told("paper")),
        ("saved, %", told("improvement")),
        ("95 % interval", span("low", "high")),
        ("possible, %", told("headroom")),
        ("saved against optimal mapping, %", told("improvement_optimal")),
        ("95 % interval", span("optimal_low", "optimal_high")),
        ("possible, %", told("headroom_optimal")),
        ("above the proven bound, %", told("bound_excess")),
        ("energy ×", told("energy_ratio")),
        ("delay ×", told("cycles_ratio")),
    )
