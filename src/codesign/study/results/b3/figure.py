"""B3: the factors by which hardware and mapping freedom divide EDP."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from codesign.drawing.style import new_figure, tidy

COLOURS = {
    "mapping": "#E69F00",
    "hardware": "#0072B2",
    "interaction": "#999999",
    "total": "#000000",
}
BARS = (
    ("mapping", 0),
    ("hardware", 0),
    ("hardware", 1),
    ("interaction", 0),
    ("interaction", 1),
    ("total", 0),
)
"""The bars of a model: the effect, and the index of the reading in `RESTRICTED`."""

TICKS = (0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 7, 10, 20, 50, 100)
WIDTH = 0.14


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of `b3.table`: one group of bars per model."""
    models, readings = (list(dict.fromkeys(table[name])) for name in ("model", "restricted"))
    figure, grid = new_figure(1, 1, 2.6)
    axes: Axes = grid[0, 0]
    bounds = [1.0]
    for number, model in enumerate(models):
        for place, (effect, reading) in enumerate(BARS):
            rows = table[(table["model"] == model) & (table["restricted"] == readings[reading])]
            at = number + WIDTH * (place - (len(BARS) - 1) / 2)
            bounds += _draw_bar(axes, rows, effect, at, reading)
    _scale(axes, bounds)
    axes.axhline(1, color="black", linewidth=0.6)
    axes.set_xticks(range(len(models)), models)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("EDP is divided by")
    tidy(axes)
    handles = [Patch(color=colour, label=effect) for effect, colour in COLOURS.items()]
    pinned = Patch(
        facecolor="white", edgecolor="#555555", hatch="//////", label="found: H11 = H12 = 1"
    )
    figure.legend(
        handles=[*handles, pinned],
        loc="outside upper center",
        ncols=3,
        handlelength=1.2,
        columnspacing=1.2,
        borderaxespad=0.0,
    )
    return figure


def _draw_bar(axes: Axes, rows: pd.DataFrame, effect: str, at: float, reading: int) -> list[float]:
    """Draws one bar, beginning at 1, with its interval. Returns the values to fit on the axis."""
    if rows.empty or not np.isfinite(rows[effect].iloc[0]):
        return []
    value, low, high = (float(rows[f"{effect}{end}"].iloc[0]) for end in ("", "_low", "_high"))
    axes.bar(
        at,
        value - 1,
        0.88 * WIDTH,
        bottom=1,
        color="white" if reading else COLOURS[effect],
        edgecolor=COLOURS[effect],
        hatch="//////" if reading else None,
        linewidth=0.6,
    )
    axes.errorbar(
        at,
        value,
        yerr=[[max(0.0, value - low)], [max(0.0, high - value)]],
        color="#444444" if effect != "total" else "#888888",
        linewidth=0.8,
        capsize=1.2,
    )
    return [value, low, high]


def _scale(axes: Axes, bounds: list[float]) -> None:
    """Makes the axis logarithmic, so that factors that cancel have equal lengths."""
    axes.set_yscale("log")
    low, high = min(0.9, min(bounds) / 1.05), max(1.25, max(bounds) * 1.08)
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(FixedLocator([tick for tick in TICKS if low <= tick <= high]))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
