"""R3: one row per model, two columns per method."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import View, side_by_side, text, told, with_span


def view(table: pd.DataFrame) -> View:
    """Where methods end, above the proven bound and above the best found."""
    return side_by_side(
        table,
        [("model", text("model"))],
        lambda method: [
            (f"{method}: % above the proven bound", told("bound_excess")),
            ("% above the best found", with_span("excess")),
        ],
    )
