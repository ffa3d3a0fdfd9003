"""R7: one row per space and sampler."""

from __future__ import annotations

import math

import pandas as pd

from codesign.study.report.cells import NONE, Row, View, number, numeric, span, tabulate, text


def view(table: pd.DataFrame) -> View:
    """The shares of valid draws, and the rules that the others break."""
    return tabulate(
        table,
        ("space", text("space")),
        ("model", text("model")),
        ("layer", text("layer")),
        ("drawn", text("sampler")),
        ("how", text("counted")),
        ("valid, %", numeric("share", scale=100)),
        ("95 % interval", span("low", "high", scale=100)),
        ("draws for 150 valid", _draws),
        ("what the others break (drawn: first)", text("broken")),
    )


def _draws(row: Row) -> str:
    needed = row["draws_for_150"]
    return f"{needed:,.0f}" if math.isfinite(needed) else NONE


def answer(table: pd.DataFrame) -> str:
    """The shares of the ways of drawing that the paper names."""
    hardware = 100 * table[table["sampler"] == "derived"]["share"]
    mapping = 100 * table[table["sampler"] == "free"]["share"]
    return (
        f"Of accelerators {number(hardware.median(), 2)} %, if H2 and H6 are computed from the "
        f"others; of mappings {number(mapping.min(), 2)} to {number(mapping.max(), 2)} %, by layer."
    )
