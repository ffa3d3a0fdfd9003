"""The worked example of `docs/cost-model.md`, number by number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from codesign.cost import CostDetail, Costs, Evaluator
from codesign.cost.breakdown import break_down
from codesign.cost.interpreter import interpret
from codesign.hardware import PAT, Arithmetic, Hardware, StorageLevel
from codesign.hardware.leak import Leak
from codesign.mapping import LevelMapping, Mapping, MappingBatch
from codesign.workload import Layer
from tests.eyeriss import budget_of, eyeriss, point_of

LAYER = Layer.conv("ResNet-K1", R=3, S=3, P=56, Q=56, C=64, K=64)
ENERGY_PJ = 747402211.3768843
STEPS = 602_112

MAPPING = Mapping(
    (
        LevelMapping(temporal=(("K", 16),), bypass=frozenset({"Inputs", "Weights"})),
        LevelMapping(temporal=(("C", 4), ("R", 3)), bypass=frozenset({"Inputs", "Outputs"})),
        LevelMapping(bypass=frozenset({"Weights", "Outputs"})),
        LevelMapping(
            spatial=(("S", "Y", 3), ("C", "Y", 4)),
            bypass=frozenset({"Inputs", "Weights", "Outputs"}),
        ),
        LevelMapping(
            temporal=(("P", 56), ("K", 2)),
            spatial=(("Q", "X", 8), ("K", "X", 2)),
            bypass=frozenset({"Weights"}),
        ),
        LevelMapping(temporal=(("C", 4), ("Q", 7))),
    )
)

TABLE = [
    # level, dataspace, tile words, instances, partition, reads, updates, fills, energy in pJ
    ("PsumRegFile", "Outputs", 16, 192, 12544, 589568, 602112, 50176, 232819917.829),
    ("WeightRegFile", "Weights", 192, 192, 1536, 602112, 0, 10752, 116930755.538),
    ("InputRegFile", "Inputs", 12, 192, 5382, 602112, 0, 12992, 115271725.990),
    ("GlobalBuffer", "Inputs", 9280, 1, 215296, 1247232, 0, 259840, 11162935.317),
    ("GlobalBuffer", "Outputs", 28672, 1, 200704, 602112, 802816, 200704, 11892972.704),
    ("DRAM", "Inputs", 215296, 1, 215296, 259840, 0, 0, 51968000),
    ("DRAM", "Outputs", 200704, 1, 200704, 0, 200704, 0, 40140800),
    ("DRAM", "Weights", 36864, 1, 36864, 258048, 0, 0, 51609600),
]


@pytest.fixture(scope="module")
def hardware() -> Hardware:
    """Eyeriss with 256 PEs, from the template."""
    return eyeriss("eyeriss-256", point_of(16, 16), budget_of(pes=256))


@pytest.fixture(scope="module")
def priced(hardware: Hardware) -> tuple[Costs, CostDetail]:
    """What the kernel says of the example."""
    return Evaluator(LAYER, hardware).detail(MappingBatch.of(LAYER.shape, [MAPPING]))


@pytest.fixture(scope="module")
def detail(priced: tuple[Costs, CostDetail]) -> CostDetail:
    """The counts of the example."""
    return priced[1]


def test_totals(priced: tuple[Costs, CostDetail]) -> None:
    """Cycles, utilization, energy and their product."""
    costs, _ = priced

    assert costs.valid[0]
    assert costs.cycles[0] == STEPS
    assert costs.utilization[0] == 0.75
    assert costs.energy_pj[0] == pytest.approx(ENERGY_PJ, rel=1e-15)
    assert costs.edp[0] == pytest.approx(4.5001984029655856e14, rel=1e-15)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[1]}")
def test_counts_of_a_level(
    detail: CostDetail,
    hardware: Hardware,
    row: tuple[str, str, int, int, int, int, int, int, float],
) -> None:
    """Each line of the table."""
    name, space, tile, instances, partition, reads, updates, fills, energy_pj = row
    level, w = hardware.index(name), LAYER.shape.dataspace_names.index(space)

    found = {
        field: getattr(detail, field)[0, level, w]
        for field in ("tile_words", "partition_words", "reads", "updates", "fills")
    }

    assert found == {
        "tile_words": tile,
        "partition_words": partition,
        "reads": reads,
        "updates": updates,
        "fills": fills,
    }
    assert detail.instances[0, level] == instances
    assert detail.energy_pj[0, level, w] == pytest.approx(energy_pj, abs=1e-3)


def test_what_is_bypassed_costs_nothing(detail: CostDetail, hardware: Hardware) -> None:
    """Whatever the table does not list is zero."""
    listed = np.zeros(detail.reads[0].shape, bool)
    for name, space, *_ in TABLE:
        listed[hardware.index(name), LAYER.shape.dataspace_names.index(space)] = True

    rest = detail.reads[0] + detail.fills[0] + detail.updates[0] + detail.energy_pj[0]

    assert (rest[~listed] == 0).all()


def test_breakdown_adds_up(hardware: Hardware) -> None:
    """The parts that `codesign show` lists are the whole; the multipliers set the pace."""
    parts = break_down(LAYER, hardware, MAPPING)

    assert parts.energy_pj.sum().sum() == pytest.approx(ENERGY_PJ, rel=1e-12)
    assert parts.energy_pj.loc["MACs", "multiply"] == LAYER.macs
    assert parts.cycles.max() == parts.cycles["MACs"] == STEPS
    assert not parts.static_pj.any()
    assert parts.chip_static_pj == 0
    assert parts.tile_words[0, "Outputs"] == 16
    assert (0, "Inputs") not in parts.tile_words


def test_static_energy_adds_up(hardware: Hardware) -> None:
    """All 256 PEs and the one global buffer pay in every cycle, although 192 PEs work."""
    table = replace(PAT, leak=Leak("0.5", "0.25 * kb", "entries / 64", "8", "pes"))
    dram = replace(hardware.levels[-1], leak_pj_per_cycle=3.0)
    leaky = replace(hardware, levels=(*hardware.levels[:-1], dram))

    parts = break_down(LAYER, leaky, MAPPING, table)

    per_cycle = {
        "MACs": 256 * 0.5,
        "PsumRegFile": 256 * 16 / 64,
        "WeightRegFile": 256 * 192 / 64,
        "InputRegFile": 256 * 12 / 64,
        "DummyBuffer": 0,
        "GlobalBuffer": 0.25 * 128,
        "DRAM": 3,
    }
    assert parts.static_pj.to_dict() == {k: v * STEPS for k, v in reversed(per_cycle.items())}
    assert parts.chip_static_pj == 256 * STEPS
    batch = MappingBatch.of(LAYER.shape, [MAPPING])
    energy_pj = float(Evaluator(LAYER, leaky, table).price(batch).energy_pj[0])
    static_pj = (sum(per_cycle.values()) + 256) * STEPS
    assert energy_pj == pytest.approx(ENERGY_PJ + static_pj, rel=1e-12)
    assert parts.energy_pj.sum().sum() == pytest.approx(ENERGY_PJ, rel=1e-12)


def test_filling_and_draining_is_paid_once(hardware: Hardware) -> None:
    """By hand: 5 + 2 cycles at one level, 11 at another, and three more until the last sum."""
    levels = list(hardware.levels)
    levels[4] = replace(levels[4], network_fill_latency=5, network_drain_latency=2)
    levels[5] = replace(levels[5], network_fill_latency=11)
    macs = replace(hardware.arithmetic, latency=4)
    late = replace(hardware, arithmetic=macs, levels=tuple(levels))
    batch = MappingBatch.of(LAYER.shape, [MAPPING])

    parts = break_down(LAYER, late, MAPPING)
    costs = Evaluator(LAYER, late).price(batch)

    assert parts.late_cycles == 5 + 2 + 11 + 3
    assert parts.cycles.max() == STEPS
    assert costs.cycles[0] == STEPS + 21
    assert costs.energy_pj[0] == ENERGY_PJ
    assert costs.utilization[0] == LAYER.macs / 256 / (STEPS + 21)


WIDE = {"Weights": 4, "Inputs": 8, "Outputs": 32}


def test_widths_by_hand(hardware: Hardware) -> None:
    """Words of 16 bits: four weights, two inputs, or half a sum in each. The tiles are the same."""
    layer = LAYER.with_bits(WIDE)
    batch = MappingBatch.of(layer.shape, [MAPPING])
    levels = list(hardware.levels)
    levels[0] = replace(levels[0], entries=32)
    levels[4] = replace(levels[4], read_bandwidth=4.0, write_bandwidth=2.0)
    roomy = replace(hardware, levels=tuple(levels))
    weights, inputs, outputs = (layer.shape.dataspace_names.index(name) for name in WIDE)

    costs, detail = Evaluator(layer, roomy).detail(batch)
    _, plain = Evaluator(LAYER, roomy).detail(batch)

    for name in ("tile_words", "reads", "fills", "updates"):
        np.testing.assert_array_equal(getattr(detail, name), getattr(plain, name))
    share = detail.energy_pj[0] / np.maximum(plain.energy_pj[0], 1e-9)
    # The weights of a register file are read and filled 612 864 times, which four divides.
    assert share[1, weights] == pytest.approx(1 / 4)
    assert share[0, outputs] == pytest.approx(2)
    # 1 507 072 accesses to inputs in blocks of 4 words, which hold 8 of them.
    assert share[4, inputs] == pytest.approx(1 / 2)
    assert detail.energy_pj[0, 5, weights] == 258_048 // 4 * 200
    # The global buffer writes 259 840 inputs of half a word and 1 003 520 sums of two words.
    assert detail.level_cycles[0, 4] == (259_840 / 2 + 1_003_520 * 2) / 2 == costs.cycles[0]
    assert plain.level_cycles[0, 4] == (259_840 + 1_003_520) / 2


def test_capacity_is_in_bits(hardware: Hardware) -> None:
    """The 16 sums of a register file fill it; with one bit more each, they do not fit."""
    batch = MappingBatch.of(LAYER.shape, [MAPPING])

    for width, is_valid in (16, True), (17, False), (1, True):
        layer = LAYER.with_bits({"Outputs": width})
        costs = Evaluator(layer, hardware).price(batch)
        assert costs.valid[0] == is_valid
        assert interpret(Layer.conv("x", K=16).with_bits({"Outputs": width}), *SMALL).valid == (
            is_valid
        )
    assert costs.level[0] == -1


SMALL = (
    Hardware(
        "small",
        Arithmetic(),
        (StorageLevel("RF", 16, keeps=frozenset({"Outputs"})), StorageLevel("D", None)),
    ),
    Mapping(
        (
            LevelMapping(temporal=(("K", 16),), bypass=frozenset({"Weights", "Inputs"})),
            LevelMapping(),
        )
    ),
)


def test_writing_may_cost_something_else(hardware: Hardware) -> None:
    """Blocks are counted apart then: of the global buffer, 4 words each."""
    table = replace(PAT, sram_write_pj_per_vector="100", dram_write_pj_per_vector="7")
    batch = MappingBatch.of(LAYER.shape, [MAPPING])
    inputs = LAYER.shape.dataspace_names.index("Inputs")
    outputs = LAYER.shape.dataspace_names.index("Outputs")

    _, detail = Evaluator(LAYER, hardware, table).detail(batch)

    reading = PAT.vector_energy_pj(hardware.levels[4])
    expected = -(-1_247_232 // 4) * reading + -(-259_840 // 4) * 100
    assert detail.energy_pj[0, 4, inputs] == pytest.approx(expected, rel=1e-15)
    assert detail.energy_pj[0, 5, outputs] == 200_704 * 7


def test_operations_cost_by_the_widths_of_operands(hardware: Hardware) -> None:
    """Of the two that are read, and of the sum; without widths, those of the multiplier."""
    table = replace(PAT, mac_pj="a_bits + 100 * b_bits + 10000 * sum_bits")

    wide = break_down(LAYER.with_bits(WIDE), hardware, LOOSE, table)
    plain = break_down(LAYER, hardware, LOOSE, table)

    assert wide.energy_pj.loc["MACs", "multiply"] == LAYER.macs * (4 + 800 + 320_000)
    assert plain.energy_pj.loc["MACs", "multiply"] == LAYER.macs * 16 * 10_101


LOOSE = Mapping(
    (
        replace(MAPPING.levels[0], temporal=()),
        *MAPPING.levels[1:5],
        LevelMapping(temporal=(("K", 16), ("C", 4), ("Q", 7))),
    )
)
"""The same with one sum at a time in a register file, which 32 bits fit into."""
