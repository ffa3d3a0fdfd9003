"""R3c: hardware search by ways of handling failed trials, a column a model."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.comparison import draw_comparison


def draw(curves: pd.DataFrame) -> Figure:
    """Draws the curves of `study.r3c`."""
    return draw_comparison(curves, ("excess", "failed"))
