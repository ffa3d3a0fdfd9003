"""B2: one row per model: first the proof, then one column per method."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import View, each, numeric, side_by_side, text, with_span


def view(table: pd.DataFrame) -> View:
    """The distance of designs and searches from the proven bound, in % of EDP."""
    return side_by_side(
        table,
        [
            ("model", text("model")),
            ("best EDP known, pJ·cycles", lambda row: f"{row['best_edp']:.4g}"),
            ("certificate", text("certificate")),
            ("it is above the bound by, %", numeric("best")),
            ("bound without search, %", numeric("floor")),
            ("Eyeriss mapped optimally, %", numeric("eyeriss")),
        ],
        lambda method: [(f"{method}, %", with_span("excess"))],
    )


def answer(table: pd.DataFrame) -> str:
    """How many models are proven, and the distance of the best search from the bound."""
    models = table.drop_duplicates("model")
    proven = int((models["certificate"] == "optimal").sum())
    nearest = table.groupby("model", sort=False)["excess"].min()
    return (
        f"{proven} of {len(models)} models have a proven best accelerator. The best search ends "
        f"above the bound by, %: {each(nearest.index, nearest, 2)}."
    )
