"""B2: how far searches end from the proven optimum of the hardware space and all mappings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from codesign.drawing.style import FLOOR, colour, label, name_rows, new_figure, plain_logarithms


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of `b2.table`: one row per model, medians with 95 % intervals.

    EDPs are relative to the proven bound, 1. The bar ends at the best known design, and the grey
    line is the bound of `study.floor`.
    """
    models = list(dict.fromkeys(table["model"]))
    methods = list(dict.fromkeys(table["method"]))
    figure, grid = new_figure(1, 1, (0.16 + 0.11 * len(methods)) * len(models) + 1.2)
    axes: Axes = grid[0, 0]
    place = {model: len(models) - 1 - number for number, model in enumerate(models)}
    once = table.drop_duplicates("model")
    heights = np.array([place[model] for model in once["model"]], dtype=float)
    axes.barh(
        heights, once["best"] / 100, left=1, height=0.8, color=FLOOR, alpha=0.35, linewidth=0,
        label="gap of the proof",
    )  # fmt: skip
    axes.vlines(
        _ratio(once["floor"]), heights - 0.4, heights + 0.4, color=FLOOR, linewidth=1.2,
        label="bound without search",
    )  # fmt: skip
    axes.plot(
        _ratio(once["eyeriss"]), heights, "x", color="black", markersize=4, markeredgewidth=0.8,
        label="Eyeriss, mapped optimally",
    )  # fmt: skip
    for number, method in enumerate(methods):
        shift = 0.35 - 0.7 * (number + 0.5) / len(methods)
        _draw_method(axes, table[table["method"] == method], method, shift, place)
    axes.axvline(1, color="black", linewidth=0.6)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0)))
    plain_logarithms(axes)
    name_rows(axes, place)
    axes.set_xlabel("EDP relative to the proven bound of all accelerators")
    figure.legend(
        loc="outside upper center", ncols=2, handlelength=1.4, columnspacing=1.2, borderaxespad=0.0
    )
    return figure


def _ratio(percent: pd.Series) -> np.ndarray:
    return 1 + percent.to_numpy(np.float64) / 100


def _draw_method(
    axes: Axes, rows: pd.DataFrame, method: str, shift: float, place: dict[str, int]
) -> None:
    value = _ratio(rows["excess"])
    spread = [value - _ratio(rows["excess_low"]), _ratio(rows["excess_high"]) - value]
    axes.errorbar(
        value,
        [place[model] + shift for model in rows["model"]],
        xerr=np.abs(np.nan_to_num(np.stack(spread))),
        fmt="o",
        color=colour(method),
        markersize=2.8,
        linewidth=0.8,
        capsize=1.5,
        label=label(method),
    )
