"""One visual language for all figures: sizes, colours, and files that are the same on every run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

# Workers have no display; this has to precede pyplot.
mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from codesign.store.atomic import replacing

COLUMN_INCHES = 3.5
"""The width of a figure: a column of a printed page."""

COLOURS = {
    "random": "#7a7a7a",
    "tpe": "#D55E00",
    "bo": "#0072B2",
    "relax-round": "#CC79A7",
    "tvm-xgboost": "#E69F00",
    "tvm-treegru": "#009E73",
    "timeloop-random": "#000000",
    "bo-ei": "#56B4E9",
    "bo-rf": "#E69F00",
    "bo-rf-ei": "#D55E00",
    "bo-lcb-0.1": "#009E73",
    "bo-lcb-0.5": "#56B4E9",
    "bo-lcb-2": "#E69F00",
    "bo-lcb-5": "#D55E00",
    "bo-drop": "#7a7a7a",
    "bo-penalty": "#E69F00",
    "bo-feasible-rf": "#009E73",
    "tpe-default": "#E69F00",
    "hyperopt": "#000000",
    "exact": "#4B0082",
}
"""A method's colour, the same in every figure: Okabe and Ito's palette, safe for colour-blind
readers. It has fewer colours than there are methods; those that share one share no figure."""

NAMES = {
    "random": "random search",
    "tpe": "TPE with constraints",
    "bo": "BO (the paper's)",
    "relax-round": "BO, relax and round",
    "tvm-xgboost": "TVM tuner, XGBoost",
    "tvm-treegru": "TVM tuner, TreeGRU",
    "timeloop-random": "Timeloop's mapper",
    "bo-ei": "Gaussian process, EI",
    "bo-rf": "random forest, LCB",
    "bo-rf-ei": "random forest, EI",
    "bo-lcb-0.1": "λ = 0.1",
    "bo-lcb-0.5": "λ = 0.5",
    "bo-lcb-2": "λ = 2",
    "bo-lcb-5": "λ = 5",
    "bo-drop": "failures dropped",
    "bo-penalty": "failures penalised",
    "bo-feasible-rf": "random-forest classifier",
    "tpe-default": "TPE, Hyperopt's settings",
    "hyperopt": "Hyperopt as it comes",
    "exact": "optimum",
}

DASHES = {
    "random": (3.0, 1.5),
    "tpe": (),
    "bo": (6.0, 1.5),
    "relax-round": (1.0, 1.0),
    "tvm-xgboost": (6.0, 1.5, 1.0, 1.5),
    "tvm-treegru": (4.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "timeloop-random": (2.0, 1.0),
    "bo-ei": (),
    "bo-rf": (1.0, 1.0),
    "bo-rf-ei": (6.0, 1.5, 1.0, 1.5),
    "bo-drop": (1.0, 1.0),
    "bo-penalty": (6.0, 1.5, 1.0, 1.5),
    "bo-feasible-rf": (),
    "tpe-default": (6.0, 1.5, 1.0, 1.5),
    "hyperopt": (1.0, 1.0),
}
"""Methods differ in dashes too, for print without colour; others have solid lines."""

PAPER, OURS, FLOOR = "#D55E00", "#0072B2", "#7a7a7a"
"""The paper's numbers, ours, and what cannot be exceeded."""

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
    """The dash pattern of a method's line; empty for a solid one."""
    return DASHES.get(method, ())


def colour(method: str) -> str:
    """The colour of a method; black for one without its own."""
    return COLOURS.get(method, "#000000")


def label(method: str) -> str:
    """A method's name in legends."""
    return NAMES.get(method, method)


def apply_style() -> None:
    """Sets the colours and sizes above, whatever was set before."""
    mpl.rcdefaults()
    # Importing seaborn for its theme would take longer than drawing most figures.
    mpl.rcParams.update(_RC)


def new_figure(rows: int, columns: int, height: float, **options: Any) -> tuple[Figure, Any]:
    """A figure one column wide with a grid of axes, array [rows, columns]."""
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
    """Removes the frame's upper and right lines and draws a light grid below the data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def name_rows(axes: Axes, place: Mapping[str, int]) -> None:
    """Writes names beside rows at whole heights, from 0 upwards, which need no ticks."""
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
    """Writes the figure as PDF and PNG, without dates: the same bytes from the same data."""
    for path, kind, metadata in (
        (pdf, "pdf", {"CreationDate": None, "Creator": None, "Producer": None}),
        (png, "png", {"Software": None}),
    ):
        with replacing(path) as draft:
            figure.savefig(draft, format=kind, metadata=metadata)
    plt.close(figure)
