"""R8: one row a design; one sentence a model."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import Row, View, number, records


def view(table: pd.DataFrame) -> View:
    """The best designs, with the range over seeds where it differs."""
    head = (
        "model",
        "design",
        "array, H1 × H2",
        "words in / w / out, H3 / H4 / H5",
        "global buffers, H7 × H8",
        "block, H9",
        "cluster, H10",
        "dataflow",
        "energy, µJ",
        "delay, kcycles",
        "busy, %",
        "EDP, J·cycles",
        "seeds",
    )
    rows = tuple(
        (
            str(row["model"]),
            str(row["design"]),
            _several(row, " × ", "H1", "H2"),
            _several(row, " / ", "H3", "H4", "H5"),
            _several(row, " × ", "H7", "H8"),
            _several(row, "", "H9"),
            _several(row, "", "H10"),
            str(row["dataflow"]),
            _ranged(row, "energy_pj", 1e-6),
            _ranged(row, "cycles", 1e-3),
            _ranged(row, "utilization", 100),
            _ranged(row, "edp", 1e-12),
            str(row["seeds"]),
        )
        for row in records(table)
    )
    return View(head, rows)


def _several(row: Row, between: str, *names: str) -> str:
    """Parameters of the best design, then those of them that vary, with their ranges."""
    best = between.join(str(row[name]) for name in names)
    ranges = [
        f"{name} " * (len(names) > 1) + f"{row[f'{name}_low']}–{row[f'{name}_high']}"
        for name in names
        if row[f"{name}_low"] != row[f"{name}_high"]
    ]
    return f"{best} [{', '.join(ranges)}]" if ranges else best


def _ranged(row: Row, name: str, scale: float) -> str:
    low, high = (number(scale * row[f"{name}_{end}"]) for end in ("low", "high"))
    best = number(scale * row[name])
    return best if low == high else f"{best} [{low}–{high}]"


def reasons(table: pd.DataFrame) -> View:
    """Why the best design of every model costs what it costs."""
    head = ("model", "energy ×", "delay ×", "EDP ×", "why")
    rows = tuple(
        (
            str(row["model"]),
            number(row["energy_ratio"]),
            number(row["cycles_ratio"]),
            number(row["edp_ratio"]),
            str(row["sentence"]).partition(": ")[2],
        )
        for row in records(table)
    )
    return View(head, rows)
