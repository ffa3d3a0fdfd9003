"""B4: mean ranks of methods against trials, one panel per space."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from codesign.drawing.progress import method_lines
from codesign.drawing.style import colour, dashes, new_figure, ordered, plain_logarithms, tidy
from codesign.study.spaces import title


def draw(anytime: pd.DataFrame) -> Figure:
    """Draws the table of `b4.table.anytime`. The best rank is on top."""
    spaces = list(dict.fromkeys(anytime["space"]))
    methods = ordered(anytime["method"])
    rows = -(-len(spaces) // 2)
    figure, grid = new_figure(rows, min(2, len(spaces)), 1.45 * rows + 0.4 + 0.09 * len(methods))
    for axes in grid.flat[len(spaces) :]:
        axes.set_visible(False)
    for axes, space in zip(grid.flat, spaces, strict=False):
        own = anytime[anytime["space"] == space]
        for method in ordered(own["method"]):
            line = own[own["method"] == method]
            (drawn,) = axes.plot(
                line["trial"], line["rank"], color=colour(method), drawstyle="steps-post"
            )
            if dashes(method):
                drawn.set_dashes(dashes(method))
        axes.set_xscale("log")
        axes.set_xlim(1, max(2, int(own["trial"].max())))
        plain_logarithms(axes)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.set_ylim(own["method"].nunique() + 0.1, 0.9)
        axes.set_title(title(space), loc="left")
        tidy(axes)
    figure.supxlabel("trials", fontsize=7)
    figure.supylabel("mean rank, 1 is best", fontsize=7)
    lines = method_lines(methods)
    figure.legend(
        handles=lines,
        loc="outside upper center",
        ncols=len(lines) if len(lines) <= 3 else 2,
        handlelength=2.4,
        columnspacing=1.2,
        borderaxespad=0.0,
    )
    return figure
