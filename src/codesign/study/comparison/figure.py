"""The figure of a comparison: excess and share of failed trials against trials."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.progress import add_legend, draw_curves, draw_excess, scale_trials
from codesign.drawing.style import new_figure, ordered
from codesign.study.result import Result
from codesign.study.spaces import HARDWARE, title

LONG = 100
"""With at least so many trials, their axis is logarithmic, since most progress is early."""

LABELS = {"excess": "EDP above least (%)", "failed": "failed trials (%)"}


def draw(curves: pd.DataFrame, result: Result) -> Figure:
    """Draws `comparison.table.curves`.

    A panel is a space, or a model in a space. With one quantity, panels are in rows of two; with
    two, each panel has a row of its own.
    """
    assert result.arms is not None
    quantities = result.arms.quantities
    curves = curves.assign(panel=_panels(curves, result.arms.panel))
    panels = list(dict.fromkeys(curves["panel"]))
    columns = len(quantities) if len(quantities) > 1 else min(2, len(panels))
    rows = len(panels) if len(quantities) > 1 else -(-len(panels) // columns)
    figure, grid = new_figure(rows, columns, 1.25 * rows + 0.7)
    cells = [(panel, quantity) for panel in panels for quantity in quantities]
    for number, (axes, (panel, quantity)) in enumerate(zip(grid.flat, cells, strict=False)):
        part = curves[(curves["panel"] == panel) & (curves["quantity"] == quantity)]
        trials = int(part["trial"].max())
        scale_trials(axes, trials, is_logarithmic=trials >= LONG)
        if quantity == "excess":
            draw_excess(axes, part)
        else:
            draw_curves(axes, part)
            axes.set_ylim(0, max(5.0, 1.06 * float(part["upper"].max())))
        if len(quantities) == 1 or number % columns == 0:
            axes.set_title(panel, loc="left")
        if len(quantities) > 1 or number % columns == 0:
            axes.set_ylabel(LABELS[quantity])
    for axes in grid.flat[len(cells) :]:
        axes.set_visible(False)
    figure.supxlabel("trials", fontsize=7)
    add_legend(figure, ordered(curves["method"]))
    return figure


def _panels(curves: pd.DataFrame, by: str) -> list[str]:
    """The title of the panel of each row: of its space, or of its model and space."""
    if by == "space":
        return [title(str(space)) for space in curves["space"]]
    return [
        str(model) if space == HARDWARE else f"{model}, {str(space).removeprefix(HARDWARE).strip()}"
        for space, model in zip(curves["space"], curves["model"], strict=True)
    ]
