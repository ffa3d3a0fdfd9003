"""S1: rank correlations between chips, at a fixed policy of mapping and mapped optimally."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.style import new_figure, tidy
from codesign.study.policies import FIXED, OPTIMAL

LOOKS = {"energy": ("o", "#0072B2"), "delay": ("s", "#D55E00"), "edp": ("^", "#009E73")}


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of `s1.table`: one point per pair of chips and metric."""
    figure, grid = new_figure(1, 1, 3.2)
    axes = grid[0, 0]
    place = ["proxy", "chip"]
    fixed, optimal = (table[table["policy"] == name] for name in (FIXED, OPTIMAL))
    both = fixed.merge(optimal, on=place, suffixes=("_fixed", "_optimal"))
    low = 1.0
    for metric, (marker, colour) in LOOKS.items():
        across, up = both[f"kendall_{metric}_fixed"], both[f"kendall_{metric}_optimal"]
        low = min(low, float(np.nanmin([across.min(), up.min()])))
        axes.plot(
            across, up, marker, color=colour, markersize=3.5, alpha=0.8,
            label={"edp": "EDP"}.get(metric, metric),
        )  # fmt: skip
    ends = [low - 0.02, 1.01]
    axes.plot(ends, ends, color="#888888", linewidth=0.6, zorder=0)
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    axes.set_xlabel("rank correlation, fixed policy of mapping")
    axes.set_ylabel("rank correlation, mapped optimally")
    tidy(axes, "both")
    axes.legend(loc="lower right")
    return figure
