"""B4: win rates of methods against each other, one matrix per space."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from codesign.drawing.style import new_figure
from codesign.study.duels import headline
from codesign.study.spaces import title
from codesign.study.statistics import SIGNIFICANT

COLOURS = "PuOr"
"""From orange (loses) to violet (wins), which colour-blind readers can distinguish."""

ROW_INCHES = 0.24


def draw(duels: pd.DataFrame) -> Figure:
    """Draws the table of `duels.tournament`: one matrix for each space, of its tasks together."""
    rows = headline(duels)
    spaces = list(dict.fromkeys(rows["space"]))
    orders = [_order(rows[rows["space"] == space]) for space in spaces]
    heights = [len(order) for order in orders]
    figure, grid = new_figure(
        len(spaces),
        1,
        ROW_INCHES * sum(heights) + 0.85 * len(spaces),
        gridspec_kw={"height_ratios": [height + 2.2 for height in heights]},
    )
    for axes, space, order in zip(grid[:, 0], spaces, orders, strict=True):
        _draw_matrix(axes, rows[rows["space"] == space], order)
        axes.set_title(title(space), loc="left")
    return figure


def _order(duels: pd.DataFrame) -> list[str]:
    """The methods by mean win rate."""
    rates = _win_rate(duels).groupby(duels["method"], sort=False).mean()
    return [str(method) for method in rates.sort_values(ascending=False, kind="stable").index]


def _win_rate(duels: pd.DataFrame) -> pd.Series:
    """The share of pairs that a method wins, where a tie is half a win."""
    return (duels["wins"] + duels["ties"] / 2) / duels["pairs"]


def _draw_matrix(axes: Axes, duels: pd.DataFrame, order: list[str]) -> None:
    pairs = zip(duels["method"], duels["rival"], strict=True)
    cells = dict(zip(pairs, zip(_win_rate(duels), duels["p_holm"], strict=True), strict=True))
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
    axes.set_xlabel("method of the column")
