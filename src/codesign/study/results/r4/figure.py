"""R4: surrogates and acquisitions, on mapping and on hardware search."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.comparison import draw_comparison


def draw(curves: pd.DataFrame) -> Figure:
    """Draws the curves of `study.r4`."""
    return draw_comparison(curves, ("excess",))
