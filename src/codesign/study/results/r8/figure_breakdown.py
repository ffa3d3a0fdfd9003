"""R8: the parts of energy and delay, on Eyeriss and on the found accelerators."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from codesign.drawing.style import new_figure, tidy
from codesign.study.results.r8.parts import FULL, IDLE, shares

ENERGY = {
    "operations": "#999999",
    "register files": "#0072B2",
    "global buffer": "#56B4E9",
    "DRAM, weights": "#D55E00",
    "DRAM, inputs": "#E69F00",
    "DRAM, outputs": "#F0E442",
}
DELAY = {FULL: "#999999", IDLE: "#CC79A7"}
BANDWIDTH = {
    "global buffer": "#56B4E9",
    "DRAM": "#E69F00",
    "register files": "#0072B2",
}
"""Colours of cycles that are due to the bandwidth of a level."""

HATCHES = ("", "", "", "", "////", "....")
"""Hatches by place in the stack, so that neighbours differ in print without colour."""

OTHER = "#000000"
KINDS = {"Eyeriss": "E", "found": "F"}


def draw(parts: pd.DataFrame) -> Figure:
    """Draws the best designs of the table `R8.breakdown`: energy above, delay below."""
    best = parts[parts["is_best"]]
    models = list(dict.fromkeys(best["model"]))
    figure, grid = new_figure(2, 1, 4.3, sharex=True)
    panels = (
        (grid[0, 0], "energy_pj", "energy (Eyeriss = 1)", ENERGY),
        (grid[1, 0], "cycles", "delay (Eyeriss = 1)", DELAY | BANDWIDTH),
    )
    for axes, quantity, name, colours in panels:
        drawn = [
            component
            for number, model in enumerate(models)
            for component in _draw_model(axes, best[best["model"] == model], quantity, number)
        ]
        axes.axhline(1, color="black", linewidth=0.5, linestyle=(0, (2, 2)), zorder=0)
        axes.set_ylabel(name)
        tidy(axes)
        _add_legend(axes, [c for c in colours if c in drawn], quantity)
    _label_bars(grid[1, 0], models)
    return figure


def _draw_model(axes: Axes, own: pd.DataFrame, quantity: str, number: int) -> list[str]:
    """Draws the two stacks of a model, and returns the components in them."""
    of_quantity = own[own["quantity"] == quantity]
    total = float(of_quantity[of_quantity["design"] == "Eyeriss"]["value"].sum())
    drawn: list[str] = []
    for side, kind in enumerate(KINDS):
        stack = shares(own[own["design"] == kind], quantity, total)
        bottom = 0.0
        for at, (name, colour) in enumerate(_colours(quantity).items()):
            if name not in stack.index:
                continue
            axes.bar(
                number + 0.42 * (side - 0.5),
                stack[name],
                0.36,
                bottom,
                color=colour,
                hatch=HATCHES[at % len(HATCHES)],
                edgecolor="white",
                linewidth=0.3,
            )
            bottom += float(stack[name])
            drawn.append(name)
    return drawn


def _colours(quantity: str) -> dict[str, str]:
    return ENERGY if quantity == "energy_pj" else DELAY | BANDWIDTH


def _add_legend(axes: Axes, names: list[str], quantity: str) -> None:
    colours = _colours(quantity)
    hatches = {name: HATCHES[at % len(HATCHES)] for at, name in enumerate(colours)}
    labels = {name: f"{name} bandwidth" for name in BANDWIDTH} if quantity == "cycles" else {}
    handles = [
        Patch(
            facecolor=colours[name],
            hatch=hatches[name],
            edgecolor="white",
            linewidth=0.3,
            label=labels.get(name, name),
        )
        for name in names
    ]
    axes.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=3,
        handlelength=1.2,
        columnspacing=1.0,
        borderaxespad=0.1,
    )


def _label_bars(axes: Axes, models: list[str]) -> None:
    places = [n + 0.42 * (side - 0.5) for n in range(len(models)) for side in range(len(KINDS))]
    axes.set_xticks(places, list(KINDS.values()) * len(models))
    axes.tick_params(axis="x", length=0)
    for number, model in enumerate(models):
        axes.annotate(
            model,
            (number, 0),
            xycoords=("data", "axes fraction"),
            xytext=(0, -14),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7,
        )
