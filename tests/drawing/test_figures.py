"""Figures show the data they are given, and are the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from codesign.drawing.style import COLUMN_INCHES, colour, dashes
from codesign.search.registry import METHODS
from codesign.store.table import read_table, write_table
from codesign.study.__main__ import main
from codesign.study.registry import draw_function
from codesign.study.results.b2 import figure as b2
from codesign.study.results.b3 import figure as b3
from codesign.study.results.b4 import figure as b4
from codesign.study.results.b4 import figure_anytime as b4_anytime
from codesign.study.results.b5 import figure as b5
from codesign.study.results.b5 import figure_fronts as b5_fronts
from codesign.study.results.b5 import figure_generality as b5_generality
from codesign.study.results.b6 import figure as b6
from codesign.study.results.r1 import figure as r1
from codesign.study.results.r5 import figure as r5
from codesign.study.results.r6 import figure as r6
from codesign.study.results.r7 import figure as r7
from codesign.study.results.r8 import figure as r8
from codesign.study.results.r8 import figure_breakdown as r8_breakdown
from tests.budgets import count


def above(reciprocal: float) -> float:
    """The excess of an EDP from least EDP / EDP."""
    return 100 * (1 / reciprocal - 1)


def curves(panels: list[str], column: str) -> pd.DataFrame:
    """Progress of two methods over five trials in every panel, from given reciprocals."""
    rows = [
        (panel, method, trial, *map(above, (0.1 * trial + shift, 0.1 * trial + 0.3, 0.1 * trial)))
        for panel in panels
        for method, shift in (("tpe", 0.2), ("random", 0.1))
        for trial in range(1, 6)
    ]
    columns = [column, "method", "trial", "median", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns).assign(quantity="excess")


SPACES = ["row-stationary", "eyeriss", "simba", "gemmini", "nvdla"]

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


def compared(column: str, panels: tuple[str, str]) -> pd.DataFrame:
    """Three trials of two methods, of which `hyperopt` finds nothing."""
    rows = [
        (panel, method, trial, quantity, 3.0 / trial * factor, 1.0 / trial, 9.0)
        for panel in panels
        for method, factor in (("bo", 1.0), ("hyperopt", np.inf))
        for trial in (1, 2, 3)
        for quantity in ("excess", "failed")
        if np.isfinite(factor) or quantity == "excess"
    ]
    columns = [column, "method", "trial", "quantity", "median", "lower", "upper"]
    table = pd.DataFrame(rows, columns=columns)
    return table if column == "space" else table.assign(space="hardware")


WEIGHTS = pd.DataFrame(
    [
        (space, model, "all", weight, *2 * (excess, excess / 2, 2 * excess))
        for space in ("gemmini", "hardware")
        for model in ("M", "N", "all")
        for weight, excess in ((0.1, 4.0), (1.0, 0.0), (5.0, 2.0))
    ],
    columns=[
        *("space", "model", "layer", "weight", "excess", "excess_low", "excess_high"),
        *("reach", "reach_low", "reach_high"),
    ],
)

SAMPLED = pd.DataFrame(
    [
        ("s", "M", "x", "bo", 1, 250, 60.0, *[np.nan] * 3),
        ("s", "M", "y", "bo", 1, 250, 30.0, *[np.nan] * 3),
        ("s", "M", "x", "timeloop-random", 1, 250, np.inf, 9.0, 5.0, np.inf),
        ("s", "M", "y", "timeloop-random", 1, 250, 800.0, 1.0, 1.0, 1.0),
        ("s", "M", "x", "timeloop-random", 100, 25_000, np.inf, 2.0, 1.0, 3.0),
        ("s", "M", "y", "timeloop-random", 100, 25_000, 800.0, 1.0, 1.0, 1.0),
        ("s", "M", "all", "timeloop-random", 1, np.nan, np.nan, 4.0, 0.0, np.inf),
        ("s", "M", "all", "timeloop-random", 100, np.nan, np.nan, 2.0, 1.5, 3.0),
        ("s", "all", "all", "timeloop-random", 100, np.nan, np.nan, 2.0, 1.5, 3.0),
    ],
    columns=[
        *("space", "model", "layer", "method", "multiple", "evaluations", "reach"),
        *("ratio", "ratio_low", "ratio_high"),
    ],
)

HANGS_ON = pd.concat(
    [
        pd.DataFrame(
            [
                ("sensitivity", name, model, 3, gain, gain - 2, gain + 2, 50.0, paper)
                for model, paper in (("ResNet", 18.3), ("Mine", np.nan))
                for name, gain in (("as R1", 5.0), ("against Eyeriss mapped optimally", 17.0))
            ],
            columns=[
                *("part", "assumption", "model", "seeds", "improvement", "low", "high"),
                *("headroom", "paper"),
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
    ],
    ignore_index=True,
)

FRONT = pd.DataFrame(
    [("ResNet", 0.9, 1.0, 1.0), ("ResNet", 1.0, 0.9, 1.1), ("Mine", 1.0, 0.9, 1.1)],
    columns=["model", "energy", "delay", "area"],
)

DESIGNS = pd.DataFrame(
    [
        ("M", "Eyeriss", "row-stationary", 14, 12, 12, 192, 16, 1, 1, 1, 4, 1, 2, 2),
        ("M", "found", "free", 42, 4, 4, 208, 8, 2, 2, 1, 2, 1, 2, 2),
        ("N", "Eyeriss", "row-stationary", 14, 12, 12, 192, 16, 1, 1, 1, 4, 1, 2, 2),
    ],
    columns=["model", "design", "dataflow", *(f"H{number}" for number in range(1, 13))],
).assign(pes=168, local_words=220, global_kb=128.0, word_bits=16)

PARTS = pd.DataFrame(
    [
        ("M", kind, True, quantity, component, space, share * value)
        for kind, share in (("Eyeriss", 1.0), ("found", 0.5))
        for quantity, component, space, value in (
            ("energy_pj", "MACs", "multiply", 10.0),
            ("energy_pj", "DRAM", "Weights", 30.0),
            ("cycles", "full array", "", 4.0),
            ("cycles", "DRAM", "", 1.0),
        )
    ],
    columns=["model", "design", "is_best", "quantity", "component", "dataspace", "value"],
)

EFFECTS = pd.DataFrame(
    [
        {"model": "M", "restricted": restricted}
        | {
            f"{name}{end}": value * shift
            for name, value in zip(
                ("mapping", "hardware", "interaction", "total"), values, strict=True
            )
            for end, shift in (("", 1.0), ("_low", 0.9), ("_high", 1.1))
        }
        for restricted, values in (
            ("row-stationary", (1.5, 0.5, 4.0, 3.0)),
            ("H11 = H12 = 1", (1.5, np.nan, np.nan, 3.0)),
        )
    ]
)

DUELS = pd.DataFrame(
    [
        (space, "all", "all", a, b, wins, ties, 10 - wins - ties, p)
        for space, most, ties, p in (("gemmini", 9, 0, 0.01), ("hardware", 4, 2, 1.0))
        for a, b, wins in (("tpe", "bo", most), ("bo", "tpe", 10 - ties - most))
    ],
    columns=[
        *("space", "model", "layer", "method", "rival", "wins", "ties", "losses", "p_holm"),
    ],
).assign(pairs=10)

RANKS = pd.DataFrame(
    [
        (space, method, trial, rank)
        for space in ("row-stationary", "gemmini", "hardware")
        for method, rank in (("tpe", 1.2), ("bo", 1.8))
        for trial in (1, 2, 3)
    ],
    columns=["space", "method", "trial", "rank"],
)

RECORDS = pd.DataFrame(
    [
        ("general", 0, "valid", "valid", 1e6, 1e6, 100.0, 100.0),
        ("general", 1, "valid", "valid", 2e6, 2e6 * (1 + 2.0**-52), 300.0, 300.0),
        ("general", 2, "capacity", "fanout", np.nan, np.nan, np.nan, np.nan),
    ],
    columns=[
        *("set", "id", "outcome", "timeloop_outcome", "energy_pj", "timeloop_energy_pj"),
        *("cycles", "timeloop_cycles"),
    ],
)

ABOVE = pd.DataFrame(
    [
        ("A", "tpe", 1.0, 0.5, 2.0, 0.2, -9.0, 30.0),
        ("A", "random", 4.0, 3.0, 9.0, 0.2, -9.0, 30.0),
        ("B", "tpe", 0.0, 0.0, 0.0, 0.0, -1.0, np.nan),
        ("B", "random", 150.0, 80.0, 190.0, 0.0, -1.0, np.nan),
    ],
    columns=[
        *("model", "method", "excess", "excess_low", "excess_high"),
        *("best", "floor", "eyeriss"),
    ],
)

PROXIES = pd.DataFrame(
    [
        (policy, proxy, chip, value, value - 0.1, value)
        for policy, value in (("fixed", 0.7), ("optimal", 0.9))
        for proxy, chip in (("a", "b"), ("b", "a"))
    ],
    columns=[
        *("policy", "proxy", "chip"),
        *("kendall_energy", "kendall_delay", "kendall_edp"),
    ],
)

ACCURACIES = pd.DataFrame(
    [("cifar10", 94.2, 93.6, 94.4, 94.4), ("cifar100", 73.5, 73.5, 73.5, 73.5)],
    columns=["dataset", "accuracy", "low", "high", "best"],
)

NETWORKS = pd.DataFrame(
    [
        ("a", 80.0, 1e9, True, False, np.nan, np.nan),
        ("a", 94.0, 9e9, True, True, 5e9, 4e9),
        ("b", 80.0, 2e9, True, False, 1e9, np.nan),
        ("b", 94.0, 5e9, False, True, np.nan, np.nan),
    ],
    columns=[
        *("chip", "accuracy", "edp", "on_front", "freerea"),
        *("searched_edp", "bound_edp"),
    ],
)

FIGURES = {
    "B5": (b5.draw, HANGS_ON),
    "B5.generality": (b5_generality.draw, HANGS_ON),
    "B5.fronts": (b5_fronts.draw, FRONT),
    "R1": (r1.draw, SAVED),
    "R2": (draw_function("R2"), curves(SPACES, "space")),
    "R3": (draw_function("R3"), curves(["A", "B", "C"], "model").assign(space="hardware")),
    "R3c": (draw_function("R3c"), compared("model", ("DQN", "ResNet"))),
    "R4": (draw_function("R4"), compared("space", ("gemmini", "hardware"))),
    "R5": (r5.draw, WEIGHTS),
    "R6": (r6.draw, SAMPLED),
    "R7": (r7.draw, SHARES),
    "B1": (draw_function("B1"), compared("space", ("gemmini", "hardware"))),
    "R8": (r8.draw, DESIGNS),
    "R8.breakdown": (r8_breakdown.draw, PARTS),
    "B2": (b2.draw, ABOVE),
    "B3": (b3.draw, EFFECTS),
    "B4": (b4.draw, DUELS),
    "B4.anytime": (b4_anytime.draw, RANKS),
    "B6": (b6.draw, RECORDS),
    "S1": (draw_function("S1"), PROXIES),
    "S3": (draw_function("S3"), ACCURACIES),
    "S3.fronts": (draw_function("S3.fronts"), NETWORKS),
}


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    """Pyplot would keep them."""
    yield
    plt.close("all")


@pytest.mark.parametrize("name", FIGURES)
def test_figures_fit_a_column(name: str) -> None:
    """3.5 inches, whatever the number of panels."""
    draw, table = FIGURES[name]

    figure = draw(table)

    assert isinstance(figure, Figure)
    assert figure.get_size_inches()[0] == COLUMN_INCHES
    assert figure.get_size_inches()[1] < 9


def test_r2_has_a_panel_for_each_space_with_median_and_band() -> None:
    """Five panels; in each, a line and a band per method, in the method's colour."""
    draw, table = FIGURES["R2"]
    panels = [axes for axes in draw(table).axes if axes.get_visible()]

    titles = [axes.get_title(loc="left") for axes in panels]
    assert titles == ["eyeriss, row-stationary", *SPACES[1:]]
    for axes in panels:
        lines = {line.get_label(): line for line in axes.get_lines()}
        assert lines["tpe"].get_color() == METHODS["tpe"].colour
        excess = [above(value) for value in (0.3, 0.4, 0.5, 0.6, 0.7)]
        assert list(lines["tpe"].get_ydata()) == pytest.approx(excess)
        assert axes.get_yscale() == "log"
        assert len([c for c in axes.collections if isinstance(c, PolyCollection)]) == 2


