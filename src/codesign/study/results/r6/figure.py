"""R6: the paper's method and Timeloop's mapper with many times the evaluations, by layer."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from codesign.drawing.style import OURS, label, new_figure, plain_logarithms, tidy

SAMPLER = "#000000"
MARKERS = ("o", "s", "D", "^", "v")
ENOUGH_PERCENT = 0.1
"""Excess below this is drawn on the linear part of the axis."""


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of `r6.table`: ends on the left, evaluations needed on the right."""
    layers = list(dict.fromkeys(table["layer"]))
    place = {layer: len(layers) - 1 - number for number, layer in enumerate(layers)}
    method = str(table["method"].iloc[0])
    figure, grid = new_figure(1, 2, 0.17 * len(layers) + 1.15, sharey=True)
    _draw_ends(grid[0, 0], table, method, place)
    _draw_reach(grid[0, 1], table, method, place)
    grid[0, 0].set_yticks(list(place.values()), list(place))
    grid[0, 0].set_ylim(-0.6, len(layers) - 0.4)
    for axes in grid[0]:
        tidy(axes, "x")
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", linewidth=0.25)
    figure.legend(
        *grid[0, 0].get_legend_handles_labels(),
        loc="outside upper center",
        ncols=2,
        handlelength=1.2,
        columnspacing=1.2,
        borderaxespad=0.0,
    )
    return figure


def _draw_ends(axes: Axes, table: pd.DataFrame, method: str, place: dict[str, int]) -> None:
    """Draws the excess: the method's in colour, the sampler's lighter with larger budgets."""
    arms = table[["method", "multiple", "evaluations"]].drop_duplicates().to_dict("records")
    count = len(arms)
    for number, arm in enumerate(arms):
        is_ours = arm["method"] == method
        rows = table[(table["method"] == arm["method"]) & (table["multiple"] == arm["multiple"])]
        shift = 0.3 * (1 - 2 * number / max(1, count - 1))
        value, low, high = (rows[f"excess{end}"].to_numpy() for end in ("", "_low", "_high"))
        shown = np.isfinite(value)
        axes.errorbar(
            value[shown],
            np.array([place[layer] + shift for layer in rows["layer"]])[shown],
            xerr=_finite(value[shown] - low[shown], high[shown] - value[shown]),
            fmt=MARKERS[number % len(MARKERS)],
            color=OURS if is_ours else SAMPLER,
            markerfacecolor=OURS if is_ours else str(min(0.95, 0.45 * (number - 1))),
            markeredgewidth=0.6,
            markersize=2.8,
            linewidth=0.7,
            label=f"{label(arm['method'])}, {arm['evaluations']:,}",
        )
    axes.set_xscale("symlog", linthresh=ENOUGH_PERCENT, linscale=0.4)
    axes.set_xlim(left=-0.02)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("EDP above optimum (%)")


def _draw_reach(axes: Axes, table: pd.DataFrame, method: str, place: dict[str, int]) -> None:
    """Draws the evaluations until the method's final median; an arrow if the most are too few."""
    most = int(table["evaluations"].max())
    for is_ours, rows in table.groupby(table["method"] == method, sort=False):
        rows = rows.drop_duplicates("layer")
        shade = OURS if is_ours else SAMPLER
        height = np.array([place[layer] + (0.15 if is_ours else -0.15) for layer in rows["layer"]])
        reach = rows["reach"].to_numpy()
        there = np.isfinite(reach)
        low = rows["reach_low"].to_numpy()
        high = rows["reach_high"].to_numpy().clip(max=most)
        axes.errorbar(
            reach[there],
            height[there],
            xerr=_finite(reach[there] - low[there], high[there] - reach[there]),
            fmt="o" if is_ours else "s",
            color=shade,
            markersize=2.8,
            linewidth=0.7,
        )
        axes.plot(
            np.full(np.count_nonzero(~there), most),
            height[~there],
            linestyle="none",
            marker=">",
            markersize=3.4,
            color=shade,
        )
    axes.set_xscale("log")
    axes.set_xlim(1, 1.5 * most)
    plain_logarithms(axes)
    axes.set_xlabel("evaluations to BO's final EDP")


def _finite(*sides: np.ndarray) -> np.ndarray:
    """[2, points], the lengths of error bars to both sides; 0 if a bound is infinite."""
    spread = np.stack(sides)
    return np.abs(np.where(np.isfinite(spread), spread, 0.0))
