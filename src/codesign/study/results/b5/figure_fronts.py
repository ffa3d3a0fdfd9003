"""B5: fronts of energy and delay, with the area, relative to Eyeriss."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.style import PAPER, new_figure, tidy

AREAS = "viridis_r"


def draw(points: pd.DataFrame) -> Figure:
    """Draws the table of `b5.table.fronts`: one panel per model, with the area as colour."""
    models = list(dict.fromkeys(points["model"]))
    rows = -(-len(models) // 2)
    figure, grid = new_figure(rows, min(2, len(models)), 1.3 * rows + 0.3)
    low, high = points["area"].min(), max(points["area"].max(), points["area"].min() + 0.01)
    for axes in grid.flat[len(models) :]:
        axes.set_visible(False)
    marks = None
    for axes, model in zip(grid.flat, models, strict=False):
        own = points[points["model"] == model]
        marks = axes.scatter(
            own["delay"], own["energy"], c=own["area"], s=9, cmap=AREAS, vmin=low, vmax=high,
            linewidth=0.3, edgecolor="black", zorder=3,
        )  # fmt: skip
        axes.plot(1, 1, marker="*", color=PAPER, markersize=6, linestyle="none", zorder=4)
        axes.set_title(model)
        axes.margins(0.12)
        axes.locator_params(nbins=4)
        tidy(axes, "both")
    figure.supxlabel("delay / Eyeriss's", fontsize=7)
    figure.supylabel("energy / Eyeriss's", fontsize=7)
    if marks is not None:
        bar = figure.colorbar(marks, ax=list(grid.flat[: len(models)]), aspect=30, pad=0.02)
        bar.set_label("area / Eyeriss's (star)", fontsize=6.5)
        bar.ax.tick_params(labelsize=6)
    return figure
