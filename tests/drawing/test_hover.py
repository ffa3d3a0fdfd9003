"""The points of a figure are where they are drawn, with the values that they have."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.drawing.hover import MOST_POINTS, hover_points
from codesign.drawing.style import new_figure


def test_points_of_lines_bars_and_marks_have_values_and_names() -> None:
    """Names come from the legend, values of named ticks are their names."""
    figure, grid = new_figure(1, 1, 2.0)
    axes = grid[0, 0]
    axes.plot([0, 1], [1.0, 3.0], marker="o", color="#112233", label="_own")
    axes.barh([0, 1], [2.0, 4.0], color="#445566", label="bars")
    axes.errorbar([0.5], [2.0], yerr=[[1.0], [1.0]], capsize=2, linestyle="none", label="median")
    axes.scatter([0.25], [1.5], color="#778899", label="seen")
    axes.set_yticks([0, 1], ["first", "second"])
    axes.set(xlabel="across", title="panel", xlim=(-1, 5), ylim=(-1, 4))
    figure.legend(handles=[axes.lines[0]], labels=["a line"])

    found = {entry["name"]: entry for entry in hover_points(figure)}

    assert set(found) == {"a line", "bars", "median", "seen"}
    assert [point[2:] for point in found["bars"]["points"]] == [["2", "first"], ["4", "second"]]
    assert len(found["median"]["points"]) == 1
    assert (found["seen"]["x"], found["seen"]["panel"]) == ("across", "panel")


def test_places_are_shares_from_the_upper_left_corner() -> None:
    """The corners of the axes, as far as these are from the edges of the figure."""
    figure, grid = new_figure(1, 1, 2.0)
    axes = grid[0, 0]
    axes.plot([0, 1], [0, 1], marker="o")
    axes.set(xlim=(0, 1), ylim=(0, 1))

    (entry,) = hover_points(figure)

    (left, low), (right, high) = axes.get_position().get_points()
    places = [point[:2] for point in entry["points"]]
    assert places == [
        [pytest.approx(left, abs=1e-3), pytest.approx(1 - low, abs=1e-3)],
        [pytest.approx(right, abs=1e-3), pytest.approx(1 - high, abs=1e-3)],
    ]


def test_what_is_not_in_view_or_not_a_number_is_left_out() -> None:
    """Also lines across the axes, and the middle of the steps of a line."""
    figure, grid = new_figure(1, 1, 2.0)
    axes = grid[0, 0]
    axes.axhline(0.5)
    axes.plot([0, 1, 2, 3, 4], [0.9, 0.5, 0.5, 0.5, np.nan])
    axes.plot([0, 9], [0.1, 0.1], marker="o", label="marks")
    axes.set(xlim=(0, 5), ylim=(0, 1))

    line, marks = hover_points(figure)

    assert [point[2:] for point in line["points"]] == [["0", "0.9"], ["1", "0.5"], ["3", "0.5"]]
    assert [point[2] for point in marks["points"]] == ["0"]


def test_many_points_are_thinned_evenly() -> None:
    """A figure of all records would otherwise fill the page."""
    figure, grid = new_figure(1, 1, 2.0)
    count = 4 * MOST_POINTS + 1
    grid[0, 0].plot(np.arange(count), np.arange(count), marker="o")

    (entry,) = hover_points(figure)

    assert MOST_POINTS / 2 < len(entry["points"]) <= MOST_POINTS


def test_bars_on_a_logarithmic_axis_have_the_value_of_their_end() -> None:
    """They begin at 1: a factor of 2 is a bar of length 1."""
    figure, grid = new_figure(1, 1, 2.0)
    axes = grid[0, 0]
    axes.bar([0], [1.0], bottom=1)
    axes.set_yscale("log")
    axes.set_ylim(0.5, 4)

    (entry,) = hover_points(figure)

    assert entry["points"][0][3] == "2"
