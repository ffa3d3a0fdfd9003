"""S3: the accuracies that FreeREA's search finds beside those of its paper."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.style import FLOOR, OURS, PAPER, name_rows, new_figure
from codesign.study.results.s3.claims import PUBLISHED


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of `s3.table`: one row per data set, relative to the best cell."""
    figure, grid = new_figure(1, 1, 1.6)
    axes = grid[0, 0]
    names = list(table["dataset"])
    place = {name: len(names) - 1 - number for number, name in enumerate(names)}
    heights = np.array([place[name] for name in names], dtype=float)
    short = {name: table[name] - table["best"] for name in ("accuracy", "low", "high")}
    axes.axvline(0, color=FLOOR, linewidth=1.0, label="best cell")
    axes.errorbar(
        short["accuracy"],
        heights,
        xerr=np.abs(
            np.stack([short["accuracy"] - short["low"], short["high"] - short["accuracy"]])
        ),
        fmt="o",
        color=OURS,
        markersize=3.5,
        linewidth=0.8,
        capsize=2,
        label="ours",
    )
    published = [PUBLISHED[name] for name in names] - table["best"]
    axes.plot(published, heights, "x", color=PAPER, markersize=5, label="FreeREA's paper")
    name_rows(axes, place)
    axes.set_xlabel("accuracy below that of the best cell (percentage points)")
    figure.legend(loc="outside upper center", ncols=3, handlelength=1.4)
    return figure
