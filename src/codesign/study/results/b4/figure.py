"""B4: win rates of methods against each other, one matrix per kind of search."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from codesign.drawing.style import new_figure
from codesign.study.statistics import SIGNIFICANT

TITLES = {"mapping": "mapping search (R2)", "hardware": "hardware search (R3)"}
COLOURS = "PuOr"
"""From orange (loses) to violet (wins), which colour-blind readers can distinguish."""

ROW_INCHES = 0.24


def draw(duels: pd.DataFrame) -> Figure:
    """Draws the tables of `b4.table.duels` of every kind of search."""
    searches = list(dict.fromkeys(duels["search"]))
    orders = [_order(duels[duels["search"] == search]) for search in searches]
    heights = [len(order) for order in orders]
    figure, grid = new_figure(
        len(searches),
        1,
        ROW_INCHES * sum(heights) + 0.85 * len(searches),
        gridspec_kw={"height_ratios": [height + 2.2 for height in heights]},
    )
    for axes, search, order in zip(grid[:, 0], searches, orders, strict=True):
        _draw_matrix(axes, duels[duels["search"] == search], order)
        axes.set_title(TITLES.get(search, search), loc="left")
    return figure


def _order(duels: pd.DataFrame) -> list[str]:
    """The methods by mean win rate, which is the same order as by mean rank."""
    rates = duels.groupby("method", sort=False)["win_rate"].mean()
    return [str(method) for method in rates.sort_values(ascending=False, kind="stable").index]


def _draw_matrix(axes: Axes, duels: pd.DataFrame, order: list[str]) -> None:
    pairs = zip(duels["method"], duels["rival"], strict=True)
    cells = dict(zip(pairs, zip(duels["win_rate"], duels["p_holm"], strict=True), strict=True))
    size = len(order)
    rates = np.full((size, size), np.nan)
    for row, method in enumerate(order):
        for column, rival in enumerate(order):
            if method != rival:
                rates[row, column] = cells[method, rival][0]
    axes.imshow(100 * rates, cmap=mpl.colormaps[COLOURS], vmin=-10, vmax=110, aspect="auto")
    for (row, column), rate in np.ndenumerate(rates):
        if row == column or not np.isfinite(rate):
            continue
        is_sure = cells[order[row], order[column]][1] < SIGNIFICANT
        axes.text(
            column,
            row,
            f"{100 * rate:.0f}",
            ha="center",
            va="center",
            fontsize=6,
            fontweight="bold" if is_sure else "normal",
            color="white" if abs(rate - 0.5) > 0.36 else "black",
        )
        if is_sure:
            frame = Rectangle((column - 0.46, row - 0.44), 0.92, 0.88, fill=False)
            frame.set(edgecolor="black", linewidth=0.7)
            axes.add_patch(frame)
    axes.set_yticks(range(size), order)
    axes.set_xticks(range(size), order, rotation=35 if size > 4 else 0)
    if size > 4:
        for text in axes.get_xticklabels():
            text.set(ha="right", rotation_mode="anchor")
    axes.tick_params(length=0)
    axes.set_ylabel("method of the row")
    axes.set_xlabel("method of the column: wins of the row, %")
