"""Designs read back to the same bits, and tell what contradicts itself."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, reject, settings

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.hardware import PAT, Technology
from codesign.mapping import LevelMapping, Mapping, MappingBatch
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.store.design_file import load_design, write_design
from codesign.store.replay import network_totals, replay
from codesign.workload import Layer
from tests.budgets import count
from tests.cost.strategies import Case, cases, technologies
from tests.eyeriss import budget_of, chip_of, eyeriss, point_of

POINT, BUDGET = point_of(4, 2), budget_of(pes=8)
LAYER = Layer.conv("stem", R=3, P=8, C=4, K=16, Wstride=2)
MAPPING = Mapping(
    (
        LevelMapping(temporal=(("K", 16),), bypass=frozenset({"Inputs", "Weights"})),
        LevelMapping(temporal=(("R", 3),), bypass=frozenset({"Inputs", "Outputs"})),
        LevelMapping(bypass=frozenset({"Weights", "Outputs"})),
        LevelMapping(spatial=(("C", "Y", 2),), bypass=frozenset({"Inputs", "Weights", "Outputs"})),
        LevelMapping(spatial=(("P", "X", 4),), bypass=frozenset({"Weights"})),
        LevelMapping(temporal=(("C", 2), ("P", 2))),
    )
)


def claimed(case: Case, technology: Technology = PAT, accounting: str = "timeloop") -> LayerDesign:
    """A layer with the cost that it really has."""
    layer, hardware, mapping = case
    batch = MappingBatch.of(layer.shape, [mapping])
    costs = Evaluator(layer, hardware, technology, accounting).price(batch)
    if not costs.valid[0]:
        reject()
    return LayerDesign(layer, 3, mapping, float(costs.energy_pj[0]), int(costs.cycles[0]))


@pytest.fixture
def design() -> Design:
    """A small Eyeriss with one layer."""
    hardware = eyeriss("small", POINT, BUDGET)
    layers = (claimed((LAYER, hardware, MAPPING)),)
    return Design(
        "mine",
        hardware,
        (NetworkDesign("net", layers),),
        budget=BUDGET,
        point=POINT,
        origin={"method": "by hand", "seed": 0},
    )


@pytest.fixture
def path(design: Design, tmp_path: Path) -> Path:
    """The design's file."""
    write_design(design, tmp_path / "design.yaml")
    return tmp_path / "design.yaml"


