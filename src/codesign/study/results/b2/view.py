"""B2: one row per model, what is proven first, then one column per method."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import View, side_by_side, text, told, with_span


def view(table: pd.DataFrame) -> View:
    """How far everything is above the proven bound, in % of EDP."""
    return side_by_side(
        table,
        [
            ("model", text("model")),
            ("best EDP known, pJ·cycles", lambda row: f"{row['best_edp']:.4g}"),
            ("certificate", text("certificate")),
            ("it is above the bound by, %", told("best")),
            ("bound without search, %", told("floor")),
            ("Eyeriss mapped optimally, %", told("eyeriss")),
        ],
        lambda method: [(f"{method}, %", with_span("excess"))],
    )
