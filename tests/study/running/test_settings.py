"""A config is checked before anything runs, and a mistake is told in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from codesign.errors import InputError
from codesign.study.registry import RESULTS, draw_function, figures, modules_of
from codesign.study.running.settings import check_settings, load_schema
from codesign.study.stages import STAGES

MODEL = {"workload": "dqn", "baseline": "eyeriss-168"}


@pytest.fixture
def schema(repository: Path) -> dict[str, Any]:
    """The schema of configs."""
    return load_schema(repository / "workflow/schemas/config.schema.yaml")


@pytest.fixture(autouse=True)
def _in_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)


@pytest.mark.parametrize("name", ["quick", "paper"])
def test_shipped_configs_are_valid_and_complete(
    repository: Path, schema: dict[str, Any], name: str
) -> None:
    """They say every key, so that a reader need not know defaults, and are named like the file."""
    settings = yaml.safe_load((repository / f"config/{name}.yaml").read_text("utf-8"))
    given = yaml.safe_dump(settings)

    check_settings(settings, schema)

    assert yaml.safe_dump(settings) == given
    assert settings["name"] == name


def test_two_lines_are_a_config(schema: dict[str, Any]) -> None:
    """Name and models are enough: the rest is the paper's budget."""
    settings: dict[str, Any] = {"name": "mine", "models": {"DQN": dict(MODEL)}}

    check_settings(settings, schema)

    assert settings["trials"] == {"hardware": 50, "mapping": 250}
    assert settings["R3"]["methods"] == ["random", "tpe", "bo"]