def test_r3_hides_panels_it_does_not_need() -> None:
    """Three models in a grid of four."""
    draw, table = FIGURES["R3"]

    assert [axes.get_visible() for axes in draw(table).axes] == [True, True, True, False]


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


def test_comparisons_have_a_row_for_each_panel_and_a_column_for_each_quantity() -> None:
    """The excess on the left, failures on the right."""
    draw, curves = FIGURES["B1"]
    figure = draw(curves)

    labels = ["EDP above least (%)", "failed trials (%)"]
    assert [axes.get_ylabel() for axes in figure.axes] == labels * 2
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["gemmini", "", "hardware search", ""]
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear", "log", "linear"]


def test_what_found_nothing_has_no_line() -> None:
    """Infinite excess is a gap; a finite one is drawn as it is."""
    draw, curves = FIGURES["R4"]
    axes = draw(curves).axes[0]
    lines = {line.get_label(): list(line.get_ydata()) for line in axes.get_lines()}

    assert lines["bo"] == pytest.approx([3.0, 1.5, 1.0])
    assert np.isnan(lines["hyperopt"]).all()


def test_r5_has_a_line_for_each_model_and_one_of_all_together() -> None:
    """Against λ on a logarithmic axis with the very values as ticks."""
    mapping, hardware = r5.draw(WEIGHTS).axes

    for axes in (mapping, hardware):
        assert axes.get_xscale() == "log"
        assert list(axes.get_xticks()) == [0.1, 1.0, 5.0]
        (together,) = axes.containers
        assert list(together.lines[0].get_ydata()) == [4.0, 0.0, 2.0]
        assert len(axes.get_lines()) == 3 + 2  # two models, all together, the ends of its bars


