"""The names that `import codesign` offers, and what they show of themselves."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pandas as pd
import pytest

import codesign
from codesign.display import MOST_LETTERS, Displayed, cut, html_table, si


def in_a_fresh_python(code: str) -> str:
    """What a program prints that has imported nothing before."""
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_every_name_is_there() -> None:
    """All of `__all__` can be had."""
    assert all(getattr(codesign, name) is not None for name in codesign.__all__)


def test_no_module_is_called_as_a_public_name() -> None:
    """An import of such a module would take the name's place."""
    modules = {module.name for module in pkgutil.iter_modules(codesign.__path__)}

    assert not modules & set(codesign.__all__)


@pytest.mark.parametrize("name", sorted(set(codesign.__all__) - {"__version__"}))
def test_a_name_means_the_same_whatever_was_imported_before(name: str) -> None:
    """The other names first, and every package of ours."""
    before = getattr(codesign, name)
    for other in codesign.__all__:
        getattr(codesign, other)
    for module in pkgutil.iter_modules(codesign.__path__):
        if module.ispkg:
            __import__(f"codesign.{module.name}")

    assert getattr(codesign, name) is before
    assert callable(before)


def test_dir_has_the_public_names_alone() -> None:
    """Also in a Python that has used none of them, as tab completion asks."""
    found = in_a_fresh_python("import codesign; print(*dir(codesign))").split()

    assert found == sorted(codesign.__all__)


def test_a_layer_is_mapped_in_a_few_lines() -> None:
    """The example of the module's docstring works."""
    layer = codesign.load_workload("mlp").layer("MLP-K2")
    chip = codesign.load_chip("eyeriss-168")

    run = codesign.map_layer(
        codesign.MappingTask(layer, chip.hardware), codesign.Search("random", 5)
    )

    found = codesign.evaluate(layer, chip.hardware, [run.best_mapping])
    assert found["edp"].item() == run.costs.edp[run.best]


@pytest.fixture(scope="module")
def things() -> dict[str, Displayed]:
    """One of every kind, by its class."""
    network, chip = codesign.load_workload("dqn"), codesign.load_chip("eyeriss-168")
    task = codesign.MappingTask(network.layers[0], chip.hardware)
    few = codesign.Search("random", 2)
    run = codesign.map_layer(task, few)
    assert run.best_mapping is not None
    mapped = codesign.map_network(network, chip.hardware, few)
    found = codesign.search_hardware([network], chip, few, few)
    design = codesign.mapping_design(mapped, chip)
    family = codesign.Family.of("one", [network], [1.0])
    software = codesign.search_software(family, chip, few)
    every: list[Displayed] = [
        *(network, network.layers[0], chip.hardware, chip.technology, task, run, run.costs),
        *(run.best_mapping, mapped, found, design, codesign.compare({"a": design, "b": design})),
        *(family, software),
    ]
    return {type(thing).__name__: thing for thing in every}


KINDS = (
    *("Workload", "Layer", "Hardware", "Technology", "MappingTask", "MappingRun", "Costs"),
    *("Mapping", "NetworkRun", "HardwareRun", "Design", "Comparison"),
    *("Family", "SoftwareRun"),
)


def test_all_kinds_are_tried(things: dict[str, Displayed]) -> None:
    """Whatever shows itself."""
    assert set(things) == set(KINDS)
    assert {kind.__name__ for kind in Displayed.__subclasses__()} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_repr_is_one_short_line(things: dict[str, Displayed], kind: str) -> None:
    """And says what it is, and of what."""
    thing = things[kind]

    assert repr(thing).startswith(f"<{type(thing).__name__} ")
    assert "\n" not in repr(thing)
    assert len(repr(thing)) < MOST_LETTERS + 30


@pytest.mark.parametrize("kind", KINDS)
def test_a_notebook_shows_a_table(things: dict[str, Displayed], kind: str) -> None:
    """The rows of `to_frame`, under a title."""
    thing = things[kind]

    frame, page = thing.to_frame(), thing._repr_html_()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) > 0
    assert page.count("<th>") >= len(frame.columns)
    assert type(thing).__name__ in page


def test_a_mapping_prints_as_its_loop_nest(things: dict[str, Displayed]) -> None:
    """One line per loop, each further in, and the multiplication in the middle."""
    mapping = things["Mapping"]
    lines = str(mapping).splitlines()

    loops = [line for line in lines if "for " in line]
    assert len(loops) == (mapping.to_frame()["bound"] > 1).sum()
    assert lines[-1].endswith("multiply-accumulate")
    depths = [len(line) - len(line.lstrip("| ")) for line in [*loops, lines[-1]]]
    assert depths == sorted(set(depths))


def test_html_is_escaped() -> None:
    """A name from a file cannot bring markup into a notebook."""
    page = html_table("<b>x</b>", pd.DataFrame({"a<": ["<script>"]}))

    assert "<script>" not in page
    assert "&lt;b&gt;x" in page


def test_long_texts_are_cut() -> None:
    """At a fixed length, on one line."""
    assert cut("a\nb  c") == "a b c"
    assert len(cut("x" * 500)) == MOST_LETTERS


@pytest.mark.parametrize(
    ("value", "text"), [(12.0, "12"), (1500, "1.5 k"), (115605504, "116 M"), (2.5e15, "2.5 P")]
)
def test_large_numbers_have_prefixes(value: float, text: str) -> None:
    """They have three digits."""
    assert si(value) == text


def test_a_notebook_shows_an_error_as_one_sentence() -> None:
    """IPython asks the exception how it is shown; plain Python shows the usual traceback."""
    with pytest.raises(codesign.InputError) as caught:
        codesign.load_workload("no-such-network")

    (line,) = caught.value._render_traceback_()
    assert line == f"InputError: {caught.value}"
