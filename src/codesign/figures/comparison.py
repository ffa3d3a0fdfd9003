"""Excess EDP and share of failed trials, trial by trial: shared by results that compare methods."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from codesign.figures.progress import add_legend, draw_curves, ordered, scale_trials
from codesign.figures.style import new_figure

LONG = 100
"""From so many trials on their axis is logarithmic: long searches do most of their work early."""

LEAST_PERCENT = 0.01
"""Below this, excess EDP is drawn as none: a logarithmic axis has no zero."""

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


def draw_comparison(curves: pd.DataFrame, quantities: tuple[str, ...]) -> Figure:
    """A column a panel of `curves` (`study.comparison.curves`), a row a quantity."""
    panels = list(dict.fromkeys(curves["panel"]))
    height = 1.45 * len(quantities) + 0.6
    figure, grid = new_figure(len(quantities), len(panels), height, sharex="col")
    for row, quantity in enumerate(quantities):
        for column, panel in enumerate(panels):
            axes = grid[row, column]
            part = curves[(curves["panel"] == panel) & (curves["quantity"] == quantity)]
            draw_curves(axes, _visible(part) if quantity == "excess" else part)
            trials = int(part["trial"].max())
            scale_trials(axes, trials, is_logarithmic=trials >= LONG)
            if quantity == "excess":
                _scale_excess(axes, part)
            else:
                axes.set_ylim(0, max(5.0, 1.06 * float(part["upper"].max())))
            if row == 0:
                axes.set_title(TITLES.get(panel, panel))
            if column == 0 or (quantity, panel) in LABELS:
                axes.set_ylabel(LABELS.get((quantity, panel), LABELS[quantity]))
    figure.supxlabel("trials", fontsize=7)
    add_legend(figure, ordered(curves["method"]))
    return figure


def _visible(part: pd.DataFrame) -> pd.DataFrame:
    """Excess on a logarithmic axis: not below its end, and nothing where it is infinite."""
    values = part[["median", "lower", "upper"]].clip(lower=LEAST_PERCENT)
    return part.assign(**dict(values.items()))


def _scale_excess(axes: Axes, part: pd.DataFrame) -> None:
    """A logarithmic axis over what is drawn, with plain numbers."""
    seen = part[["lower", "median"]].to_numpy()
    seen = seen[np.isfinite(seen) & (seen > 0)]
    highest = part["upper"].replace(np.inf, np.nan).max()
    axes.set_yscale("log")
    if len(seen):
        low = max(LEAST_PERCENT, 0.8 * float(seen.min()))
        axes.set_ylim(low, max(1.2 * float(highest), 10 * low))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="y", which="minor", length=1.2, width=0.4)
