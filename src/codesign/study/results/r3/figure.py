"""R3: how far hardware searches are above the best found, one panel per model."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.progress import draw_panels


def draw(curves: pd.DataFrame) -> Figure:
    """Draws the curves of `r3.table.curves`."""
    return draw_panels(curves, "model", 2, 1.3, "accelerators tried")
