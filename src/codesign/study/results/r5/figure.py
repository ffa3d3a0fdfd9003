"""R5: the ends of searches against the weight of the deviation in the confidence bound."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from codesign.drawing.style import OURS, new_figure, tidy
from codesign.study.duels import headline
from codesign.study.spaces import ALL, FREE_SPACES, ROW_STATIONARY, is_hardware, title

QUANTITIES = {
    ROW_STATIONARY: ("reach", "trials to 1 % of optimum"),
}
"""Quantity and axis label where they differ from `EXCESS`. Within row-stationary, searches have
almost equal ends, so their panel shows the trials that they need."""

EXCESS = ("excess", "EDP above optimum (%)")
OF_HARDWARE = ("excess", "EDP above best found (%)")

SINGLE = "#9a9a9a"


def draw(table: pd.DataFrame) -> Figure:
    """Draws R5's table: one panel per space, with thin lines for single models."""
    spaces = [space for space in dict.fromkeys(table["space"]) if space != FREE_SPACES]
    rows = -(-len(spaces) // 2)
    figure, grid = new_figure(rows, min(2, len(spaces)), 1.4 * rows + 0.5)
    for axes, space in zip(grid.flat, spaces, strict=False):
        part = table[table["space"] == space].sort_values("weight", kind="stable")
        quantity, axis = QUANTITIES.get(space, OF_HARDWARE if is_hardware(space) else EXCESS)
        _draw_part(axes, part, quantity)
        axes.set_title(title(space), loc="left")
        axes.set_ylabel(axis)
    for axes in grid.flat[len(spaces) :]:
        axes.set_visible(False)
    figure.supxlabel("λ", fontsize=7)
    handles, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside upper center", ncols=2, columnspacing=1.2, borderaxespad=0.0
    )
    return figure


def _draw_part(axes: Axes, part: pd.DataFrame, quantity: str) -> None:
    part = part.replace([np.inf], np.nan)
    together = headline(part)
    singles = part[(part["model"] != ALL) & (part["layer"] == ALL)]
    for number, (_, line) in enumerate(singles.groupby("model", sort=False)):
        axes.plot(
            line["weight"],
            line[quantity],
            color=SINGLE,
            linewidth=0.6,
            marker=".",
            markersize=2,
            label="" if number else "one model, median",
        )
    median = together[quantity].to_numpy()
    ends = (together[f"{quantity}{side}"].to_numpy() for side in ("_low", "_high"))
    spread = np.stack([np.abs(median - end) for end in ends])
    axes.errorbar(
        together["weight"],
        median,
        yerr=np.nan_to_num(spread),
        color=OURS,
        marker="o",
        markersize=3.2,
        linewidth=1.2,
        elinewidth=0.9,
        capsize=1.8,
        label="all together, 95 % interval",
    )
    axes.set_xscale("log")
    weights = sorted(part["weight"].unique())
    axes.xaxis.set_major_locator(FixedLocator(weights))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(bottom=0)
    tidy(axes)
