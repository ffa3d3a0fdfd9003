"""B1: TPE with constraints beside Hyperopt, on mapping and on hardware search."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.comparison import draw_comparison


def draw(curves: pd.DataFrame) -> Figure:
    """Draws the curves of `study.b1`."""
    return draw_comparison(curves, ("excess", "failed"))
