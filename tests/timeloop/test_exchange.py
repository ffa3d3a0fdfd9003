"""What is written for Timeloop reads back as what it was, and costs what it cost."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from codesign.errors import InputError
from codesign.hardware import PAT, Arithmetic, Hardware, StorageLevel, Technology
from codesign.hardware.files import load_chip
from codesign.hardware.leak import NO_LEAK, Leak
from codesign.mapping import LevelMapping, Mapping
from codesign.space.mapping_space import MapSpace
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.timeloop import export_design, import_files
from codesign.timeloop.export import REST
from codesign.timeloop.split import SUFFIX, join, price, require_equal_cost, split
from codesign.workload import Layer, Workload
from tests.budgets import count
from tests.cost.strategies import Case, cases, technologies
from tests.space.strategies import feasible_spaces, seeds
from tests.timeloop.importing import imported

LAYER = Layer.conv("head/1", P=8, C=4, K=16, Wstride=2)
HARDWARE = Hardware(
    "small",
    Arithmetic("MACs", 16, 4),
    (
        StorageLevel("RegFile", 64, 16, 4, technology="RegFile", keeps=frozenset({"Weights"})),
        StorageLevel("DRAM", None, technology="DRAM"),
    ),
)
INNER = LevelMapping((("C", 4),), (), frozenset({"Inputs", "Outputs"}))
BOTH_AXES = Mapping((INNER, LevelMapping((("P", 8),), (("K", "X", 4), ("K", "Y", 4)))))
"""A dimension along X and along Y of one level."""


@st.composite
def exportable_spaces(draw: st.DrawFn) -> MapSpace:
    """Feasible map-spaces on accelerators whose only memory without bound is the DRAM outside."""
    space = draw(feasible_spaces())
    *inner, outermost = space.hardware.levels
    levels = (
        *(dataclasses.replace(e, entries=4096 if e.entries is None else e.entries) for e in inner),
        dataclasses.replace(outermost, technology="DRAM", block_size=4),
    )
    hardware = dataclasses.replace(space.hardware, levels=levels)
    # Widths are refused (`test_widths_are_refused`). Without them, tiles may take more room.
    exported = MapSpace(dataclasses.replace(space.layer, bits=()), hardware, space.dataflow)
    assume(exported.problem is None)
    return exported


def plain(mapping: Mapping) -> Mapping:
    """Without loops of factor 1, and with spatial loops along X before those along Y."""
    levels = []
    for level in mapping.levels:
        spatial = [loop for loop in level.spatial if loop[2] > 1]
        levels.append(
            LevelMapping(
                tuple(loop for loop in level.temporal if loop[1] > 1),
                tuple(loop for axis in "XY" for loop in spatial if loop[1] == axis),
                level.bypass,
            )
        )
    return Mapping(tuple(levels))


def design_of(
    layer: Layer,
    hardware: Hardware,
    mapping: Mapping,
    technology: Technology = PAT,
    count: int = 1,
) -> Design:
    """A design with its real cost; the test is given up where the mapping does not fit."""
    try:
        energy_pj, cycles = price(layer, technology, hardware, mapping)
    except InputError:
        reject()
    entry = LayerDesign(layer, count, plain(mapping), energy_pj, cycles)
    return Design("mine", hardware, (NetworkDesign("net", (entry,)),), technology)


def exported(design: Design, folder: Path) -> Path:
    """The folder of a design's files; the test is given up where Timeloop has no word for it."""
    try:
        export_design(design, folder)
    except InputError as error:
        if any(word in str(error) for word in ("bound", "adder_pj", "both X and Y")):
            reject()
        raise
    return folder


@settings(max_examples=count(20, 100), suppress_health_check=list(HealthCheck), deadline=None)
@given(cases(), st.just(PAT) | technologies())
def test_any_design_comes_back(
    tmp_path_factory: pytest.TempPathFactory, case: Case, technology: Technology
) -> None:
    """Whatever the shape, the strides, the bypass, the orders and the energies."""
    layer, hardware, mapping = case
    # Timeloop of 2020 does not know shared bandwidths, static energies and latencies.
    unknown = {"shared_bandwidth": None, "leak_pj_per_cycle": None}
    unknown |= {"network_fill_latency": 0, "network_drain_latency": 0, "transfer_bits": None}
    levels = tuple(dataclasses.replace(level, **unknown) for level in hardware.levels)
    macs = dataclasses.replace(hardware.arithmetic, leak_pj_per_cycle=None, latency=1)
    hardware = dataclasses.replace(hardware, arithmetic=macs, levels=levels)
    technology = dataclasses.replace(technology, leak=NO_LEAK, sram_write_pj_per_vector=None)
    layer = dataclasses.replace(layer, bits=())
    design = design_of(layer, hardware, mapping, technology, count=3)
    folder = exported(design, tmp_path_factory.mktemp("any"))

    found = imported([folder], "x")

    assert isinstance(found, Design)
    assert found.technology.digest == technology.digest
    assert dataclasses.replace(found, technology=technology) == design


