"""B5: the price of one accelerator for all models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from codesign.drawing.style import name_rows, new_figure

PRICE_TICKS = (0, 5, 10, 30, 100, 300, 1000)

LINEAR = 10
"""The axis is linear up to so many %, and logarithmic above."""


def draw(table: pd.DataFrame) -> Figure:
    """Draws the prices in B5's table: the EDP on accelerators found for all models, and for all
    others, above that on the model's own accelerator."""
    table = table[table["part"] == "generality"]
    models = list(dict.fromkeys(table["model"]))
    figure, grid = new_figure(1, 1, 0.24 * len(models) + 1.0)
    axes: Axes = grid[0, 0]
    chips = list(dict.fromkeys(table["hardware"]))
    kinds = [kind for kind in ("joint", "others") if kind in set(table["found_for"])]
    shades = dict(zip(kinds, sns.color_palette("colorblind"), strict=False))
    markers = dict(zip(chips, "osD^v", strict=False))
    steps = np.linspace(0.28, -0.28, len(kinds) * len(chips))
    lines = [(kind, chip) for kind in kinds for chip in chips]
    for (kind, chip), step in zip(lines, steps, strict=True):
        own = table[(table["found_for"] == kind) & (table["hardware"] == chip)]
        value = own["price"].to_numpy()
        axes.errorbar(
            value,
            [len(models) - 1 - models.index(model) + step for model in own["model"]],
            xerr=np.abs(np.stack([value - own["low"], own["high"] - value])),
            fmt=markers.get(chip, "o"),
            color=shades[kind],
            markersize=2.8,
            linewidth=0.8,
            label=f"{'for all' if kind == 'joint' else 'for the others'}, {chip}",
        )
    axes.axvline(0, color="black", linewidth=0.6)
    name_rows(axes, {model: place for place, model in enumerate(models[::-1])})
    axes.set_xscale("symlog", linthresh=LINEAR)
    axes.set_xlim(right=1.4 * max(table["high"].max(), LINEAR))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xticks([tick for tick in PRICE_TICKS if tick <= 2 * max(table["high"].max(), 10)])
    label = "EDP above its own accelerator (%)"
    if table["high"].max() > LINEAR:
        axes.axvline(LINEAR, color="0.6", linewidth=0.5, linestyle=":")
        label += f", logarithmic from {LINEAR} %"
    axes.set_xlabel(label)
    if lines:
        figure.legend(loc="outside upper center", ncols=2, borderaxespad=0.0, fontsize=6)
    return figure
