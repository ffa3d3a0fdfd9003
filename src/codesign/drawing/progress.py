"""Panels of best-so-far curves: one line per method with its quartile band."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, NullFormatter

from codesign.drawing.style import (
    colour,
    dashes,
    label,
    new_figure,
    ordered,
    plain_logarithms,
    tidy,
)

LEAST_PERCENT = 0.01
"""The least lower end of the axis of the excess, in %."""


def draw_panels(
    curves: pd.DataFrame,
    panel: str,
    columns: int,
    height: float,
    x_label: str,
    is_logarithmic: bool = False,
    best: str = "best found",
) -> Figure:
    """Small multiples of `curves`, one panel for every value of the column `panel`.

    Args:
        curves: `panel`, `method`, `trial`, and `median`, `lower`, `upper` of the excess in %.
        panel: the column that distinguishes panels.
        columns: the number of panels side by side.
        height: the height of a row, in inches.
        x_label: the label of the trials' axis.
        is_logarithmic: whether the trials' axis is logarithmic, which suits long searches.
        best: what the excess is over.
    """
    titles = list(dict.fromkeys(curves[panel]))
    rows = -(-len(titles) // columns)
    figure, grid = new_figure(rows, columns, height * rows + 0.45, sharex=True, sharey=True)
    for axes, title in zip(grid.flat, titles, strict=False):
        draw_excess(axes, curves[curves[panel] == title], curves)
        scale_trials(axes, int(curves["trial"].max()), is_logarithmic)
        axes.set_title(title)
    for axes in grid.flat[len(titles) :]:
        axes.set_visible(False)
    figure.supxlabel(x_label, fontsize=7)
    figure.supylabel(f"EDP above {best} (%)", fontsize=7)
    add_legend(figure, ordered(curves["method"]))
    return figure


def draw_excess(axes: Axes, curves: pd.DataFrame, scale: pd.DataFrame | None = None) -> None:
    """Draws curves of the excess on a logarithmic axis.

    Infinite values are left out, and 0 is drawn at the lower end.

    Args:
        scale: the curves that set the ends of the axis; `curves` themselves by default.
    """
    columns = ["median", "lower", "upper"]
    seen = (curves if scale is None else scale)[columns].replace(np.inf, np.nan)
    least = seen.where(seen > 0).min().min()
    low = max(LEAST_PERCENT, 0.8 * least) if np.isfinite(least) else LEAST_PERCENT
    drawn = curves.copy()
    drawn[columns] = curves[columns].replace(np.inf, np.nan).clip(lower=low)
    draw_curves(axes, drawn)
    axes.set_yscale("log")
    axes.set_ylim(low, max(1.2 * float(seen.max().max()), 10 * low))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="y", which="minor", length=1.2, width=0.4)


def draw_curves(axes: Axes, curves: pd.DataFrame) -> None:
    """Draws one line per method, and the band between its quartiles."""
    for method in ordered(curves["method"]):
        line = curves[curves["method"] == method].sort_values("trial")
        trial = line["trial"].to_numpy()
        axes.fill_between(
            trial,
            line["lower"].to_numpy(),
            line["upper"].to_numpy(),
            color=colour(method),
            alpha=0.18,
            linewidth=0,
            step="post",
        )
        # Steps, because the best EDP does not change between two trials.
        (drawn,) = axes.plot(
            trial,
            line["median"].to_numpy(),
            color=colour(method),
            label=method,
            drawstyle="steps-post",
        )
        if dashes(method):
            drawn.set_dashes(dashes(method))
    tidy(axes)


def scale_trials(axes: Axes, trials: int, is_logarithmic: bool) -> None:
    """Sets the axis of trials, from the first to the last."""
    axes.set_xlim(1, max(2, trials))
    if is_logarithmic:
        axes.set_xscale("log")
        plain_logarithms(axes)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, min_n_ticks=2))


def method_lines(methods: list[str]) -> list[Line2D]:
    """The lines of methods for a legend."""
    lines = []
    for method in methods:
        line = Line2D([], [], color=colour(method), label=label(method))
        if dashes(method):
            line.set_dashes(dashes(method))
        lines.append(line)
    return lines


def add_legend(figure: Figure, methods: list[str]) -> None:
    """Adds a legend of lines and bands above the panels."""
    lines = method_lines(methods)
    band = Patch(color="#555555", alpha=0.18, linewidth=0, label="quartiles over seeds")
    columns = 2 if len(lines) > 2 else len(lines) + 1
    figure.legend(
        handles=[*lines, band],
        loc="outside upper center",
        ncols=columns,
        handlelength=2.4,
        columnspacing=1.2,
        borderaxespad=0.0,
    )
