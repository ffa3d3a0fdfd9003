"""Figures show the data they are given, and are the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from codesign.figures import b1, r1, r2, r3, r3c, r4, r5, r6, r7
from codesign.figures.__main__ import main
from codesign.figures.style import COLOURS, COLUMN_INCHES, DASHES, NAMES, colour, dashes
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


def compared(panels: tuple[str, str]) -> pd.DataFrame:
    """Three trials of two methods, of which `hyperopt` finds nothing."""
    rows = [
        (panel, method, trial, quantity, 3.0 / trial * factor, 1.0 / trial, 9.0)
        for panel in panels
        for method, factor in (("bo", 1.0), ("hyperopt", np.inf))
        for trial in (1, 2, 3)
        for quantity in ("excess", "failed")
        if np.isfinite(factor) or quantity == "excess"
    ]
    columns = ["panel", "method", "trial", "quantity", "median", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns)


WEIGHTS = pd.DataFrame(
    [
        (search, model, layer, weight, *2 * (excess, excess / 2, 2 * excess))
        for search in ("mapping", "hardware")
        for model, layer in (("M", "x"), ("N", "y"), ("all", "all"))
        for weight, excess in ((0.1, 4.0), (1.0, 0.0), (5.0, 2.0))
    ],
    columns=[
        *("search", "model", "layer", "weight", "excess", "low", "high"),
        *("reach", "reach_low", "reach_high"),
    ],
)

SAMPLED = pd.DataFrame(
    [
        ("x", "bo", 1, 250, 1.0, 0.5, 2.0, 60.0, 50.0, 70.0),
        ("x", "timeloop-random", 1, 250, 9.0, 5.0, np.inf, np.inf, 900.0, np.inf),
        ("x", "timeloop-random", 100, 25_000, 2.0, 1.0, 3.0, np.inf, 900.0, np.inf),
        ("y", "bo", 1, 250, 0.0, 0.0, 0.0, 30.0, 20.0, 40.0),
        ("y", "timeloop-random", 1, 250, np.inf, np.inf, np.inf, 800.0, 700.0, np.inf),
        ("y", "timeloop-random", 100, 25_000, 0.0, 0.0, 0.0, 800.0, 700.0, np.inf),
    ],
    columns=[
        *("layer", "method", "multiple", "evaluations", "excess", "low", "high"),
        *("reach", "reach_low", "reach_high"),
    ],
)

FIGURES = {
    "R1": (r1.draw, SAVED),
    "R2": (r2.draw, curves(LAYERS, "layer")),
    "R3": (r3.draw, curves(["A", "B", "C"], "model")),
    "R3c": (r3c.draw, compared(("DQN", "ResNet"))),
    "R4": (r4.draw, compared(("mapping", "hardware"))),
    "R5": (r5.draw, WEIGHTS),
    "R6": (r6.draw, SAMPLED),
    "R7": (r7.draw, SHARES),
    "B1": (b1.draw, compared(("mapping", "hardware"))),
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


def test_comparisons_have_a_column_a_panel_and_a_row_a_quantity() -> None:
    """Optima are proven for mappings, not for hardware, and the axes say so."""
    figure = b1.draw(compared(("mapping", "hardware")))

    assert [axes.get_ylabel() for axes in figure.axes] == [
        "EDP above optimum (%)",
        "EDP above best found (%)",
        "failed trials so far (%)",
        "",
    ]
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "log", "linear", "linear"]


def test_what_found_nothing_has_no_line() -> None:
    """Infinite excess is a gap; a finite one is drawn as it is."""
    axes = r4.draw(compared(("mapping", "hardware"))).axes[0]
    lines = {line.get_label(): list(line.get_ydata()) for line in axes.get_lines()}

    assert lines["bo"] == pytest.approx([3.0, 1.5, 1.0])
    assert np.isnan(lines["hyperopt"]).all()


def test_r5_has_a_line_a_layer_and_one_of_all_together() -> None:
    """Against λ on a logarithmic axis with the very values as ticks."""
    mapping, hardware = r5.draw(WEIGHTS).axes

    for axes in (mapping, hardware):
        assert axes.get_xscale() == "log"
        assert list(axes.get_xticks()) == [0.1, 1.0, 5.0]
        (together,) = axes.containers
        assert list(together.lines[0].get_ydata()) == [4.0, 0.0, 2.0]
        assert len(axes.get_lines()) == 3 + 2  # two layers, all together, the ends of its bars


def test_r6_points_onwards_where_no_number_of_evaluations_does() -> None:
    """An arrow at the most that were made, on the row of the layer."""
    _, reach = r6.draw(SAMPLED).axes

    arrows = [line for line in reach.get_lines() if line.get_marker() == ">"]
    assert [list(line.get_xdata()) for line in arrows if len(line.get_xdata())] == [[25_000]]
    assert reach.get_xlim()[1] > 25_000


@pytest.mark.parametrize("name", ["paper", "quick"])
def test_methods_of_a_figure_are_told_apart(repository: Path, name: str) -> None:
    """Within a result no two methods share a colour, nor colourless a pattern of dashes."""
    config = yaml.safe_load((repository / f"config/{name}.yaml").read_text("utf-8"))

    for result in ("R2", "R3", "R3c", "R4", "B1"):
        methods = config[result]["methods"]
        assert set(methods) <= set(NAMES), result
        assert len({colour(method) for method in methods}) == len(methods), result
        assert len({dashes(method) for method in methods}) == len(methods), result


def test_dashes_are_those_of_known_methods() -> None:
    """A pattern for a name that nobody has would be a slip of the pen."""
    assert set(DASHES) <= set(COLOURS) == set(NAMES)


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
