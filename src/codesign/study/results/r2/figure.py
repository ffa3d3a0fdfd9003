"""R2: best-so-far reciprocal EDP of mapping searches, a panel a layer."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.progress import draw_panels


def draw(curves: pd.DataFrame) -> Figure:
    """Draws the curves of `study.r2.curves`."""
    return draw_panels(
        curves, "layer", 3, 1.08, "mappings tried", is_logarithmic=True, best="proven optimum"
    )
