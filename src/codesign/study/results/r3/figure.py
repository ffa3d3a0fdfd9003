"""R3: best-so-far reciprocal EDP of hardware searches, one panel per model."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.progress import draw_panels
from codesign.study.course import drawn_as_reciprocal


def draw(curves: pd.DataFrame) -> Figure:
    """Draws the curves of `r3.table.curves`, on the paper's axis."""
    return draw_panels(drawn_as_reciprocal(curves), "model", 2, 1.3, "accelerators tried")
