"""R2: how far mapping searches are above the optimum, one panel per layer."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.progress import draw_panels


def draw(curves: pd.DataFrame) -> Figure:
    """Draws the curves of `r2.table.curves`."""
    return draw_panels(
        curves,
        "layer",
        3,
        1.08,
        "mappings tried",
        is_logarithmic=True,
        best="proven optimum",
    )
