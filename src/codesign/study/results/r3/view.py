"""R3: one row per model, two columns per method."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import View, numeric, side_by_side, text, with_span


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