@settings(max_examples=count(15, 60), suppress_health_check=list(HealthCheck), deadline=None)
@given(exportable_spaces(), seeds)
def test_timeloops_files_say_all_that_costs(
    tmp_path_factory: pytest.TempPathFactory, space: MapSpace, seed: int
) -> None:
    """Without `codesign.yaml` only names and counts are lost."""
    mapping = space.draw(np.random.default_rng(seed), 1).mapping(0)
    design = design_of(space.layer, space.hardware, mapping)
    folder = exported(design, tmp_path_factory.mktemp("any"))
    (folder / REST).unlink()

    found = imported([folder], "x")

    assert isinstance(found, Design)
    (expected,) = design.networks[0].layers
    (layer,) = found.networks[0].layers
    assert found.hardware == dataclasses.replace(space.hardware, name="x")
    assert dataclasses.replace(layer, layer=expected.layer) == expected
    assert layer.layer.content == expected.layer.content


@pytest.mark.parametrize("name", ["eyeriss-168", "gemmini", "nvdla", "simba"])
@settings(max_examples=count(3, 10), suppress_health_check=list(HealthCheck), deadline=None)
@given(seed=seeds)
def test_templates_come_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, seed: int
) -> None:
    """Designs on the chips that are shipped, under every dataflow that they know."""
    chip = load_chip(name)
    layer = Layer.conv("conv", R=3, S=3, P=14, Q=14, C=32, K=64)
    for flow in chip.dataflows.values():
        space = MapSpace(layer, chip.hardware, flow)
        mapping = space.draw(np.random.default_rng(seed), 1).mapping(0)
        design = design_of(layer, chip.hardware, mapping, chip.technology)
        folder = exported(design, tmp_path_factory.mktemp("any"))
        assert imported([folder], "x") == design


@settings(max_examples=count(20, 100), suppress_health_check=list(HealthCheck), deadline=None)
@given(exportable_spaces(), seeds)
def test_the_newer_form_comes_back(
    tmp_path_factory: pytest.TempPathFactory, space: MapSpace, seed: int
) -> None:
    """As a whole, without `codesign.yaml`, and architecture and problem each by itself."""
    mapping = space.draw(np.random.default_rng(seed), 1).mapping(0)
    design = design_of(space.layer, space.hardware, mapping)
    folder = tmp_path_factory.mktemp("any")
    export_design(design, folder, "timeloop-v0.4")
    assert imported([folder], "x") == design

    (folder / REST).unlink()
    (one,) = import_files([folder], "x", accounting=design.accounting).found
    found = one.content
    assert isinstance(found, Design)
    (expected,) = design.networks[0].layers
    (entry,) = found.networks[0].layers
    assert found.hardware == dataclasses.replace(space.hardware, name="x")
    assert (entry.mapping, entry.energy_pj, entry.cycles) == (
        expected.mapping,
        expected.energy_pj,
        expected.cycles,
    )
    layer = imported([folder / "layer" / "problem.yaml"], "net")
    assert isinstance(layer, Workload)
    assert layer.layers[0].content == space.layer.content
    if space.layer.shape.name in ("conv", "grouped-conv"):
        # An architecture alone is taken to be for convolutions.
        hardware = imported([folder / "layer" / "architecture.yaml"], "hardware")
        assert hardware == design.hardware


def test_the_newer_form_has_latencies(tmp_path: Path) -> None:
    """Of the networks, as Timeloop 4 has them; not of multipliers."""
    dram = dataclasses.replace(HARDWARE.levels[1], network_fill_latency=4, network_drain_latency=6)
    hardware = dataclasses.replace(HARDWARE, levels=(HARDWARE.levels[0], dram))
    design = design_of(LAYER, hardware, BOTH_AXES)
    export_design(design, tmp_path, "timeloop-v0.4")

    (architecture,) = tmp_path.glob("*/architecture.yaml")
    assert "network_fill_latency: 4" in architecture.read_text()
    assert imported([tmp_path], "x") == design

    slow = dataclasses.replace(hardware, arithmetic=Arithmetic("MACs", 16, 4, latency=3))
    with pytest.raises(InputError, match="latency of MACs is 3, expected 1 for Timeloop"):
        export_design(design_of(LAYER, slow, BOTH_AXES), tmp_path, "timeloop-v0.4")


def test_widths_are_refused(tmp_path: Path) -> None:
    """In both forms."""
    design = design_of(LAYER.with_bits({"Weights": 4}), HARDWARE, BOTH_AXES)
    for form in ("timeloop", "timeloop-v0.4"):
        with pytest.raises(InputError, match="head/1: it gives the bits of its dataspaces"):
            export_design(design, tmp_path / "out", form)


