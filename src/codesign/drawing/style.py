"""The style of all figures: sizes, colours, and files with the same bytes on every run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

# Workers have no display. This has to come before the import of pyplot.
mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from codesign.search.registry import METHODS
from codesign.store.atomic import replacing

COLUMN_INCHES = 3.5
"""The width of a figure: one column of a printed page."""

PAPER, OURS, FLOOR = "#D55E00", "#0072B2", "#7a7a7a"
"""Colours of the paper's numbers, of ours, and of bounds."""

_INK = "0.15"

_RC: dict[Any, Any] = {
    **dict.fromkeys(("axes.edgecolor", "axes.labelcolor", "text.color"), _INK),
    **dict.fromkeys(("xtick.color", "ytick.color"), _INK),
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "axes.titlesize": 7.0,
    "axes.labelsize": 7.0,
    "xtick.labelsize": 6.0,
    "ytick.labelsize": 6.0,
    "legend.fontsize": 6.5,
    "axes.linewidth": 0.6,
    "axes.axisbelow": True,
    "grid.linewidth": 0.4,
    "grid.color": "#dddddd",
    "lines.linewidth": 1.2,
    "lines.markersize": 4.8,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0.8,
    "patch.edgecolor": "white",
    "patch.force_edgecolor": True,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "xtick.minor.width": 0.8,
    "ytick.minor.width": 0.8,
    "xtick.minor.size": 3.2,
    "ytick.minor.size": 3.2,
    "axes.titlepad": 3.0,
    "axes.labelpad": 2.0,
    "legend.frameon": False,
    "figure.dpi": 100,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,
    "svg.hashsalt": "codesign",
}


def dashes(method: str) -> tuple[float, ...]:
    """The dash pattern of a method's line, for print without colour; empty for a solid one."""
    return METHODS[method].dashes if method in METHODS else ()


def colour(method: str) -> str:
    """The colour of a method in every figure; black if it is not registered."""
    return METHODS[method].colour if method in METHODS else "#000000"


def label(method: str) -> str:
    """The name of a method in legends."""
    return METHODS[method].label if method in METHODS else method


def ordered(methods: Iterable[str]) -> list[str]:
    """Each method once, in the order of registration, so that legends agree; others at the end."""
    known = list(METHODS)
    return sorted(set(methods), key=lambda m: (known.index(m) if m in known else len(known), m))


def apply_style() -> None:
    """Sets the style above, independent of earlier settings."""
    mpl.rcdefaults()
    # The import of seaborn, for its theme, would take longer than drawing most figures.
    mpl.rcParams.update(_RC)


def new_figure(rows: int, columns: int, height: float, **options: Any) -> tuple[Figure, Any]:
    """A figure one column wide, and its grid of axes, an array [rows, columns]."""
    apply_style()
    return plt.subplots(
        rows,
        columns,
        figsize=(COLUMN_INCHES, height),
        squeeze=False,
        layout="constrained",
        **options,
    )


def new_page(height: float) -> Figure:
    """A figure one column wide without axes, to be divided into subfigures."""
    apply_style()
    return plt.figure(figsize=(COLUMN_INCHES, height), layout="constrained")


def tidy(axes: Axes, grid: str = "y") -> None:
    """Removes the upper and right lines of the frame, and draws a light grid below the data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def name_rows(axes: Axes, place: Mapping[str, int]) -> None:
    """Writes names beside rows, which are at whole heights from 0 upwards, without ticks."""
    axes.set_yticks(list(place.values()), list(place))
    axes.set_ylim(-0.6, len(place) - 0.4)
    tidy(axes, "x")
    axes.tick_params(axis="y", length=0)


def plain_logarithms(axes: Axes) -> None:
    """Writes the powers of ten on the x axis as numbers, with short ticks between them."""
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", which="minor", length=1.2, width=0.4)


def save(figure: Figure, pdf: Path, png: Path) -> None:
    """Writes the figure as PDF and PNG, without dates, so that equal data give equal bytes."""
    for path, kind, metadata in (
        (pdf, "pdf", {"CreationDate": None, "Creator": None, "Producer": None}),
        (png, "png", {"Software": None}),
    ):
        with replacing(path) as draft:
            figure.savefig(draft, format=kind, metadata=metadata)
    plt.close(figure)
