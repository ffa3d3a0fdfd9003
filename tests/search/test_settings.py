"""A search as an object, and the one home of its defaults."""

from __future__ import annotations

import argparse
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.commands import map as map_command
from codesign.commands import search as search_command
from codesign.errors import InputError
from codesign.search.hardware import search_hardware
from codesign.search.mapper import map_layer
from codesign.search.network import map_network
from codesign.search.parallel import map_layers
from codesign.search.settings import INNER, OUTER, PAPER, Search, inner_of
from codesign.study.running.settings import load_schema


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trials": 0}, "trials is 0, expected a whole number of at least 1"),
        ({"trials": 2.0}, r"trials is 2\.0, expected a whole number of at least 1"),
        ({"trials": True}, "trials is True, expected a whole number"),
        ({"trials": "50"}, "trials is '50', expected a whole number"),
        ({"seed": -1}, "seed is -1, expected a whole number of at least 0"),
        ({"seed": None}, "seed is None, expected a whole number"),
        ({"method": 3}, "method is 3, expected the name of a search method"),
        ({"objective": "edb"}, "objective is 'edb', expected one of .*did you mean 'edp'"),
        ({"objective": None}, "objective is None, expected one of edp, energy"),
    ],
)
def test_a_search_checks_itself(arguments: dict[str, Any], message: str) -> None:
    """One sentence with the field, its value and what was expected."""
    with pytest.raises(InputError, match=message) as caught:
        Search(**({"method": "tpe", "trials": 5} | arguments))

    assert "\n" not in str(caught.value)


def test_equal_searches_are_one_key() -> None:
    """Whatever kind of whole number they were given."""
    search = Search("tpe", np.int64(5), np.uint8(1))  # type: ignore[arg-type]

    assert search == Search("tpe", 5, 1)
    assert hash(search) == hash(Search("tpe", 5, 1))
    assert repr(search) == "Search(method='tpe', trials=5, seed=1, objective='edp')"


@pytest.mark.parametrize(
    ("outer", "wanted"), [("edp", "edp"), ("pareto", "edp"), ("energy", "energy")]
)
def test_mappings_minimise_what_the_hardware_does(outer: str, wanted: str) -> None:
    """In a Pareto search EDP."""
    found = inner_of(Search("tpe", 5, objective=outer), Search("bo", 7, 2))

    assert found == Search("bo", 7, 2, wanted)


def test_an_inner_search_with_an_aim_of_its_own_is_refused() -> None:
    """Nothing that a user says is dropped in silence."""
    with pytest.raises(InputError, match="inner search's objective is 'delay', expected 'energy'"):
        inner_of(Search("tpe", 5, objective="energy"), Search("bo", 7, objective="delay"))


# --- one home of defaults


def command_defaults(command: Any, name: str) -> argparse.Namespace:
    """What a command's options are where the user says nothing."""
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    required = {"map": ["--hardware", "h"], "search": ["--hardware-space", "h", "--output", "o"]}
    return parser.parse_args([name, "--workload", "w", *required[name]])


def test_commands_have_the_defaults() -> None:
    """Method, trials, seed and objective."""
    mapped = command_defaults(map_command, "map")
    found = command_defaults(search_command, "search")

    assert Search(mapped.method, mapped.trials, mapped.seed, mapped.objective) == INNER
    assert Search(found.method, found.hardware_trials, found.seed, found.objective) == OUTER
    assert Search(found.inner_method, found.mapping_trials, found.seed) == INNER


@pytest.mark.parametrize("function", [map_layer, map_layers, map_network])
def test_python_has_the_defaults_for_mappings(function: Any) -> None:
    """Of every function that searches mappings."""
    assert inspect.signature(function).parameters["search"].default is INNER


def test_python_has_the_defaults_for_hardware() -> None:
    """Of both searches."""
    parameters = inspect.signature(search_hardware).parameters

    assert parameters["outer"].default is OUTER
    assert parameters["inner"].default is INNER


def test_the_config_has_the_defaults(repository: Path) -> None:
    """The schema is read by people and editors as well, and so repeats them."""
    path = repository / "workflow" / "schemas" / "config.schema.yaml"
    schema = load_schema(path)["properties"]
    trials = schema["trials"]["properties"]

    assert schema["mapper"]["default"] == PAPER.method
    assert trials["mapping"]["default"] == PAPER.trials
    assert trials["hardware"]["default"] == OUTER.trials
    assert schema["R1"]["properties"]["method"]["default"] == OUTER.method
    assert schema["seed"]["default"] == PAPER.seed == OUTER.seed


def test_help_texts_load_no_numbers() -> None:
    """What the defaults stand in is light."""
    program = (
        "import sys; import codesign.search.settings, codesign.accounting;"
        "print([name for name in ('numpy', 'yaml', 'numba') if name in sys.modules])"
    )

    answer = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert answer.stdout.strip() == "[]"
