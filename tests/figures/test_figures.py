"""Figures show the data they are given, and are the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from codesign.figures import b5, r1, r2, r3, r7
from codesign.figures.__main__ import main
from codesign.figures.style import COLOURS, COLUMN_INCHES, colour
from codesign.store.table import read_table, write_table


def curves(panels: list[str], column: str) -> pd.DataFrame:
    """Progress of two methods over five trials in every panel."""
    rows = [
        (panel, method, trial, 0.1 * trial + shift, 0.1 * trial, 0.1 * trial + 0.3)
        for panel in panels
        for method, shift in (("tpe", 0.2), ("random", 0.1))
        for trial in range(1, 6)
    ]
    return pd.DataFrame(rows, columns=[column, "method", "trial", "median", "lower", "upper"])


LAYERS = [f"L{i}" for i in range(12)]

SAVED = pd.DataFrame(
    [
        ("ResNet", "product", 5.0, 3.0, 7.0, 2.0, 1.0, 3.0, 8.0, 18.3),
        ("ResNet", "layers", 4.0, 2.0, 6.0, 1.0, 0.0, 2.0, 8.0, 18.3),
        ("Mine", "product", -3.0, -9.0, 1.0, -6.0, -7.0, -5.0, 30.0, np.nan),
        ("Mine", "layers", -2.0, -8.0, 2.0, -5.0, -6.0, -4.0, 30.0, np.nan),
    ],
    columns=[
        *("model", "reading", "improvement", "low", "high"),
        *("improvement_optimal", "optimal_low", "optimal_high", "headroom_optimal", "paper"),
    ],
)

SHARES = pd.DataFrame(
    [
        ("hardware", "M", "all", "derived", 0.1, 0.09, 0.11),
        ("hardware", "M", "all", "independent", 0.0, 0.0, 0.001),
        ("mapping", "M", "x", "free", 0.01, 0.009, 0.011),
        ("mapping", "M", "x", "row-stationary", 0.05, 0.04, 0.06),
        ("mapping", "M", "y", "free", 0.02, 0.019, 0.021),
    ],
    columns=["space", "model", "layer", "sampler", "share", "low", "high"],
)

ASSUMED = [
    ("sensitivity", "as R1", model, 5.0, 3.0, 7.0, 8.0, 18.3 if model == "ResNet" else np.nan)
    for model in ("ResNet", "Mine")
]

HANGS_ON = pd.concat(
    [
        pd.DataFrame(
            ASSUMED,
            columns=[
                "part",
                "assumption",
                "model",
                "improvement",
                "low",
                "high",
                "headroom",
                "paper",
            ],
        ),
        pd.DataFrame(
            [
                ("generality", "e168", model, found_for, 10.0, 5.0, 20.0)
                for model in ("ResNet", "Mine")
                for found_for in ("own", "joint", "others")
            ],
            columns=["part", "hardware", "model", "found_for", "price", "low", "high"],
        ),
        pd.DataFrame(
            [("front", "ResNet", 0.9, 1.0, 1.0), ("front", "ResNet", 1.0, 0.9, 1.1)],
            columns=["part", "model", "energy", "delay", "area"],
        ),
    ],
    ignore_index=True,
)

FIGURES = {
    "B5": (b5.draw, HANGS_ON),
    "R1": (r1.draw, SAVED),
    "R2": (r2.draw, curves(LAYERS, "layer")),
    "R3": (r3.draw, curves(["A", "B", "C"], "model")),
    "R7": (r7.draw, SHARES),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_fit_a_column(name: str) -> None:
    """3.5 inches, whatever the number of panels."""
    draw, table = FIGURES[name]

    figure = draw(table)

    assert isinstance(figure, Figure)
    assert figure.get_size_inches()[0] == COLUMN_INCHES
    assert figure.get_size_inches()[1] < 9


def test_r2_has_a_panel_a_layer_with_median_and_band() -> None:
    """Twelve panels; in each, a line and a band a method, in the method's colour."""
    figure = r2.draw(curves(LAYERS, "layer"))
    panels = [axes for axes in figure.axes if axes.get_visible()]

    assert [axes.get_title() for axes in panels] == LAYERS
    for axes in panels:
        lines = {line.get_label(): line for line in axes.get_lines()}
        assert lines["tpe"].get_color() == COLOURS["tpe"]
        assert list(lines["tpe"].get_ydata()) == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.7])
        assert len([c for c in axes.collections if isinstance(c, PolyCollection)]) == 2