def test_r6_points_onwards_where_no_number_of_evaluations_does() -> None:
    """An arrow at the most that were made, on the row of the layer."""
    ratios, reach = r6.draw(SAMPLED).axes

    arrows = [line for line in reach.get_lines() if line.get_marker() == ">"]
    assert [list(line.get_xdata()) for line in arrows if len(line.get_xdata())] == [[25_000]]
    assert reach.get_xlim()[1] > 25_000
    drawn = [c.lines[0].get_xdata().tolist() for c in ratios.containers]
    assert drawn == [[4.0], [2.0]]
    assert [text.get_text() for text in ratios.get_yticklabels()] == ["s, M"]


@pytest.mark.parametrize("name", ["paper", "quick"])
def test_methods_of_a_figure_are_told_apart(repository: Path, name: str) -> None:
    """Within a result no two methods share a colour, nor colourless a pattern of dashes."""
    config = yaml.safe_load((repository / f"config/{name}.yaml").read_text("utf-8"))

    for result in ("R2", "R3", "R3c", "R4", "B1"):
        methods = config[result]["methods"]
        assert set(methods) <= set(METHODS), result
        assert len({colour(method) for method in methods}) == len(methods), result
        assert len({dashes(method) for method in methods}) == len(methods), result


def test_b5_ranks_assumptions() -> None:
    """One panel per model; the row nearest to the paper is on top, the control is bold."""
    assumed = b5.draw(HANGS_ON).axes

    assert [axes.get_title() for axes in assumed] == ["ResNet", "Mine"]
    names = {text.get_text(): text for text in assumed[0].get_yticklabels()}
    assert list(names) == ["Eyeriss optimal", "as R1"]
    assert names["as R1"].get_fontweight() == "bold"
    assert assumed[0].get_yticks().tolist() == [1, 0]
    lines = [[line.get_xdata()[0] for line in axes.get_lines()] for axes in assumed]
    assert [18.3 in xs for xs in lines] == [True, False]