def test_the_order_of_fields_does_not_matter(repository: Path, schema: dict[str, Any]) -> None:
    """What rules are given is the same text, so that nothing runs again; models keep theirs."""
    first = yaml.safe_load((repository / "config/quick.yaml").read_text("utf-8"))
    other = {
        name: dict(reversed(value.items()))
        if isinstance(value, dict) and name != "models"
        else value
        for name, value in reversed(first.items())
    }
    assert list(first["trials"]) != list(other["trials"])

    for settings in (first, other):
        check_settings(settings, schema)

    assert json.dumps(first) == json.dumps(other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seeds": 0}, "c.yaml: seeds is 0, expected a whole number from 1 to 10000"),
        ({"seeds": True}, "c.yaml: seeds is True, expected a whole number from 1 to 10000"),
        ({"sedes": 3}, "c.yaml: unknown key 'sedes' (did you mean 'seeds'?); known are "),
        ({"trials": {"mapping": "x"}}, "c.yaml: trials: mapping is 'x', expected a whole number"),
        ({"trials": {"mappings": 5}}, "c.yaml: trials: unknown key 'mappings' (did you mean "),
        ({"mapper": "tpo"}, "c.yaml: mapper is 'tpo', expected one of "),
        ({"R2": {"methods": ["x"]}}, "c.yaml: R2: methods is 'x', expected one of "),
        ({"R2": {"methods": []}}, "c.yaml: R2: methods is empty, expected at least one entry"),
        ({"R3": {"methods": ["tpe", "tpe"]}}, "c.yaml: R3: methods is ['tpe', 'tpe'], expected "),
        (
            {"R4": {"hardware": {"models": ["DNQ"]}}},
            "c.yaml: R4: hardware: models is 'DNQ', expected one of DQN (did you mean 'DQN'?)",
        ),
        (
            {"B1": {"mapping": {"seeds": 0}}},
            "c.yaml: B1: mapping: seeds is 0, expected a whole number from 1 to 10000",
        ),
        (
            {"R5": {"methods": ["tpe"]}},
            "c.yaml: R5: methods is 'tpe', expected bo or a method with λ in its name, such "
            "as bo-lcb-2",
        ),
        ({"R6": {"sampler": "x"}}, "c.yaml: R6: sampler is 'x', expected one of "),
        ({"R6": {"multiples": [0]}}, "c.yaml: R6: multiples: 0 is 0, expected a whole number"),
        ({"results": ["R9"]}, "c.yaml: results: 0 is 'R9', expected one of R1, "),
        ({"results": ["R1", "R1"]}, "c.yaml: results is ['R1', 'R1'], expected each entry once"),
        ({"models": {}}, "c.yaml: models is empty, expected at least one entry"),
        (
            {"map_spaces": {"s": {"hardware": "simbaa"}}},
            "c.yaml: map_spaces: s: hardware: no 'simbaa' (did you mean 'simba'?)",
        ),
        (
            {"map_spaces": {"s": {"hardware": "simba", "dataflow": "row-stationary"}}},
            "c.yaml: map_spaces: s: simba: no dataflow 'row-stationary'",
        ),
        (
            {"map_spaces": {"s": {"hardware": "simba", "networks": ["X"]}}},
            "c.yaml: map_spaces: s: networks is 'X', expected one of DQN",
        ),
        (
            {"map_spaces": {"hardware": {"hardware": "simba"}}},
            "c.yaml: map_spaces: hardware is the name of something else here",
        ),
        (
            {"hardware_spaces": {"s": {"hardware": "simbaa"}}},
            "c.yaml: hardware_spaces: s: hardware: no 'simbaa' (did you mean 'simba'?)",
        ),
        (
            {"hardware_spaces": {"s": {"seeds": 1}}},
            "c.yaml: hardware_spaces: s is the space of the baselines, expected a key 'hardware' "
            "or 'dram_words'",
        ),
        (
            {"hardware_spaces": {"s": {"hardware": "simba", "mapper": "traffi"}}},
            "c.yaml: hardware_spaces: s: mapper is 'traffi', expected one of ",
        ),
        (
            {"hardware_spaces": {"s": {"dram_words": 0}}},
            "c.yaml: hardware_spaces: s: dram_words is 0, expected a number from",
        ),
        (
            {
                "networks": {"A": "mlp"},
                "hardware_spaces": {"s": {"dram_words": 4, "networks": ["A"]}},
            },
            "c.yaml: hardware_spaces: s: networks is 'A', expected one of DQN",
        ),
        (
            {"hardware_spaces": {"baselines": {"hardware": "simba"}}},
            "c.yaml: hardware_spaces: baselines is the name of something else here",
        ),
        (
            {"R3": {"hardware": {"spaces": ["simba"]}}},
            "c.yaml: R3: hardware: spaces is 'simba', expected one of baselines",
        ),
        ({"networks": {"DQN": "dqn"}}, "c.yaml: networks: DQN is already one of the models"),
        ({"networks": {"A": "dnq"}}, "c.yaml: networks: A: no 'dnq' (did you mean 'dqn'?)"),
        (
            {"R2": {"mapping": {"spaces": ["simba"]}}},
            "c.yaml: R2: mapping: spaces is 'simba', expected one of row-stationary",
        ),
        ({"B5": {"ignorant": ["x"]}}, "c.yaml: B5: ignorant is 'x', expected one of "),
        ({"B5": {"dram_words": [0]}}, "c.yaml: B5: dram_words: 0 is 0, expected a number from"),
        (
            {"models": {"A": {"workload": "dqn"}}},
            "c.yaml: models: A: the key 'baseline'",
        ),
        ({"models": {"A b": MODEL}}, "c.yaml: models is 'A b', expected a name of letters"),
        (
            {"models": {"A": {**MODEL, "workload": "dnq"}}},
            "c.yaml: models: A: workload: no 'dnq' (did you mean 'dqn'?)",
        ),
        (
            {"models": {"A": {**MODEL, "baseline": "x.yaml"}}},
            "c.yaml: models: A: baseline is 'x.yaml', expected a file that exists",
        ),
        ({"technology": "none"}, "c.yaml: technology: no 'none'"),
        ({"name": "../x"}, "c.yaml: name is '../x', expected a name of letters"),
        ({"name": "archive"}, "c.yaml: name is 'archive', expected a name of letters"),
        (
            {"accounting": "exakt"},
            "c.yaml: accounting is 'exakt', expected one of timeloop, timeloop-2022, "
            "timeloop-4, exact",
        ),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    schema: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    """The field, its value, what was expected."""
    settings = {"name": "mine", "models": {"DQN": dict(MODEL)}} | change

    with pytest.raises(InputError) as error:
        check_settings(settings, schema, "c.yaml")

    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_missing_name_is_told(schema: dict[str, Any]) -> None:
    """A required key."""
    with pytest.raises(InputError, match="the key 'name' is missing, expected a name of letters"):
        check_settings({"models": {"DQN": dict(MODEL)}}, schema)


def test_every_result_has_a_stage_and_a_figure(schema: dict[str, Any]) -> None:
    """What a config may ask for can be made."""
    results = schema["properties"]["results"]["items"]["enum"]

    assert results == list(RESULTS)
    assert "comparison" in STAGES
    for result in results:
        assert modules_of(result, "table")[0] in STAGES.values()
        assert all(draw_function(figure) for figure in figures(result))
