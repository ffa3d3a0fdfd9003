"""R3: one row per model, two columns per method."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import View, each, numeric, side_by_side, text, with_span


def view(table: pd.DataFrame) -> View:
    """The results of methods, relative to the proven bound and to the best found."""
    return side_by_side(
        table,
        [("model", text("model"))],
        lambda method: [
            (f"{method}: % above the proven bound", numeric("bound_excess")),
            ("% above the best found", with_span("excess")),
        ],
    )


def answer(table: pd.DataFrame) -> str:
    """The excess of every method, over all models."""
    ends = table.groupby("method", sort=False)["excess"].median().sort_values(kind="stable")
    models = table["model"].nunique()
    return (
        f"EDP above the best found after {int(table['trials'].max())} accelerators, %, median over "
        f"{models} models: {each(ends.index, ends, 2)}."
    )