@pytest.mark.parametrize(
    ("draw", "column", "best"),
    [(r2.draw, "layer", "proven optimum"), (r3.draw, "model", "best found")],
)
def test_progress_says_what_one_stands_for(
    draw: Callable[[pd.DataFrame], Figure], column: str, best: str
) -> None:
    """Optima are proven for mappings, not for hardware."""
    figure = draw(curves(["A"], column))

    assert figure.get_supylabel() == f"best-so-far 1/EDP, {best} = 1"


def test_r3_hides_panels_it_does_not_need() -> None:
    """Three models in a grid of four."""
    figure = r3.draw(curves(["A", "B", "C"], "model"))

    assert [axes.get_visible() for axes in figure.axes] == [True, True, True, False]


def test_r1_shows_ours_the_papers_and_what_is_possible() -> None:
    """A bar of headroom a model, a line where the paper has a number, a marker a reading and
    another one against Eyeriss mapped optimally."""
    (axes,) = r1.draw(SAVED).axes

    assert [bar.get_width() for bar in axes.patches] == [8.0, 30.0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["ResNet", "Mine"]
    drawn = [c.lines[0].get_xdata().tolist() for c in axes.containers if hasattr(c, "lines")]
    assert drawn == [[5.0, -3.0], [4.0, -2.0], [2.0, 1.0, -6.0, -5.0]]
    paper = next(c for c in axes.collections if c.get_label() == "the paper")
    assert [segment[0][0] for segment in paper.get_segments()] == [18.3]


def test_r7_marks_an_upper_limit_where_nothing_was_valid() -> None:
    """A share of 0 has no place on a logarithmic axis: an arrow stands at its upper limit."""
    hardware, mapping = r7.draw(SHARES).axes

    arrows = [line for line in hardware.get_lines() if line.get_marker() == "<"]
    assert [list(line.get_xdata()) for line in arrows if len(line.get_xdata())] == [[0.1]]
    assert mapping.get_xscale() == "log"
    assert [text.get_text() for text in mapping.get_yticklabels()] == ["x", "y"]


def test_b5_shows_fronts_assumptions_and_prices() -> None:
    """A panel a model for the first two; the paper's line only where it has a number."""
    figure = b5.draw(HANGS_ON)

    fronts, assumed, shared = figure.subfigs
    assert [axes.get_title() for axes in fronts.axes[:2]] == ["ResNet", "Mine"]
    assert fronts.axes[0].collections[0].get_offsets().tolist() == [[1.0, 0.9], [0.9, 1.0]]
    lines = [[line.get_xdata()[0] for line in axes.get_lines()] for axes in assumed.axes]
    assert [18.3 in xs for xs in lines] == [True, False]
    assert [axes.patches[0].get_width() for axes in assumed.axes] == [8.0, 8.0]
    drawn = [c.lines[0].get_xdata().tolist() for c in shared.axes[0].containers]
    assert drawn == [[10.0, 10.0], [10.0, 10.0]]


def test_unknown_methods_are_drawn_in_black() -> None:
    """A method of one's own needs no entry in the palette."""
    assert colour("mine") == "#000000"


@pytest.mark.parametrize("name", FIGURES)
def test_files_are_the_same_bytes_every_time(name: str, tmp_path: Path) -> None:
    """PDF, PNG and the data beside them."""
    _, table = FIGURES[name]
    source = tmp_path / "table.parquet"
    write_table(table, source, {"code_version": "1"})
    runs = []
    for run in ("a", "b"):
        files = [tmp_path / f"{run}.{kind}" for kind in ("pdf", "png", "parquet")]
        options = zip(("--pdf", "--png", "--data"), map(str, files), strict=True)
        assert (
            main([name, "--table", str(source), *(word for pair in options for word in pair)]) == 0
        )
        runs.append([file.read_bytes() for file in files])

    assert runs[0] == runs[1]
    assert runs[0][0].startswith(b"%PDF")
    assert read_table(tmp_path / "a.parquet").equals(table)
