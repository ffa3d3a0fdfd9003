"""S3: fronts of accuracy and EDP, on each chip and on accelerators that were searched."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.style import new_figure, tidy

COLOURS = ("#0072B2", "#56B4E9", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#000000")


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of `s3.table.fronts`: one line per chip."""
    figure, grid = new_figure(1, 1, 3.0)
    axes = grid[0, 0]
    for at, (chip, part) in enumerate(table.groupby("chip", sort=False)):
        colour = COLOURS[at % len(COLOURS)]
        front = part[part["on_front"]].sort_values("edp")
        axes.plot(
            front["edp"], front["accuracy"], "-", drawstyle="steps-post", color=colour,
            linewidth=0.9, label=str(chip),
        )  # fmt: skip
        own = part[part["freerea"]]
        axes.plot(own["edp"], own["accuracy"], "*", color=colour, markersize=6)
        known = part.dropna(subset=["searched_edp"])
        axes.plot(
            known["searched_edp"], known["accuracy"], "o", color=colour, markersize=3.5,
            markerfacecolor="none",
        )  # fmt: skip
        bounded = known.dropna(subset=["bound_edp"])
        axes.plot(
            bounded["bound_edp"], bounded["accuracy"], "|", color=colour, markersize=5,
            markeredgewidth=0.8,
        )  # fmt: skip
    axes.set_xscale("log")
    least = float(table.loc[table["on_front"], "accuracy"].quantile(0.25))
    axes.set_ylim(least - 1, float(table["accuracy"].max()) + 0.5)
    axes.set_xlabel("EDP (pJ·cycles)")
    axes.set_ylabel("accuracy (%)")
    tidy(axes, "both")
    axes.legend(loc="lower right")
    return figure
