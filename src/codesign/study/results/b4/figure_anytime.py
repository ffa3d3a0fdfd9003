"""B4: mean ranks of methods against trials, one panel per kind of search."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from codesign.drawing.progress import method_lines
from codesign.drawing.style import colour, dashes, new_figure, ordered, plain_logarithms, tidy
from codesign.study.results.b4.figure import TITLES


def draw(anytime: pd.DataFrame) -> Figure:
    """Draws the tables of `b4.table.anytime` of every kind of search. The best rank is on top."""
    searches = list(dict.fromkeys(anytime["search"]))
    methods = ordered(anytime["method"])
    figure, grid = new_figure(1, len(searches), 2.0 + 0.09 * len(methods))
    for axes, search in zip(grid[0], searches, strict=True):
        own = anytime[anytime["search"] == search]
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
        axes.set_title(TITLES.get(search, search))
        axes.set_xlabel("trials")
        tidy(axes)
    grid[0, 0].set_ylabel("mean rank, 1 is best")
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
