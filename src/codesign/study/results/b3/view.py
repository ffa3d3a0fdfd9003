"""B3: one row per model and reading; one row per combination."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from codesign.study.report.cells import (
    NONE,
    Row,
    View,
    each,
    numeric,
    span,
    tabulate,
    text,
    with_span,
)
from codesign.study.results.b3.combinations import EFFECTS, RESTRICTED


def view(table: pd.DataFrame) -> View:
    """The factors by which EDP is divided."""
    return tabulate(
        table,
        ("model", text("model")),
        ("found hardware restricted to", text("restricted")),
        ("seeds", text("seeds")),
        ("of these it cannot run", text("infeasible")),
        *((f"{name}: EDP divided by", _factor(name)) for name in EFFECTS),
    )


def _factor(name: str) -> Callable[[Row], str]:
    shown = with_span(name)
    return lambda row: shown(row) if math.isfinite(row[name]) else NONE


def costs(table: pd.DataFrame) -> View:
    """Costs of every combination, relative to Eyeriss in row-stationary."""
    return tabulate(
        table,
        ("model", text("model")),
        ("hardware", text("hardware")),
        ("dataflow", text("dataflow")),
        ("EDP ×", numeric("relative")),
        ("95 % interval", span("low", "high")),
        ("energy ×", numeric("energy_ratio")),
        ("delay ×", numeric("cycles_ratio")),
        ("seeds", text("seeds")),
        ("of these it cannot run", text("infeasible")),
        ("because, for one", text("problem")),
    )


def answer(table: pd.DataFrame) -> str:
    """The factors of hardware alone and of mapping alone."""
    rows = table[table["restricted"] == RESTRICTED[0]]
    hardware, mapping = (each(rows["model"], rows[name]) for name in ("hardware", "mapping"))
    return f"EDP is divided by, for hardware alone: {hardware}; for free mapping alone: {mapping}."
