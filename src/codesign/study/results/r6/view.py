"""R6: one row per group of layers and budget of the sampler."""

from __future__ import annotations

import math

import pandas as pd

from codesign.study.comparison.view import duel_columns
from codesign.study.duels import headline
from codesign.study.report.cells import NONE, Row, View, number, numeric, tabulate, text, with_span
from codesign.study.spaces import ALL


def view(table: pd.DataFrame) -> View:
    """The ends, the evaluations needed, and the duels of the sampler with the method."""
    method = str(table["method"].iloc[0])
    return tabulate(
        table,
        ("space", text("space")),
        ("layer", _place),
        ("method", text("method")),
        ("budget ×", numeric("multiple")),
        ("EDP above optimum, %", with_span("excess", digits=2)),
        (f"evaluations until {method}'s end", _reach),
        ("raw draws until then", numeric("reach_draws")),
        *duel_columns(method),
    )


def _place(row: Row) -> str:
    if row["layer"] != ALL:
        return str(row["layer"])
    return f"{row['model']}, all layers" if row["model"] != ALL else "all"


def _reach(row: Row) -> str:
    if pd.isna(row["reach"]):
        return NONE
    if math.isinf(row["reach"]):
        return "more than the most"
    return f"{row['reach']:,.0f}"


def answer(table: pd.DataFrame) -> str:
    """The EDP of the sampler with each budget, relative to the method's, by map-space."""
    method = str(table["method"].iloc[0])
    rows = headline(table[table["pairs"].notna()])
    lines = []
    for space, part in rows.groupby("space", sort=False):
        arms = (
            f"{number(row['ratio'])} with {row['multiple']:g} × the evaluations"
            + (" (saturated)" if row["saturated"] else "")
            for row in part.to_dict("records")
        )
        lines.append(f"{space}: {', '.join(arms)}")
    return f"EDP of Timeloop's mapper / EDP of {method}: {'; '.join(lines)}." if lines else ""
