"""B6: this cost model compared with Timeloop: costs, their differences, and validity."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from codesign.drawing.style import new_figure, tidy
from codesign.study.results.b6.agreement import OUTCOME, VALID, differences

COLOURS = {"eyeriss256": "#0072B2", "general": "#E69F00", "space": "#009E73"}
MARKERS = ("o", "s", "^", "D", "v")
LINES: tuple[str | tuple[int, tuple[float, ...]], ...] = ("-", (0, (4, 1.5)), (0, (1, 1)), "-.")
OUTCOMES = (VALID, "capacity", "fanout")


def draw(records: pd.DataFrame) -> Figure:
    """Draws the records of `b6.table.compare`."""
    sets = list(dict.fromkeys(records["set"]))
    figure, grid = new_figure(2, 2, 3.7)
    _draw_costs(grid[0, 0], records, sets, "energy_pj", "energy (pJ)")
    _draw_costs(grid[0, 1], records, sets, "cycles", "delay (cycles)")
    _draw_differences(grid[1, 0], records, sets)
    _draw_outcomes(grid[1, 1], records)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=len(sets),
        handletextpad=0.2,
        columnspacing=1.2,
        borderaxespad=0.0,
        markerscale=2.2,
    )
    return figure


def _draw_costs(axes: Axes, records: pd.DataFrame, sets: list[str], cost: str, name: str) -> None:
    both = records[(records[OUTCOME] == VALID) & (records[f"timeloop_{OUTCOME}"] == VALID)]
    limits = [float(both[cost].min()) / 2, float(both[cost].max()) * 2] if len(both) else [1, 10]
    axes.plot(limits, limits, color="#888888", linewidth=0.6, zorder=0)
    for at, which in enumerate(sets):
        own = both[both["set"] == which]
        # Pixels: otherwise the PDF would have thousands of shapes.
        axes.plot(
            own[f"timeloop_{cost}"],
            own[cost],
            linestyle="none",
            marker=MARKERS[at % len(MARKERS)],
            markersize=1.4,
            markeredgewidth=0,
            alpha=0.5,
            color=COLOURS.get(which, "#000000"),
            label=which,
            rasterized=True,
        )
    for axis in (axes.xaxis, axes.yaxis):
        axis.axes.set(xscale="log", yscale="log")
        axis.set_major_locator(LogLocator(numticks=5))
        axis.set_minor_formatter(NullFormatter())
    axes.tick_params(which="minor", length=1.2, width=0.4)
    axes.set_xlim(*limits)
    axes.set_ylim(*limits)
    axes.set_xlabel("Timeloop")
    axes.set_ylabel("ours")
    axes.set_title(name)
    tidy(axes, "both")


def _draw_differences(axes: Axes, records: pd.DataFrame, sets: list[str]) -> None:
    """Draws the share of mappings against the largest relative difference of their energy; a text
    gives the number with equal cycles."""
    for at, which in enumerate(sets):
        own = records[records["set"] == which]
        relative = np.sort(differences(own, "energy_pj").to_numpy())
        if not len(relative):
            continue
        share = 100 * np.arange(1, len(relative) + 1) / len(relative)
        exact = 100 * float((relative == 0).mean())
        axes.step(
            np.concatenate([[1e-18], np.maximum(relative[relative > 0], 1e-18), [1e-12]]),
            np.concatenate([[exact], share[relative > 0], [100.0]]),
            where="post",
            color=COLOURS.get(which, "#000000"),
            linestyle=LINES[at % len(LINES)],
            linewidth=1.0,
        )
    cycles = differences(records, "cycles")
    equal = int((cycles == 0).sum())
    text = f"{equal:,} of {len(cycles):,}\ncycles equal".replace(",", " ")
    axes.text(0.97, 0.06, text, transform=axes.transAxes, ha="right", va="bottom", fontsize=6)
    axes.set_xscale("log")
    axes.set_xlim(1e-17, 1e-14)
    axes.set_ylim(0, 104)
    axes.set_xlabel("relative difference of energy")
    axes.set_ylabel("share of mappings (%)")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(which="minor", length=1.2, width=0.4)
    tidy(axes, "both")


def _draw_outcomes(axes: Axes, records: pd.DataFrame) -> None:
    """Draws the numbers of records by outcome, here and in Timeloop."""
    counts = np.array(
        [
            [
                int(((records[OUTCOME] == a) & (records[f"timeloop_{OUTCOME}"] == b)).sum())
                for b in OUTCOMES
            ]
            for a in OUTCOMES
        ]
    )
    axes.imshow(np.log1p(counts), cmap="Blues", vmin=0, vmax=1.3 * np.log1p(counts.max()))
    for (row, column), count in np.ndenumerate(counts):
        axes.text(
            column,
            row,
            f"{count:,}".replace(",", " "),
            ha="center",
            va="center",
            fontsize=6.5,
            color="white" if np.log1p(count) > 0.85 * np.log1p(counts.max()) else "black",
        )
    axes.set_xticks(range(len(OUTCOMES)), OUTCOMES)
    axes.set_yticks(range(len(OUTCOMES)), OUTCOMES, rotation=90, va="center")
    axes.tick_params(length=0)
    axes.set_xlabel("Timeloop")
    axes.set_ylabel("ours")
