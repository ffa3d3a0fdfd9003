"""A figure of any suite: one line per case, one marker per contestant, on a logarithmic axis."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from codesign.drawing.style import name_rows, new_figure, plain_logarithms

MARKERS = "os^Dv<>PX*"


def draw(table: pd.DataFrame) -> Figure:
    """Medians with quartiles of the timings of one suite."""
    cases = list(dict.fromkeys(table["case"]))
    contestants = list(dict.fromkeys(table["contestant"]))
    figure, grid = new_figure(1, 1, 0.19 * len(cases) + 0.75 + 0.08 * len(contestants))
    axes = grid[0, 0]
    place = {case: len(cases) - 1 - number for number, case in enumerate(cases)}
    for number, contestant in enumerate(contestants):
        rows = table[table["contestant"] == contestant]
        value = rows["value"].to_numpy()
        axes.errorbar(
            value,
            [place[case] for case in rows["case"]],
            xerr=np.stack([value - rows["low"], rows["high"] - value]).clip(min=0),
            fmt=MARKERS[number % len(MARKERS)],
            markersize=3.2,
            markerfacecolor="none",
            linewidth=0.8,
            label=contestant,
        )
    axes.set_xscale("log")
    plain_logarithms(axes)
    name_rows(axes, place)
    axes.set_xlabel(str(table["unit"].iloc[0]))
    if len(contestants) > 1:
        figure.legend(loc="outside upper center", ncols=2, borderaxespad=0.0)
    return figure
