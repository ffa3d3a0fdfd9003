"""Panels of best-so-far curves: one line per method with its quartile band."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from codesign.drawing.style import (
    colour,
    dashes,
    label,
    new_figure,
    ordered,
    plain_logarithms,
    tidy,
)


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
        curves: `panel`, `method`, `trial`, `median`, `lower`, `upper` of reciprocal EDP.
        panel: the column that distinguishes panels.
        columns: the number of panels side by side.
        height: the height of a row, in inches.
        x_label: the label of the trials' axis.
        is_logarithmic: whether the trials' axis is logarithmic, which suits long searches.
        best: the meaning of the value 1.
    """
    titles = list(dict.fromkeys(curves[panel]))
    rows = -(-len(titles) // columns)
    figure, grid = new_figure(rows, columns, height * rows + 0.45, sharex=True, sharey=True)
    for axes, title in zip(grid.flat, titles, strict=False):
        _draw_panel(axes, curves[curves[panel] == title])
        scale_trials(axes, int(curves["trial"].max()), is_logarithmic)
        axes.set_title(title)
    for axes in grid.flat[len(titles) :]:
        axes.set_visible(False)
    figure.supxlabel(x_label, fontsize=7)
    figure.supylabel(f"best-so-far 1/EDP, {best} = 1", fontsize=7)
    add_legend(figure, ordered(curves["method"]))
    return figure


def _draw_panel(axes: Axes, curves: pd.DataFrame) -> None:
    draw_curves(axes, curves)
    axes.set_ylim(0, 1.04)


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
