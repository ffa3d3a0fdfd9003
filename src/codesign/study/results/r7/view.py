"""R7: one row per space and sampler."""

from __future__ import annotations

import math

import pandas as pd

from codesign.study.report.cells import NONE, Row, View, span, tabulate, text, told


def view(table: pd.DataFrame) -> View:
    """Shares of valid draws, and what the others break first."""
    return tabulate(
        table,
        ("space", text("space")),
        ("model", text("model")),
        ("layer", text("layer")),
        ("drawn", text("sampler")),
        ("valid, %", told("share", scale=100)),
        ("95 % interval", span("low", "high", scale=100)),
        ("draws for 150 valid", _draws),
        ("what the others break first", text("first_broken")),
    )


def _draws(row: Row) -> str:
    needed = row["draws_for_150"]
    return f"{needed:,.0f}" if math.isfinite(needed) else NONE
