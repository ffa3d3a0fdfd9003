"""Comparisons of designs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import InputError
from codesign.hardware import load_technology
from codesign.hardware.files import load_chip
from codesign.hardware.point import PLAIN
from codesign.search.network import map_network
from codesign.search.output.designs import mapping_design
from codesign.search.settings import Search
from codesign.store.comparison import compare
from codesign.store.design import Design
from codesign.workload import load_workload


def design(chip_name: str = "eyeriss-168", workload: str = "dqn") -> Design:
    """A workload on a chip, mapped at random."""
    chip = load_chip(chip_name)
    run = map_network(load_workload(workload), chip.hardware, Search("random", 3))
    return mapping_design(run, chip)


def test_a_design_differs_from_itself_in_nothing() -> None:
    """All ratios are 1, and there is nothing to note."""
    found = compare({"a": design(), "b": design()})

    ratios = found.totals.filter(like="_ratio").to_numpy()
    assert (ratios == 1).all()
    assert found.hardware.empty
    assert (found.layers["ratio 2"] == 1).all()
    assert found.notes == ()


def test_costs_stand_beside_one_another() -> None:
    """Relative to the first design; the totals are those of the designs."""
    one, other = design(), design("simba")

    found = compare({"a": one, "b": other})

    assert list(found.totals["edp"]) == [one.edp, other.edp]
    assert list(found.totals["area_mm2"]) == [one.area_mm2, other.area_mm2]
    assert found.totals["edp_ratio"][1] == other.edp / one.edp
    layers = found.layers.set_index("layer")
    entry = other.networks[0].layers[1]
    assert layers.loc[entry.layer.name, "edp 2"] == entry.energy_pj * entry.cycles


def test_the_fields_that_differ_are_listed() -> None:
    """Those alone: the global buffer of a design is made smaller."""
    one = design()
    levels = list(one.hardware.levels)
    at = one.hardware.index("GlobalBuffer")
    levels[at] = replace(levels[at], entries=70000)
    other = replace(one, hardware=replace(one.hardware, levels=tuple(levels)), point=PLAIN)

    found = compare({"a": one, "b": other})

    assert found.hardware.to_numpy().tolist() == [["GlobalBuffer", "entries", 65536, 70000]]


def test_a_level_that_one_design_lacks_is_none_there() -> None:
    """Chips of other levels can be compared all the same."""
    found = compare({"a": design(), "b": design("simba")})

    rows = found.hardware.set_index(["level", "field"])
    assert rows.loc[("DummyBuffer", "instances"), "b"] is None


def test_what_is_not_alike_is_told() -> None:
    """Another energy table, another accounting, other layers."""
    one = design()
    table = replace(one, technology=load_technology("eyeriss-65nm"))
    exact = replace(one, accounting="exact")

    notes = compare({"a": one, "b": table, "c": exact, "d": design(workload="mlp")}).notes

    assert any("energy table eyeriss-65nm" in note for note in notes)
    assert any("accounting exact" in note for note in notes)
    assert any("same layers" in note and note.startswith("d") for note in notes)


def test_layers_that_one_design_lacks_are_not_known() -> None:
    """They have no ratio."""
    layers = compare({"a": design(), "b": design(workload="mlp")}).layers

    assert np.isnan(layers.loc[layers["network"] == "dqn", "edp 2"]).all()
    assert layers["ratio 2"].isna().all()


def test_one_design_is_too_few() -> None:
    """There is nothing to compare it with."""
    with pytest.raises(InputError, match="1 design, expected at least two"):
        compare({"a": design()})
