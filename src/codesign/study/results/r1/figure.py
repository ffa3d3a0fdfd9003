"""R1: the EDP that co-design saves, with the paper's number and the most that is possible."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from codesign.drawing.style import FLOOR, OURS, PAPER, name_rows, new_figure

READINGS = {"product": ("o", 0.13, OURS), "layers": ("D", -0.13, OURS)}
OPTIMAL = "#56B4E9"
LABELS = {"product": "ours, (Σ energy) × (Σ delay)", "layers": "ours, Σ energy × delay"}


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of `r1.table`: one row per model, medians with 95 % intervals.

    Large markers are relative to Eyeriss as searched. Small markers below them, and the bars of
    what is possible, are relative to Eyeriss mapped optimally.
    """
    models = list(dict.fromkeys(table["model"]))
    figure, grid = new_figure(1, 1, 0.42 * len(models) + 1.15)
    axes: Axes = grid[0, 0]
    place = {model: len(models) - 1 - number for number, model in enumerate(models)}
    _draw_headroom(axes, table, place)
    _draw_paper(axes, table, place)
    for reading in READINGS:
        _draw_ours(axes, table[table["reading"] == reading], reading, place)
    _draw_against_optimal(axes, table, place)
    axes.axvline(0, color="black", linewidth=0.6)
    name_rows(axes, place)
    axes.set_xlabel("EDP saved against Eyeriss (%)")
    figure.legend(
        loc="outside upper center", ncols=2, handlelength=1.4, columnspacing=1.2, borderaxespad=0.0
    )
    return figure


def _draw_headroom(axes: Axes, table: pd.DataFrame, place: dict[str, int]) -> None:
    """Draws bars: the most that any design of the budget can save, against optimal mapping."""
    rows = table[table["reading"] == "product"]
    axes.barh(
        [place[model] for model in rows["model"]],
        rows["headroom_optimal"],
        height=0.62,
        color=FLOOR,
        alpha=0.25,
        linewidth=0,
        label="largest possible",
    )


def _draw_paper(axes: Axes, table: pd.DataFrame, place: dict[str, int]) -> None:
    rows = table[(table["reading"] == "product") & np.isfinite(table["paper"])]
    heights = np.array([place[model] for model in rows["model"]], dtype=float)
    axes.vlines(
        rows["paper"], heights - 0.31, heights + 0.31, color=PAPER, linewidth=1.8, label="the paper"
    )


def _draw_against_optimal(axes: Axes, table: pd.DataFrame, place: dict[str, int]) -> None:
    """Draws both readings relative to Eyeriss mapped optimally, below their large markers."""
    value = table["improvement_optimal"].to_numpy()
    shifts = [READINGS[reading][1] - 0.11 for reading in table["reading"]]
    axes.errorbar(
        value,
        np.add([place[model] for model in table["model"]], shifts),
        xerr=np.abs(np.stack([value - table["optimal_low"], table["optimal_high"] - value])),
        fmt="|",
        color=OPTIMAL,
        markersize=3.5,
        markeredgewidth=0.9,
        linewidth=0.6,
        label="against optimally mapped Eyeriss",
    )


def _draw_ours(axes: Axes, rows: pd.DataFrame, reading: str, place: dict[str, int]) -> None:
    marker, shift, shade = READINGS[reading]
    value = rows["improvement"].to_numpy()
    axes.errorbar(
        value,
        [place[model] + shift for model in rows["model"]],
        xerr=np.abs(np.stack([value - rows["low"], rows["high"] - value])),
        fmt=marker,
        color=shade,
        markerfacecolor=shade if reading == "product" else "white",
        markersize=3.5,
        markeredgewidth=0.8,
        linewidth=0.9,
        capsize=1.8,
        label=LABELS[reading],
    )
