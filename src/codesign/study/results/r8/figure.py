"""R8: Eyeriss and the found accelerators, side by side and to scale."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from codesign.drawing.accelerator import draw_blocks, part_colours
from codesign.drawing.style import new_figure
from codesign.hardware.architecture import Hardware
from codesign.hardware.area import DEFAULT_AREA
from codesign.hardware.template_file import template_of

ROW_INCHES, DRAWN_INCHES, TEXT_INCHES, LEGEND_INCHES = 1.3, 0.72, 0.36, 0.25
WIDE = 3.5
"""The width of a drawn chip divided by its height, so that it fills its place."""

KINDS = ("Eyeriss", "found")
LABELS = {
    "GlobalBuffer": "global buffer",
    "WeightRegFile": "weights",
    "InputRegFile": "inputs",
    "PsumRegFile": "partial sums",
    "MACs": "multipliers",
}


def draw(table: pd.DataFrame) -> Figure:
    """Draws the designs of `r8.table`: one row per model, Eyeriss left, the found one right."""
    models = list(dict.fromkeys(table["model"]))
    height = ROW_INCHES * len(models) + LEGEND_INCHES
    figure, grid = new_figure(len(models), 2, height)
    # Placed by hand: an automatic layout would shrink the drawings because of the texts below.
    figure.set_layout_engine("none")
    names: dict[str, Any] = {}
    for row, model in enumerate(models):
        bottom = height - LEGEND_INCHES - ROW_INCHES * (row + 1) + TEXT_INCHES
        for column, (axes, kind) in enumerate(zip(grid[row], KINDS, strict=True)):
            axes.set_position((0.01 + 0.5 * column, bottom / height, 0.48, DRAWN_INCHES / height))
            axes.set_anchor("NW")
            found = table[(table["model"] == model) & (table["design"] == kind)]
            if found.empty:
                axes.set_axis_off()
                axes.text(0.5, 0.5, "nothing feasible", ha="center", transform=axes.transAxes)
                continue
            design = found.iloc[0]
            hardware = hardware_of(design)
            draw_blocks(hardware, DEFAULT_AREA, axes, WIDE)
            names |= part_colours(hardware)
            axes.set_title(f"{kind} for {model}" if column else f"{model}: {kind}", loc="left")
            _describe(axes, design)
    handles = [Rectangle((0, 0), 1, 1, color=names[name]) for name in LABELS if name in names]
    labels = [label for name, label in LABELS.items() if name in names]
    figure.legend(
        handles,
        labels,
        loc="upper center",
        ncols=5,
        handlelength=0.7,
        handletextpad=0.4,
        columnspacing=0.8,
        borderaxespad=0.0,
    )
    return figure


def hardware_of(design: pd.Series[Any]) -> Hardware:
    """The accelerator of a row with H1–H12 and the budget."""
    name = str(design["design"])
    budget: dict[str, float] = {
        key: int(design[key]) for key in ("pes", "local_words", "word_bits")
    }
    budget["global_kb"] = float(design["global_kb"])
    parameters = {f"H{number}": int(design[f"H{number}"]) for number in range(1, 13)}
    template = template_of("eyeriss", name, budget, parameters, f"design {name}")
    return template.hardware(template.point, name)


def _describe(axes: Axes, design: pd.Series[Any]) -> None:
    """Writes the parameters in three lines below the drawing."""
    h = {number: int(design[f"H{number}"]) for number in range(1, 13)}
    kib = design["global_kb"] / h[6]
    buffers = f"{kib:g} KiB" if h[6] == 1 else f"{h[7]} × {h[8]} buffers of {kib:.3g} KiB"
    text = (
        f"{h[1]} × {h[2]} PEs, words {h[3]} in, {h[4]} w, {h[5]} out\n"
        f"{buffers}, blocks of {h[9]}\n"
        f"mapping: {design['dataflow']}"
    )
    axes.text(0.0, -0.02, text, transform=axes.transAxes, va="top", fontsize=5.5, linespacing=1.15)