def test_b5_shows_fronts_and_prices() -> None:
    """A panel for each front; a mark for each model and what its accelerator was found for."""
    fronts = b5_fronts.draw(FRONT).axes
    (prices,) = b5_generality.draw(HANGS_ON).axes

    assert [axes.get_title() for axes in fronts[:2]] == ["ResNet", "Mine"]
    assert fronts[0].collections[0].get_offsets().tolist() == [[1.0, 0.9], [0.9, 1.0]]
    drawn = [c.lines[0].get_xdata().tolist() for c in prices.containers]
    assert drawn == [[10.0, 10.0], [10.0, 10.0]]


def test_r8_draws_both_accelerators_with_their_parameters() -> None:
    """A cell per PE and register file or multiplier, and the global buffers; what was not found is
    said."""
    panels = r8.draw(DESIGNS).axes

    cells = [sum(len(drawn.get_paths()) for drawn in axes.collections) for axes in panels]
    assert cells == [168 * 4 + 1, 168 * 4 + 2, 168 * 4 + 1, 0]
    assert panels[1].texts[0].get_text().startswith("42 × 4 PEs, words 4 in, 208 w, 8 out")
    assert panels[3].texts[0].get_text() == "nothing feasible"


def test_r8_stacks_are_shares_of_what_eyeriss_takes() -> None:
    """Energy 10 + 30, delay 4 + 1; the found design takes half of both."""
    energy, delay = r8_breakdown.draw(PARTS).axes

    assert [bar.get_height() for bar in energy.patches] == [0.25, 0.75, 0.125, 0.375]
    heights = [bar.get_height() for bar in delay.patches]
    assert heights == pytest.approx([0.8, 0.2, 0.4, 0.1])


