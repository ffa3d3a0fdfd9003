"""The points of a figure with their values, so that a page can show a value where one points.

The points are read from what is drawn: lines, points, bars and error bars in coordinates of data.
Bands, lines across the axes, and texts are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import same_color, to_hex
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, LogFormatter, ScalarFormatter
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_POINTS = 3000
"""A figure with more points gives evenly chosen ones of each series."""

NEARLY_EQUAL = 1e-9
"""Vertices of a line whose values differ by less, relatively, are on one level."""


@dataclass(frozen=True)
class Series:
    """Points with one name: of a line, of a set of marks, or of the bars of one colour.

    Args:
        name: as in the legend; empty if there is none.
        places: [n, 2], from the upper left corner of the figure, as shares of width and height.
        values: [n, 2], in data of the axes.
    """

    name: str
    places: Floats
    values: Floats


def hover_points(figure: Figure) -> list[dict[str, Any]]:
    """All points of a figure, one entry per series, as JSON has them.

    An entry has `name`, the names `x` and `y` of the axes, `panel` (the title of the axes), and
    `points`: lists of two shares of the figure's width and height, from its upper left corner, and
    the texts of two values.
    """
    figure.draw_without_rendering()
    names = _legend(figure)
    shared = _shared_label(figure, "_supxlabel"), _shared_label(figure, "_supylabel")
    found = [
        (axes, series)
        for axes in figure.axes
        if axes.get_visible()
        for series in _all_series(figure, axes, names)
        if len(series.places)
    ]
    every = -(-sum(len(series.places) for _, series in found) // MOST_POINTS)
    return [_entry(axes, series, shared, max(1, every)) for axes, series in found]


def _entry(axes: Axes, series: Series, shared: tuple[str, str], every: int) -> dict[str, Any]:
    """One of every `every` points of a series, as JSON has them."""
    across = [_text(axes.xaxis, value) for value in series.values[::every, 0]]
    along = [_text(axes.yaxis, value) for value in series.values[::every, 1]]
    places = series.places[::every].round(4).tolist()
    return {
        "name": series.name,
        "panel": axes.get_title() or axes.get_title("left"),
        "x": axes.get_xlabel() or shared[0],
        "y": axes.get_ylabel() or shared[1],
        "points": [[*place, x, y] for place, x, y in zip(places, across, along, strict=True)],
    }


def _all_series(figure: Figure, axes: Axes, names: dict[str, str]) -> Iterator[Series]:
    caps: set[Line2D] = set()
    labels: dict[Line2D | None, str] = {}
    for together in axes.containers:
        if isinstance(together, BarContainer):
            yield _bars(figure, axes, together, names)
        elif isinstance(together, ErrorbarContainer):
            middle, ends, _ = together.lines
            caps.update(ends)
            labels[middle] = str(together.get_label())
    for line in axes.lines:
        is_data = line.get_transform() == axes.transData and line.get_visible()
        if is_data and line not in caps:
            vertices = np.asarray(line.get_xydata(), float)
            if not _has_marks(line.get_marker()):
                vertices = _turns(vertices)
            own = labels.get(line, str(line.get_label()))
            name = _name(own, to_hex(line.get_color()), names)
            yield _series(figure, axes, name, vertices)
    for marks in axes.collections:
        offsets: Floats = np.ma.filled(np.ma.array(marks.get_offsets(), np.float64), np.nan)
        if marks.get_offset_transform() == axes.transData and len(offsets):
            colours = np.atleast_2d(np.asarray(marks.get_facecolor(), np.float64))
            shade = to_hex(tuple(colours[0])) if colours.size else ""
            yield _series(figure, axes, _name(str(marks.get_label()), shade, names), offsets)


def _bars(figure: Figure, axes: Axes, bars: BarContainer, names: dict[str, str]) -> Series:
    """Bars, at their ends. The value of a bar in a stack is its own length.

    On a logarithmic axis bars do not begin at zero: the value is where the bar ends.
    """
    is_upright = bars.orientation == "vertical"
    is_length = (axes.get_yscale() if is_upright else axes.get_xscale()) != "log"
    ends, values = [], []
    for bar in bars.patches:
        if is_upright:
            place, end, length = bar.get_x() + bar.get_width() / 2, bar.get_y(), bar.get_height()
        else:
            place, end, length = bar.get_y() + bar.get_height() / 2, bar.get_x(), bar.get_width()
        end += length
        value = length if is_length else end
        ends.append((place, end) if is_upright else (end, place))
        values.append((place, value) if is_upright else (value, place))
    shade = to_hex(bars.patches[0].get_facecolor()) if bars.patches else ""
    name = _name(str(bars.get_label()), shade, names)
    flat = [np.array(pairs, float).reshape(-1, 2) for pairs in (ends, values)]
    return _series(figure, axes, name, *flat)


def _series(
    figure: Figure, axes: Axes, name: str, at: Floats, values: Floats | None = None
) -> Series:
    """The points among `at` that are finite and inside the axes."""
    places = figure.transFigure.inverted().transform(axes.transData.transform(at))
    places[:, 1] = 1 - places[:, 1]
    (left, low), (right, high) = axes.get_position().get_points()
    slack = 0.002
    is_inside = (
        np.isfinite(at).all(axis=1)
        & (places[:, 0] >= left - slack)
        & (places[:, 0] <= right + slack)
        & (places[:, 1] >= 1 - high - slack)
        & (places[:, 1] <= 1 - low + slack)
    )
    return Series(name, places[is_inside], (at if values is None else values)[is_inside])


def _turns(vertices: Floats) -> Floats:
    """The vertices of a line without those between two of the same height."""
    if len(vertices) < 3:
        return vertices
    heights = vertices[:, 1]
    is_level = [abs(b - a) <= NEARLY_EQUAL * max(abs(a), abs(b)) for a, b in pairwise(heights)]
    kept = [True, *(not (a and b) for a, b in pairwise(is_level)), True]
    return np.asarray(vertices[kept])


def _has_marks(marker: object) -> bool:
    return str(marker) not in ("None", "none", "", " ")


def _legend(figure: Figure) -> dict[str, str]:
    """The names in the figure's legends by the colours of their marks, where only one has it."""
    found: dict[str, list[str]] = {}
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes)]
    for legend in legends:
        if legend is None:
            continue
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
            colour = next(
                (
                    getattr(handle, get)()
                    for get in ("get_markerfacecolor", "get_color", "get_facecolor")
                    if hasattr(handle, get)
                ),
                None,
            )
            if colour is not None and not same_color(colour, "none"):
                shade = to_hex(np.atleast_2d(colour)[0] if not isinstance(colour, str) else colour)
                found.setdefault(shade, []).append(text.get_text())
    return {shade: names[0] for shade, names in found.items() if len(set(names)) == 1}


def _name(label: str, shade: str, names: dict[str, str]) -> str:
    return names.get(shade, "") if label.startswith("_") or not label else label


def _shared_label(figure: Figure, name: str) -> str:
    text = getattr(figure, name, None)
    return text.get_text() if text is not None else ""


def _text(axis: Axis, value: float) -> str:
    """A value as the axis names it, where its ticks have names of their own; else its digits."""
    formatter = axis.get_major_formatter()
    is_named = not isinstance(formatter, (ScalarFormatter, LogFormatter))
    ticks = np.array(axis.get_majorticklocs(), np.float64)
    if is_named and isinstance(axis.get_major_locator(), FixedLocator) and len(ticks):
        at = int(np.abs(ticks - value).argmin())
        text = str(formatter(float(ticks[at]), at))
        if not _is_number(text):
            return text.replace("\n", " ")
    return f"{value:.4g}"


def _is_number(text: str) -> bool:
    try:
        float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))
    except ValueError:
        return not text
    return True
