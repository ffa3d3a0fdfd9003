"""B5: the gains of R1 under other assumptions, the one that fits best on top."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from codesign.drawing.style import FLOOR, OURS, PAPER, new_figure, tidy
from codesign.study.results.b5.ranking import AS_R1, ranking

SHORT = {
    "neither side knows row-stationary, mapped by": "ignorant, by",
    "against Eyeriss mapped optimally": "Eyeriss optimal",
    "EDP as the sum over layers": "sum of layers' EDPs",
    "accounting, H10 free": "acc., H10 free",
    "energy table ": "",
    "layers of ": "",
    "Eyeriss with ": "",
    "row-stationary": "rs",
    "timeloop-random": "Timeloop's",
    " words per cycle": " w/cycle",
    "mappings": "maps",
    "mapping": "map",
}

LEAST_SHOWN = -40.0
"""Smaller gains, in %, are drawn at this value."""

ROW_INCHES = 0.135


def draw(table: pd.DataFrame) -> Figure:
    """Draws the assumptions in B5's table: a row each, a panel per model.

    Rows are in the order of `ranking`; assumptions that are not about all models follow.
    """
    rows = table[table["part"] == "sensitivity"]
    order = list(ranking(rows)["assumption"])
    order += [name for name in dict.fromkeys(rows["assumption"]) if name not in order]
    place = {name: len(order) - 1 - number for number, name in enumerate(order)}
    models = list(dict.fromkeys(rows["model"]))
    figure, grid = new_figure(1, len(models), ROW_INCHES * len(order) + 0.75, sharey=True)
    for axes, model in zip(grid[0], models, strict=True):
        _draw_model(axes, rows[rows["model"] == model], place)
        axes.set_title(model)
    first: Axes = grid[0, 0]
    first.set_yticks(list(place.values()), [_short(name) for name in place])
    first.set_ylim(-0.6, len(order) - 0.4)
    for tick, name in zip(first.get_yticklabels(), place, strict=True):
        tick.set_fontweight("bold" if name == AS_R1 else "normal")
    figure.supxlabel("EDP saved against Eyeriss (%)", fontsize=7)
    figure.legend(
        *grid[0, 0].get_legend_handles_labels(),
        loc="outside upper center", ncols=3, handlelength=1.4, borderaxespad=0.0,
    )  # fmt: skip
    return figure


def _draw_model(axes: Axes, rows: pd.DataFrame, place: dict[str, int]) -> None:
    """Draws one mark per assumption, a bar for what is possible, and the paper's gain."""
    heights = [place[name] for name in rows["assumption"]]
    axes.barh(
        heights, rows["headroom"], height=0.8, color=FLOOR, alpha=0.25, linewidth=0,
        label="possible",
    )  # fmt: skip
    value = rows["improvement"].clip(LEAST_SHOWN).to_numpy()
    low, high = (rows[name].clip(LEAST_SHOWN).to_numpy() for name in ("low", "high"))
    axes.errorbar(
        value,
        heights,
        xerr=np.abs(np.nan_to_num(np.stack([value - low, high - value]))),
        fmt="o",
        color=OURS,
        markersize=2.2,
        linewidth=0.8,
        label="ours",
    )
    axes.axvline(0, color="black", linewidth=0.5)
    for number in rows["paper"].dropna().unique():
        axes.axvline(number, color=PAPER, linewidth=1.0, label="the paper")
    axes.set_xlim(LEAST_SHOWN, 100)
    axes.set_xticks([0, 50, 100], ["0", "50", ""])
    tidy(axes, "both")
    axes.tick_params(axis="y", length=0, labelsize=5.4, pad=1)


def _short(name: str) -> str:
    """A short name of an assumption, which fits beside the panels."""
    for long, less in SHORT.items():
        name = name.replace(long, less)
    return name