def test_b3_bars_are_factors_and_gaps_are_left_out() -> None:
    """From 1 to the factor, on a logarithmic axis; what cannot run has no bar."""
    (axes,) = b3.draw(EFFECTS).axes

    ends = [round(bar.get_y() + bar.get_height(), 9) for bar in axes.patches]
    assert ends == [1.5, 0.5, 4.0, 3.0]
    assert axes.get_yscale() == "log"


def test_b4_frames_what_is_sure() -> None:
    """Both ways where p is small, nothing where methods are even."""
    mapping, hardware = b4.draw(DUELS).axes

    assert (len(mapping.patches), len(hardware.patches)) == (2, 0)
    assert [text.get_text() for text in mapping.get_yticklabels()] == ["tpe", "bo"]
    assert {text.get_text() for text in mapping.texts} == {"90", "10"}


def test_b4_ranks_have_the_best_on_top() -> None:
    """The axis runs from the last rank up to the first."""
    panels = [axes for axes in b4_anytime.draw(RANKS).axes if axes.get_visible()]

    assert len(panels) == 3
    for axes in panels:
        bottom, top = axes.get_ylim()
        assert top < 1 < 2 < bottom


def test_b6_counts_what_ends_differently() -> None:
    """Nine cells, ours in rows; the record that we refuse by another rule is off the diagonal."""
    *_, steps, outcomes = b6.draw(RECORDS).axes

    counts = [text.get_text() for text in outcomes.texts]
    assert counts == ["2", "0", "0", "0", "0", "1", "0", "0", "0"]
    assert [line.get_ydata()[0] for line in steps.get_lines()] == [50.0]
    assert "2 of 2" in steps.texts[0].get_text()


def test_unknown_methods_are_drawn_in_black() -> None:
    """A user's method does not need a colour in the palette."""
    assert colour("mine") == "#000000"


@pytest.mark.parametrize("name", sorted(FIGURES)[:: count(5, 1)])
def test_files_are_the_same_bytes_every_time(name: str, tmp_path: Path) -> None:
    """PDF, PNG, the points, and the data beside them."""
    _, table = FIGURES[name]
    source = tmp_path / "table.parquet"
    write_table(table, source, {"code_version": "1"})
    runs = []
    for run in ("a", "b"):
        files = [tmp_path / f"{run}.{kind}" for kind in ("pdf", "png", "json", "parquet")]
        options = zip(("--pdf", "--png", "--points", "--data"), map(str, files), strict=True)
        assert (
            main(
                [
                    "draw",
                    "--figure",
                    name,
                    "--table",
                    str(source),
                    *(word for pair in options for word in pair),
                ]
            )
            == 0
        )
        runs.append([file.read_bytes() for file in files])

    assert runs[0] == runs[1]
    assert runs[0][0].startswith(b"%PDF")
    assert read_table(tmp_path / "a.parquet").equals(table)
