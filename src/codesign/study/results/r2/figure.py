"""R2: best-so-far reciprocal EDP of mapping searches, one panel per layer."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.progress import draw_panels
from codesign.study.course import drawn_as_reciprocal


def draw(curves: pd.DataFrame) -> Figure:
    """Draws the curves of `r2.table.curves`, on the paper's axis."""
    return draw_panels(
        drawn_as_reciprocal(curves),
        "layer",
        3,
        1.08,
        "mappings tried",
        is_logarithmic=True,
        best="proven optimum",
    )
