"""The figure of a comparison: excess and share of failed trials against trials."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.progress import add_legend, draw_curves, draw_excess, scale_trials
from codesign.drawing.style import new_figure, ordered
from codesign.study.result import Result

LONG = 100
"""With at least so many trials, their axis is logarithmic, since most progress is early."""

TITLES = {
    "mapping": "mapping search",
    "hardware": "hardware search",
}

LABELS = {
    ("excess", "mapping"): "EDP above optimum (%)",
    ("excess", "hardware"): "EDP above best found (%)",
    "excess": "EDP above best found (%)",
    "failed": "failed trials so far (%)",
}


def draw(curves: pd.DataFrame, result: Result) -> Figure:
    """Draws `comparison.table.curves`: one column per panel, one row per quantity."""
    assert result.arms is not None
    name, quantities = result.arms.panel, result.arms.quantities
    panels = list(dict.fromkeys(curves[name]))
    height = 1.45 * len(quantities) + 0.6
    figure, grid = new_figure(len(quantities), len(panels), height, sharex="col")
    for row, quantity in enumerate(quantities):
        for column, panel in enumerate(panels):
            axes = grid[row, column]
            part = curves[(curves[name] == panel) & (curves["quantity"] == quantity)]
            trials = int(part["trial"].max())
            scale_trials(axes, trials, is_logarithmic=trials >= LONG)
            if quantity == "excess":
                draw_excess(axes, part)
            else:
                draw_curves(axes, part)
                axes.set_ylim(0, max(5.0, 1.06 * float(part["upper"].max())))
            if row == 0:
                axes.set_title(TITLES.get(panel, panel))
            if column == 0 or (quantity, panel) in LABELS:
                axes.set_ylabel(LABELS.get((quantity, panel), LABELS[quantity]))
    figure.supxlabel("trials", fontsize=7)
    add_legend(figure, ordered(curves["method"]))
    return figure
