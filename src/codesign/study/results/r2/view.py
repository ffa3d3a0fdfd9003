"""R2: one row per layer, three columns per method."""

from __future__ import annotations

import re

import pandas as pd

from codesign.study.report.cells import Row, View, each, number, numeric, side_by_side, text


def view(table: pd.DataFrame) -> View:
    """The excess of methods over the proven optimum, on the way and at the end.

    The interval is for the end.
    """
    budget = int(table["trials"].max())
    found = (re.fullmatch(r"excess_(\d+)", str(name)) for name in table)
    stops = sorted(stop for match in found if match and (stop := int(match[1])) < budget)
    names = [*(f"excess_{stop}" for stop in stops), "excess"]

    def on_the_way(row: Row) -> str:
        return " / ".join(number(row[name], 2) for name in names)

    def at_the_end(row: Row) -> str:
        return f"{number(row['excess_low'], 2)} … {number(row['excess_high'], 2)}"

    after = " / ".join(map(str, [*stops, budget]))
    return side_by_side(
        table,
        [("layer", text("layer"))],
        lambda method: [
            (f"{method}: % above after {after}", on_the_way),
            ("95 % interval", at_the_end),
            ("trials to 1 %", numeric("reach")),
        ],
    )


def answer(table: pd.DataFrame) -> str:
    """The excess of every method, over all layers."""
    ends = table.groupby("method", sort=False)["excess"].median().sort_values(kind="stable")
    layers = len(table[["model", "layer"]].drop_duplicates())
    return (
        f"EDP above the proven optimum after {int(table['trials'].max())} mappings, %, median over "
        f"{layers} layers: {each(ends.index, ends, 2)}."
    )