def edit(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@settings(max_examples=count(20, 100), suppress_health_check=list(HealthCheck), deadline=None)
@given(cases(), technologies())
def test_any_design_reads_back_and_replays(
    tmp_path_factory: pytest.TempPathFactory, case: Case, technology: Technology
) -> None:
    """Whatever the shape, the accelerator and the energies: equal, and equal in cost to the bit."""
    entry = claimed(case, technology, "exact")
    networks = (NetworkDesign("net", (entry,)),)
    design = Design("any", case[1], networks, technology, "exact")
    path = tmp_path_factory.mktemp("any") / "design.yaml"

    write_design(design, path)
    found = load_design(path)

    assert dataclasses.replace(found, technology=technology) == design
    assert found.technology.digest == technology.digest
    assert replay(found)["agrees"].all()


def test_a_design_reads_back(design: Design, path: Path) -> None:
    """Everything is in the file."""
    assert load_design(path) == design


def test_writing_again_gives_the_same_bytes(design: Design, path: Path) -> None:
    """Also after reading."""
    before = path.read_bytes()

    write_design(load_design(path), path)

    assert path.read_bytes() == before


def test_floats_keep_every_digit(design: Design, path: Path) -> None:
    """Any double survives, however it is written."""
    (network,) = design.networks
    for energy_pj in (0.1 + 0.2, math.pi * 1e16, 5e-324, 1e22, math.nextafter(1.0, 2.0)):
        entry = dataclasses.replace(network.layers[0], energy_pj=energy_pj)
        claim = dataclasses.replace(design, networks=(NetworkDesign("net", (entry,)),))

        write_design(claim, path)

        assert load_design(path).networks[0].layers[0].energy_pj == energy_pj


def test_the_file_is_plain_yaml(path: Path) -> None:
    """Any YAML reader understands it; totals are counts times costs."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))

    (network,) = content["networks"]
    cost = network["costs"]["stem"]
    assert content["hardware"]["template"]["parameters"]["H1"] == 4
    assert network["mappings"]["stem"][0] == {
        "level": "PsumRegFile",
        "temporal": [["K", 16]],
        "bypass": ["Inputs", "Weights"],
    }
    assert network["total"]["energy_pj"] == 3 * cost["energy_pj"]
    assert network["total"]["edp"] == network["total"]["energy_pj"] * 3 * cost["cycles"]


def test_replay_gives_the_claim(design: Design) -> None:
    """Recomputed bit for bit, with totals."""
    rows = replay(design)

    (row,) = rows.to_dict("records")
    (total,) = network_totals(rows).to_dict("records")
    assert (row["workload"], row["layer"], row["count"]) == ("net", "stem", 3)
    assert row["agrees"]
    assert row["energy_pj"] == design.networks[0].layers[0].energy_pj
    assert total["edp"] == design.networks[0].edp


def test_replay_sees_a_wrong_claim(design: Design, path: Path) -> None:
    """One cycle is enough."""
    cycles = design.networks[0].layers[0].cycles
    wrong = load_design(edit(path, f"cycles: {cycles}", f"cycles: {cycles + 1}"))

    assert not replay(wrong)["agrees"].any()


def test_replay_tells_what_no_longer_fits(design: Design, path: Path) -> None:
    """A smaller buffer makes the mapping invalid, and there is no total."""
    smaller = edit(edit(path, "H5: 16", "H5: 4"), "entries: 16", "entries: 4")

    rows = replay(load_design(smaller))

    assert rows["reason"].to_list() == ["capacity"]
    assert rows["level"].to_list() == ["PsumRegFile"]
    assert network_totals(rows)["edp"].isna().all()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("format: 1", "format: 2", "format is 2"),
        ("accounting: timeloop", "accounting: exakt", "'exakt'.*did you mean 'exact'"),
        ("H1: 4", "H1: 2", r"break the constraint 'H1 \* H2 in PEs' \(H1 = 2, H2 = 2, PEs = 8\)"),
        ("H3: 12", "H3: 10", "parameters of template eyeriss and its storage levels"),
        ("adder_pj: 0.0", "adder_pj: 1.0", "technology: hash is"),
        ("[K, 16]", "[K, 8]", "net, layer stem: .*factors of K multiply to 8, expected 16"),
        ("[K, 16]", "[K]", r"temporal has \['K'\]"),
        ("level: WeightRegFile", "level: WeightFile", r"stem\[1\] is of level 'WeightFile'"),
        ("P: 8", "P: -8", "P is -8"),
        ("Wstride", "Wstrides", "unknown field 'Wstrides'.*did you mean 'Wstride'"),
        ("    stem:\n", "    stern:\n", "'stem' is missing"),
        ("{energy_pj: ", "{energy_pj: x", "energy_pj is 'x"),
        ("networks:", "network:", "'networks' is missing"),
        ("name: mine", "name: mine\nname: yours", "line 3: .*'name' occurs twice"),
        ("name: mine", "name: &a mine\nalias: *a", "aliases are not accepted"),
        ("name: mine", "name: [", "not valid YAML"),
    ],
)
def test_bad_designs_are_one_sentence(path: Path, old: str, new: str, expected: str) -> None:
    """The file, the field and the value are named."""
    edit(path, old, new)

    with pytest.raises(InputError, match=expected) as caught:
        load_design(path)
    assert str(path) in str(caught.value) or "hardware small" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_technology_without_hash_may_be_edited(path: Path) -> None:
    """Then the replay tells whether the claim still holds."""
    edit(path, "adder_pj: 0.0", "adder_pj: 1.0")
    text = path.read_text(encoding="utf-8")
    path.write_text("".join(x for x in text.splitlines(True) if "hash:" not in x), encoding="utf-8")

    found = load_design(path)

    assert found.technology.adder_pj == 1.0
    assert not replay(found)["agrees"].any()


def test_a_cluster_may_be_larger_than_the_buffers() -> None:
    """Where a space does without that constraint (B5): its designs are designs."""
    point = POINT.having(H10=2)
    chip = chip_of(BUDGET, POINT, {"H10": [1, 2]})
    template = chip.template.without("H6 % H10 == 0")

    design = Design(
        "gift", template.hardware(point, "x"), (), point=point, budget=template.recorded_budget
    )

    assert design.hardware.levels[4].cluster_size == 2
    with pytest.raises(InputError, match="H6 % H10 == 0"):
        chip.template.hardware(point, "x")
