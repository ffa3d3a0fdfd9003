"""R3: best-so-far reciprocal EDP of hardware searches, a panel a model."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.progress import draw_panels


def draw(curves: pd.DataFrame) -> Figure:
    """Draws the curves of `study.r3.curves`."""
    return draw_panels(curves, "model", 2, 1.3, "accelerators tried")
