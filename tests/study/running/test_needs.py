"""Which searches results need, and that none is listed twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codesign.study.running.needs import (
    hardware_needs,
    hardware_union,
    mapping_needs,
    mapping_union,
    networks,
)
from codesign.study.running.settings import fill_defaults, load_schema

ROW, OWN = "row-stationary", "baselines"
MODEL = {"workload": "dqn", "baseline": "eyeriss-168"}


@pytest.fixture
def settings(repository: Path) -> dict[str, Any]:
    """Two models, three seeds; R4 maps one model with two seeds and searches hardware with one."""
    settings: dict[str, Any] = {
        "name": "mine",
        "results": ["R1", "R2", "R3", "R4"],
        "seed": 5,
        "seeds": 3,
        "models": {"A": dict(MODEL), "B": dict(MODEL)},
        "R1": {"method": "tpe"},
        "R2": {"methods": ["random", "bo"]},
        "R3": {"methods": ["bo", "tpe"]},
        "R4": {
            "methods": ["bo", "bo-ei"],
            "mapping": {"models": ["B"], "seeds": 2},
            "hardware": {"models": ["A"], "seeds": 1},
        },
    }
    fill_defaults(settings, load_schema(repository / "workflow/schemas/config.schema.yaml"))
    return settings


def test_a_scope_restricts_models_and_seeds(settings: dict[str, Any]) -> None:
    """Either kind of search has its own; without one it is all."""
    mapping, hardware = mapping_needs(settings, "R4"), hardware_needs(settings, "R4")

    assert mapping.cases == ((ROW, "B"),)
    assert mapping.seeds == {ROW: (5, 6)}
    assert (hardware.cases, hardware.seeds) == (((OWN, "A"),), {OWN: (5,)})
    assert mapping_needs(settings, "R2").seeds == {ROW: (5, 6, 7)}


def test_more_seeds_than_there_are_do_not_help(settings: dict[str, Any]) -> None:
    """A run has no more than `seeds`."""
    settings["R4"]["hardware"]["seeds"] = 9

    assert hardware_needs(settings, "R4").seeds == {OWN: (5, 6, 7)}


def test_mapping_searches_are_shared(settings: dict[str, Any]) -> None:
    """bo on B has the seeds of R2, which contain those of R4."""
    assert mapping_union(settings) == {
        (ROW, "A", "random"): (5, 6, 7),
        (ROW, "A", "bo"): (5, 6, 7),
        (ROW, "B", "random"): (5, 6, 7),
        (ROW, "B", "bo"): (5, 6, 7),
        (ROW, "B", "bo-ei"): (5, 6),
    }


def test_hardware_searches_are_shared(settings: dict[str, Any]) -> None:
    """R1's are R3's, and R4 adds one search of A."""
    searches = hardware_union(settings)

    assert sum(map(len, searches.values())) == 2 * 2 * 3 + 1
    assert searches[OWN, "A", "bo-ei"] == (5,)


def test_results_that_are_not_asked_for_need_nothing(settings: dict[str, Any]) -> None:
    """The union is that of the config's results."""
    settings["results"] = ["R7"]

    assert (mapping_union(settings), hardware_union(settings)) == ({}, {})


def test_some_results_look_at_the_searches_of_others(settings: dict[str, Any]) -> None:
    """B4 alone needs R2's mapping searches and R3's hardware searches, no more."""
    settings["results"] = ["B4"]

    assert {method for _, _, method in mapping_union(settings)} == {"random", "bo"}
    assert {method for _, _, method in hardware_union(settings)} == {"bo", "tpe"}


def test_map_spaces_have_networks_and_seeds(settings: dict[str, Any]) -> None:
    """Further networks are mapped there alone; a space may have fewer seeds, a result fewer
    spaces."""
    settings["networks"] = {"C": "mlp"}
    settings["map_spaces"] = {
        "all": {"hardware": "simba", "dataflow": "free"},
        "few": {"hardware": "gemmini", "dataflow": "free", "networks": ["C", "A"], "seeds": 1},
    }
    settings["R4"]["mapping"] = {"spaces": ["few"]}

    r2, r4 = mapping_needs(settings, "R2"), mapping_needs(settings, "R4")

    assert [space for space, _ in r2.cases] == [ROW] * 2 + ["all"] * 3 + ["few"] * 2
    assert r4.cases == (("few", "A"), ("few", "C"))
    assert r2.seeds == {ROW: (5, 6, 7), "all": (5, 6, 7), "few": (5,)}
    assert hardware_needs(settings, "R3").cases == ((OWN, "A"), (OWN, "B"))
    assert networks(settings) == {"A": "dqn", "B": "dqn", "C": "mlp"}


def test_hardware_spaces_are_searched_where_methods_are_compared(settings: dict[str, Any]) -> None:
    """R3 has all of them, R4 those that it names, and R1 only the spaces of the baselines."""
    settings["networks"] = {"C": "mlp"}
    settings["hardware_spaces"] = {
        "chips": {"hardware": "simba", "networks": ["C", "A"], "seeds": 2},
        "narrow": {"dram_words": 4},
    }
    settings["R4"]["hardware"] = {"spaces": ["narrow", "chips"], "models": ["A"], "seeds": 1}

    r1, r3, r4 = (hardware_needs(settings, result) for result in ("R1", "R3", "R4"))

    assert r1.cases == ((OWN, "A"), (OWN, "B"))
    assert r3.cases == (*r1.cases, ("chips", "A"), ("chips", "C"), ("narrow", "A"), ("narrow", "B"))
    assert r3.seeds == {OWN: (5, 6, 7), "chips": (5, 6), "narrow": (5, 6, 7)}
    assert r4.cases == (("chips", "A"), ("narrow", "A"))
    assert r4.seeds == {"chips": (5,), "narrow": (5,)}


def test_other_spaces_are_not_searched_for_a_result_without_them(settings: dict[str, Any]) -> None:
    """B2 looks at R3's searches, in the spaces of the baselines; R3 itself is not made."""
    settings["hardware_spaces"] = {"narrow": {"dram_words": 4}}
    settings["results"] = ["B2"]

    assert {space for space, _, _ in hardware_union(settings)} == {OWN}
