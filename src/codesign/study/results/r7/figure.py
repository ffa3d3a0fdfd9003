"""R7: the share of valid raw draws, of hardware and of mappings, on a logarithmic scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from codesign.drawing.style import OURS, PAPER, name_rows, new_figure, plain_logarithms
from codesign.study.paper import (
    VALID_HARDWARE_SHARE,
    VALID_MAPPING_SHARE_MOST,
    is_reproduction,
)

SAMPLERS = {
    "derived": ("o", OURS, "hardware, H2 and H6 derived"),
    "independent": ("o", "white", "hardware, every H by itself"),
    "free": ("s", "#009E73", "mapping, free"),
    "row-stationary": ("s", "white", "mapping, row-stationary"),
}


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of `r7.table`: hardware by model above, mappings by layer below."""
    parts = [table[table["space"] == space] for space in ("hardware", "mapping")]
    names = [
        list(dict.fromkeys(part[key])) for part, key in zip(parts, ("model", "layer"), strict=True)
    ]
    heights = [len(group) + 0.6 for group in names]
    figure, grid = new_figure(
        2, 1, 0.145 * sum(heights) + 1.35, sharex=True, gridspec_kw={"height_ratios": heights}
    )
    titles = ("hardware points", "mappings on the baseline")
    claims = ((VALID_HARDWARE_SHARE, "≈ 10 %"), (VALID_MAPPING_SHARE_MOST, "< 1 %"))
    for axes, part, group, title, key, claim in zip(
        grid[:, 0], parts, names, titles, ("model", "layer"), claims, strict=True
    ):
        _draw_part(axes, part, group, key)
        axes.set_title(title, loc="left")
        if not is_reproduction(part["model"]):
            continue
        axes.axvline(100 * claim[0], color=PAPER, linewidth=1.2)
        axes.annotate(
            f"paper: {claim[1]}",
            (100 * claim[0], 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(2, 2),
            textcoords="offset points",
            color=PAPER,
            fontsize=6,
        )
    grid[1, 0].set_xlabel("valid raw draws (%)")
    figure.legend(
        loc="outside upper center", ncols=2, handlelength=1.2, columnspacing=1.2, borderaxespad=0.0
    )
    return figure


def _draw_part(axes: Axes, part: pd.DataFrame, names: list[str], key: str) -> None:
    place = {name: len(names) - 1 - number for number, name in enumerate(names)}
    for sampler, (marker, face, label) in SAMPLERS.items():
        rows = part[part["sampler"] == sampler]
        if rows.empty:
            continue
        share = 100 * rows["share"].to_numpy()
        seen = share > 0
        height = np.array([place[name] for name in rows[key]], dtype=float)
        edge = "#009E73" if part["space"].iloc[0] == "mapping" else OURS
        axes.errorbar(
            share[seen],
            height[seen],
            xerr=np.abs(np.stack([share - 100 * rows["low"], 100 * rows["high"] - share])[:, seen]),
            fmt=marker,
            color=edge,
            markerfacecolor=face,
            markeredgewidth=0.8,
            markersize=3.2,
            linewidth=0.8,
            label=label,
        )
        # If nothing was valid, an arrow at the upper end of the interval shows "less than this".
        axes.plot(
            100 * rows["high"].to_numpy()[~seen],
            height[~seen],
            linestyle="none",
            marker="<",
            color=edge,
            markerfacecolor=face,
            markeredgewidth=0.8,
            markersize=3.6,
        )
    axes.set_xscale("log")
    plain_logarithms(axes)
    name_rows(axes, place)