def test_several_layers_share_an_accelerator(tmp_path: Path) -> None:
    """Each has its folder, named as file systems like it, and none overwrites another."""
    one, other = (dataclasses.replace(LAYER, name=name) for name in ("head/1", "head:1"))
    mapping = Mapping((INNER, LevelMapping((("P", 8), ("K", 16)))))
    entries = [
        LayerDesign(layer, count, mapping, *price(layer, PAT, HARDWARE, mapping))
        for layer, count in ((one, 2), (other, 1))
    ]
    design = Design("d", HARDWARE, (NetworkDesign("net", tuple(entries)),), origin={"seed": 3})

    assert export_design(design, tmp_path) == ["head_1", "head_1~2"]
    assert imported([tmp_path], "x") == design


def test_a_dimension_along_both_axes_takes_a_level_more(tmp_path: Path) -> None:
    """It is named after the one that it serves, and goes on the way back."""
    design = design_of(LAYER, HARDWARE, BOTH_AXES)

    export_design(design, tmp_path)

    text = (tmp_path / "head_1" / "mapping.yaml").read_text(encoding="utf-8")
    assert f"target: DRAM{SUFFIX}, type: spatial" in text
    assert imported([tmp_path], "x") == design


def test_a_level_more_must_not_change_the_cost() -> None:
    """Hops of the network below are counted in one piece otherwise."""
    levels = (HARDWARE.levels[0], dataclasses.replace(HARDWARE.levels[1], hop_pj=1.0))
    hardware = dataclasses.replace(HARDWARE, levels=levels)
    after = split(LAYER, hardware, BOTH_AXES)

    assert join(*after) == (hardware, BOTH_AXES)
    with pytest.raises(InputError, match=r"both X and Y of a level, .* expected"):
        require_equal_cost(LAYER, PAT, (hardware, BOTH_AXES), after)


def test_exporting_again_gives_the_same_bytes(tmp_path: Path) -> None:
    """The folder may be there already."""
    design = design_of(LAYER, HARDWARE, BOTH_AXES)
    export_design(design, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")}

    export_design(design, tmp_path)

    assert len(before) == 4
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")} == before


@pytest.mark.parametrize(
    ("hardware", "technology", "expected"),
    [
        (
            dataclasses.replace(HARDWARE, levels=(HARDWARE.levels[0], StorageLevel("Big", None))),
            PAT,
            "level Big: entries is unbounded",
        ),
        (HARDWARE, Technology("dear", adder_pj=0.5), "dear: adder_pj is 0.5, expected 0"),
        (HARDWARE, Technology("odd", sram_write_pj_per_vector="1"), "odd: writing costs something"),
        (HARDWARE, Technology("warm", leak=Leak("0.5")), "static energy is 8 pJ per cycle by"),
        (
            dataclasses.replace(HARDWARE, arithmetic=Arithmetic("MACs", 16, 4, latency=3)),
            PAT,
            "latency of MACs is 3, expected 1",
        ),
        (
            dataclasses.replace(
                HARDWARE,
                levels=(
                    HARDWARE.levels[0],
                    dataclasses.replace(HARDWARE.levels[1], network_drain_latency=9),
                ),
            ),
            PAT,
            "network_drain_latency is 9, which Timeloop of 2020",
        ),
        (
            dataclasses.replace(HARDWARE, arithmetic=Arithmetic("MAC[0..3]", 16, 4)),
            PAT,
            "'MAC.0..3.' has a '.'",
        ),
    ],
)
def test_what_timeloop_cannot_say_is_refused(
    tmp_path: Path, hardware: Hardware, technology: Technology, expected: str
) -> None:
    """In one sentence, and nothing is written."""
    with pytest.raises(InputError, match=expected):
        export_design(design_of(LAYER, hardware, BOTH_AXES, technology), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"vector_access_pj": 2.0}, "vector_access_pj is 2.0, expected none"),
        ({"leak_pj_per_cycle": 2.0}, "leak_pj_per_cycle is 2.0, expected none"),
        ({"transfer_bits": 8}, "transfer-bits is 8, which Timeloop does not know"),
        ({"block_size": 3}, "entries is 64, expected a multiple of the block size, 3"),
    ],
)
def test_what_the_newer_form_cannot_say_is_refused(
    tmp_path: Path, change: dict[str, float], expected: str
) -> None:
    """Energies are Accelergy's there, and depth is in blocks."""
    levels = (dataclasses.replace(HARDWARE.levels[0], **change), HARDWARE.levels[1])
    hardware = dataclasses.replace(HARDWARE, levels=levels)

    with pytest.raises(InputError, match=expected):
        export_design(design_of(LAYER, hardware, BOTH_AXES), tmp_path, "timeloop-v0.4")
