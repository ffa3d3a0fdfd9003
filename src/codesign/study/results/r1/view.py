"""R1: one row per model and reading of its EDP."""

from __future__ import annotations

import pandas as pd

from codesign.study.paper import READINGS
from codesign.study.report.cells import Column, View, each, numeric, span, tabulate, text


def view(table: pd.DataFrame) -> View:
    """The savings relative to both baselines, with the most that is possible."""
    paper: list[Column] = [("paper, %", numeric("paper"))] if table["paper"].notna().any() else []
    return tabulate(
        table,
        ("model", text("model")),
        ("reading of EDP", lambda row: READINGS[str(row["reading"])]),
        ("seeds", text("seeds")),
        *paper,
        ("saved, %", numeric("improvement")),
        ("95 % interval", span("low", "high")),
        ("possible, %", numeric("headroom")),
        ("saved against optimal mapping, %", numeric("improvement_optimal")),
        ("95 % interval", span("optimal_low", "optimal_high")),
        ("possible, %", numeric("headroom_optimal")),
        ("above the proven bound, %", numeric("bound_excess")),
        ("energy ×", numeric("energy_ratio")),
        ("delay ×", numeric("cycles_ratio")),
    )


def answer(table: pd.DataFrame) -> str:
    """The savings against Eyeriss as searched, beside the paper's."""
    rows = table[table["reading"] == "product"]
    saved = each(rows["model"], rows["improvement"])
    possible = each(rows["model"], rows["headroom_optimal"])
    told = rows[rows["paper"].notna()]
    paper = f"; the paper: {each(told['model'], told['paper'])}" if len(told) else ""
    return f"EDP saved, %: {saved}{paper}. At most possible against optimal mapping: {possible}."
