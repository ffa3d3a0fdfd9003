"""B5: fronts of energy and delay, the price of generality, and what R1 depends on."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from codesign.drawing.style import FLOOR, OURS, PAPER, name_rows, new_page, tidy

AREAS = "viridis_r"
SHORT = {
    "exact accounting, H10 free": "exact, H10 free",
    "timeloop accounting, H10 free": "clusters, H10 free",
    "EDP as the sum over layers": "Σ of layers' EDPs",
}
PRICE_TICKS = (0, 5, 10, 30, 100, 300, 1000)
LEAST_SHOWN = -35.0
"""Smaller gains, in %, are drawn at this value."""


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of `b5.table.stack`."""
    rows = {str(part): group.dropna(axis=1, how="all") for part, group in table.groupby("part")}
    sensitive, shared, points = (rows[n] for n in ("sensitivity", "generality", "front"))
    sensitive = sensitive[[_is_shown(name) for name in sensitive["assumption"]]]
    models = list(dict.fromkeys(sensitive["model"]))
    lines = -(-len(models) // 2)
    most = int(sensitive.groupby("model").size().max())
    heights = [0.95 * lines + 0.3, 0.108 * most * lines + 0.38 * lines + 0.3]
    heights.append(0.18 * len(models) + 0.7)
    figure = new_page(sum(heights))
    parts: Any = figure.subfigures(3, 1, height_ratios=heights)
    _draw_fronts(parts[0], points, models)
    _draw_sensitivity(parts[1], sensitive, models)
    _draw_prices(parts[2], shared, models)
    return figure


def _panels(figure: SubFigure, models: list[str]) -> list[Axes]:
    grid = figure.subplots(-(-len(models) // 2), min(2, len(models)), squeeze=False)
    panels: list[Axes] = list(grid.ravel())
    for spare in panels[len(models) :]:
        spare.set_visible(False)
    return panels


def _draw_fronts(figure: SubFigure, points: pd.DataFrame, models: list[str]) -> None:
    """Draws energy against delay, with the area as colour, all relative to Eyeriss."""
    low, high = points["area"].min(), max(points["area"].max(), points["area"].min() + 0.01)
    panels = _panels(figure, models)
    marks = None
    for axes, model in zip(panels, models, strict=False):
        own = points[points["model"] == model]
        marks = axes.scatter(
            own["delay"], own["energy"], c=own["area"], s=9, cmap=AREAS, vmin=low, vmax=high,
            linewidth=0.3, edgecolor="black", zorder=3,
        )  # fmt: skip
        axes.plot(1, 1, marker="*", color=PAPER, markersize=6, linestyle="none", zorder=4)
        axes.set_title(model)
        axes.margins(0.12)
        axes.locator_params(nbins=4)
        tidy(axes, "both")
    figure.supxlabel("delay / Eyeriss's", fontsize=7)
    figure.supylabel("energy / Eyeriss's", fontsize=7)
    if marks is not None:
        bar = figure.colorbar(marks, ax=panels[: len(models)], aspect=30, pad=0.02)
        bar.set_label("area / Eyeriss's (star)", fontsize=6.5)
        bar.ax.tick_params(labelsize=6)


def _draw_sensitivity(figure: SubFigure, table: pd.DataFrame, models: list[str]) -> None:
    panels = _panels(figure, models)
    for axes, model in zip(panels, models, strict=False):
        _draw_assumptions(axes, table[table["model"] == model].iloc[::-1])
        axes.set_title(model)
    figure.supxlabel("EDP saved against Eyeriss (%)", fontsize=7)
    figure.legend(
        handles=[
            Patch(color=FLOOR, alpha=0.25, linewidth=0, label="possible"),
            Line2D([], [], color=OURS, marker="o", markersize=3, linewidth=0.9, label="ours"),
            Line2D([], [], color=PAPER, linewidth=1.4, label="the paper"),
        ],
        loc="outside upper center",
        ncols=3,
        handlelength=1.4,
        borderaxespad=0.0,
    )


def _draw_assumptions(axes: Axes, rows: pd.DataFrame) -> None:
    """Draws one line per assumption: a bar for what is possible, a marker for what was found."""
    places = np.arange(len(rows))
    axes.barh(places, rows["headroom"], height=0.8, color=FLOOR, alpha=0.25, linewidth=0)
    value = rows["improvement"].to_numpy().clip(LEAST_SHOWN)
    ends = [rows[name].to_numpy().clip(LEAST_SHOWN) for name in ("low", "high")]
    axes.errorbar(
        value,
        places,
        xerr=np.abs(np.stack([value - ends[0], ends[1] - value])),
        fmt="o",
        color=OURS,
        markersize=2.2,
        linewidth=0.8,
    )
    axes.axvline(0, color="black", linewidth=0.5)
    for number in rows["paper"].dropna().unique() if "paper" in rows else ():
        axes.axvline(number, color=PAPER, linewidth=1.0)
    axes.set_yticks(places, [_short(name) for name in rows["assumption"]])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlim(right=100)
    axes.set_xticks([0, 50, 100])
    tidy(axes, "x")
    axes.tick_params(axis="y", length=0, labelsize=5.2, pad=1)


def _is_shown(name: str) -> bool:
    """Whether the figure shows an assumption: weak baselines with few mappings are left out."""
    found = re.fullmatch(r"Eyeriss with (\d+) .* (row-stationary|free) mappings?", name)
    return found is None or int(found[1]) >= (5 if found[2] == "row-stationary" else 100)


def _short(name: str) -> str:
    """A short name of an assumption, which fits beside a panel."""
    text = SHORT.get(name, name)
    for long, less in (
        ("energy table ", ""),
        ("layers of ", ""),
        ("Eyeriss with ", ""),
        ("row-stationary", "rs"),
        ("timeloop-random", "Timeloop's"),
        ("mappings", "maps"),
        ("mapping", "map"),
        ("accounting", "acc."),
    ):
        text = text.replace(long, less)
    return text


def _draw_prices(figure: SubFigure, table: pd.DataFrame, models: list[str]) -> None:
    """Draws the EDP on accelerators found for all models, and for all others, above that on the
    model's own accelerator."""
    axes: Axes = figure.subplots(1, 1)
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
    axes.set_xscale("symlog", linthresh=10)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xticks([tick for tick in PRICE_TICKS if tick <= 2 * max(table["high"].max(), 10)])
    axes.set_xlabel("EDP above the model's own accelerator (%)")
    if lines:
        figure.legend(loc="outside upper center", ncols=2, borderaxespad=0.0, fontsize=6)
