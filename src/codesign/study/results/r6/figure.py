"""R6: the paper's method and Timeloop's mapper with many times the evaluations, by model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from codesign.drawing.style import OURS, label, new_figure, plain_logarithms, tidy
from codesign.study.spaces import ALL
from codesign.study.verdict import MARGIN_PERCENT

SAMPLER = "#000000"
MARKERS = ("s", "D", "^", "v")


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of `r6.table`: one row per space and model.

    Left: the sampler's EDP relative to the method's, by its budget. Right: the evaluations that
    either needs for the method's end, one mark per layer.
    """
    method = str(table["method"].iloc[0])
    tasks = table[table["evaluations"].notna()]
    names = list(dict.fromkeys(zip(tasks["space"], tasks["model"], strict=True)))
    place = {name: len(names) - 1 - number for number, name in enumerate(names)}
    figure, grid = new_figure(1, 2, 0.19 * len(names) + 1.2, sharey=True)
    _draw_ratios(grid[0, 0], table, method, place)
    _draw_reach(grid[0, 1], tasks, method, place)
    texts = [f"{space}, {model}" for space, model in names]
    grid[0, 0].set_yticks(list(place.values()), texts)
    grid[0, 0].set_ylim(-0.6, len(names) - 0.4)
    for axes in grid[0]:
        tidy(axes, "x")
        axes.tick_params(axis="y", length=0, labelsize=5.5)
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


def _draw_ratios(
    axes: Axes, table: pd.DataFrame, method: str, place: dict[tuple[str, str], int]
) -> None:
    """Draws ratios of EDPs with intervals; those of larger budgets are lighter."""
    sampled = table[(table["method"] != method) & (table["model"] != ALL)]
    summed = sampled[sampled["layer"] == ALL]
    has_row = set(zip(summed["space"], summed["model"], strict=True))
    pairs = list(zip(sampled["space"], sampled["model"], strict=True))
    alone = [
        layer != ALL and pair not in has_row
        for layer, pair in zip(sampled["layer"], pairs, strict=True)
    ]
    rows = pd.concat([summed, sampled[alone]])
    rows = rows[[pair in place for pair in zip(rows["space"], rows["model"], strict=True)]]
    multiples = sorted(set(rows["multiple"]))
    for number, multiple in enumerate(multiples):
        part = rows[(rows["multiple"] == multiple) & np.isfinite(rows["ratio"])]
        shift = 0.28 * (1 - 2 * number / max(1, len(multiples) - 1))
        value = part["ratio"].to_numpy()
        # An interval of all ratios, which few seeds leave, is not drawn.
        low = part["ratio_low"].where(part["ratio_low"] > 0, part["ratio"]).to_numpy()
        spread = (value - low, part["ratio_high"].to_numpy() - value)
        axes.errorbar(
            value,
            [place[pair] + shift for pair in zip(part["space"], part["model"], strict=True)],
            xerr=_finite(*spread),
            fmt=MARKERS[number % len(MARKERS)],
            color=SAMPLER,
            markerfacecolor=str(min(0.95, 0.45 * number)),
            markeredgewidth=0.6,
            markersize=2.8,
            linewidth=0.7,
            label=f"{label(str(part['method'].iloc[0]))}, {multiple:g} ×" if len(part) else "",
        )
    axes.axvspan(
        1 / (1 + MARGIN_PERCENT / 100), 1 + MARGIN_PERCENT / 100, color=OURS, alpha=0.35,
        linewidth=0, label=f"within {MARGIN_PERCENT:g} % of {method}",
    )  # fmt: skip
    axes.set_xscale("log")
    # The ratios of a study are often within one power of ten.
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    plain_logarithms(axes)
    axes.set_xlabel(f"EDP / that of {method}")


def _draw_reach(
    axes: Axes, tasks: pd.DataFrame, method: str, place: dict[tuple[str, str], int]
) -> None:
    """Draws evaluations until the method's final median; an arrow if the most are too few."""
    most = int(tasks["evaluations"].max())
    for is_ours, rows in tasks.groupby(tasks["method"] == method, sort=False):
        rows = rows.drop_duplicates(["space", "model", "layer"])
        shade, shift = (OURS, 0.17) if is_ours else (SAMPLER, -0.17)
        pairs = zip(rows["space"], rows["model"], strict=True)
        height = np.array([place[pair] + shift for pair in pairs])
        reach = rows["reach"].to_numpy()
        there = np.isfinite(reach)
        marks: dict[str, Any] = {
            "linestyle": "none",
            "color": shade,
            "alpha": 0.6,
            "markeredgewidth": 0.0,
        }
        axes.plot(reach[there], height[there], marker="o", markersize=2.8, **marks)
        at_most = np.full(np.count_nonzero(~there), most)
        axes.plot(at_most, height[~there], marker=">", markersize=3.6, **marks)
    axes.set_xscale("log")
    axes.set_xlim(1, 1.6 * most)
    plain_logarithms(axes)
    axes.set_xlabel(f"evaluations to {method}'s end")


def _finite(*sides: np.ndarray) -> np.ndarray:
    """[2, points], the lengths of error bars to both sides; 0 if a bound is infinite."""
    spread = np.stack(sides)
    return np.abs(np.where(np.isfinite(spread), spread, 0.0))
