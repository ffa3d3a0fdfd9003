"""R5: the ends of searches against the weight of the deviation in the confidence bound."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from codesign.drawing.style import OURS, new_figure, tidy

PARTS = {
    "mapping": ("mapping search", "reach", "trials to 1 % of optimum"),
    "hardware": ("hardware search", "excess", "EDP above best found (%)"),
}
"""Title, quantity and axis label of each search. Mapping searches have almost equal ends, so their
panel shows the trials that they need."""

SINGLE = "#9a9a9a"


def draw(table: pd.DataFrame) -> Figure:
    """Draws R5's table: one panel per search, with thin lines for single layers or models."""
    searches = list(dict.fromkeys(table["search"]))
    figure, grid = new_figure(1, len(searches), 1.95)
    for axes, search in zip(grid[0], searches, strict=True):
        part = table[table["search"] == search].sort_values("weight", kind="stable")
        title, quantity, axis = PARTS[search]
        _draw_part(axes, part, quantity)
        axes.set_title(title)
        axes.set_ylabel(axis)
        axes.set_xlabel("λ")
    handles, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside upper center", ncols=2, columnspacing=1.2, borderaxespad=0.0
    )
    return figure


def _draw_part(axes: Axes, part: pd.DataFrame, quantity: str) -> None:
    bounds = f"{quantity}_low", f"{quantity}_high"
    part = part.replace([np.inf], np.nan)
    singles = part[part["model"] != "all"]
    for number, (_, line) in enumerate(singles.groupby(["model", "layer"], sort=False)):
        axes.plot(
            line["weight"],
            line[quantity],
            color=SINGLE,
            linewidth=0.6,
            marker=".",
            markersize=2,
            label="" if number else "one layer or model, median",
        )
    together = part[part["model"] == "all"]
    median = together[quantity].to_numpy()
    spread = np.stack([median - together[bounds[0]], together[bounds[1]] - median])
    axes.errorbar(
        together["weight"],
        median,
        yerr=np.nan_to_num(np.abs(spread)),
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
