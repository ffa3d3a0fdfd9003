"""The reference interpreter on examples small enough to count by hand.

Dataspaces stand in the order of the shape: Weights, Inputs, Outputs.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from codesign.accounting import ACCOUNTINGS
from codesign.cost.interpreter import Interpretation, interpret
from codesign.cost.walk import Boxes, Loop, loop_nest
from codesign.errors import InputError
from codesign.hardware import PAT, Arithmetic, Hardware, StorageLevel, Technology
from codesign.mapping import LevelMapping, Mapping
from codesign.workload import Layer
from tests.budgets import count
from tests.cost.strategies import Case, cases

NOTHING = frozenset[str]()
ALL = frozenset({"Weights", "Inputs", "Outputs"})
DRAM = StorageLevel("DRAM", None, technology="DRAM")


def _level(temporal: str = "", spatial: str = "", bypass: frozenset[str] = NOTHING) -> LevelMapping:
    """A level from text: temporal "P4 K2", innermost first, spatial "PX4 KY2"."""
    return LevelMapping(
        tuple((loop[0], int(loop[1:])) for loop in temporal.split()),
        tuple((loop[0], loop[1], int(loop[2:])) for loop in spatial.split()),
        bypass,
    )


def _price(
    layer: Layer, levels: list[StorageLevel], *mapping: LevelMapping, macs: tuple[int, int] = (1, 1)
) -> Interpretation:
    """Interprets on a mesh of `macs` (X, Y)."""
    arithmetic = Arithmetic("MACs", math.prod(macs), macs[0])
    hardware = Hardware("hardware", arithmetic, tuple(levels))
    return interpret(layer, hardware, Mapping(mapping))


def test_a_sliding_window_fetches_only_what_is_new() -> None:
    """A filter of 3 slides over 4 positions; the buffer holds one window."""
    layer = Layer.conv("1-D", R=3, P=4)

    cost = _price(layer, [StorageLevel("Buffer", 7), DRAM], _level("R3"), _level("P4"))

    assert cost.valid
    # The window covers x = 0..2, then moves by one thrice: 3 + 1 + 1 + 1 words, each once.
    # The three weights stay. Every output is done before the next one starts.
    assert cost.tile_words.tolist() == [[3, 3, 1], [3, 6, 4]]
    assert cost.fills.tolist() == [[3, 6, 0], [0, 0, 0]]
    # 12 operations read a weight and an input each. 12 updates, of which the first of each of
    # the 4 outputs reads nothing; the 4 finished outputs reach a DRAM that never saw them.
    assert cost.reads.tolist() == [[12, 12, 12 - 4], [3, 6, 0]]
    assert cost.updates.tolist() == [[0, 0, 12], [0, 0, 4]]
    assert cost.cycles == 12
    assert cost.utilization == 1.0


def test_a_window_that_returns_finds_what_it_still_holds() -> None:
    """The window starts over from its real last position, not from its second one."""
    layer = Layer.conv("1-D", R=4, P=3, K=2)

    cost = _price(layer, [StorageLevel("Buffer", 99), DRAM], _level("R4"), _level("P3 K2"))

    # x = 0..3, 1..4, 2..5 for the first output channel: 4 + 1 + 1. The second channel starts at
    # x = 0..3 again: 2 and 3 are still there, 0 and 1 are fetched, then 1 + 1.
    assert cost.fills[0].tolist() == [4 + 4, (4 + 1 + 1) + (2 + 1 + 1), 0]


def test_a_window_that_moves_along_both_axes_keeps_the_overlap() -> None:
    """Four 3 × 3 windows at (0, 0), (1, 0), (0, 1), (1, 1)."""
    layer = Layer.conv("2-D", R=3, S=3, P=2, Q=2)

    cost = _price(layer, [StorageLevel("Buffer", 99), DRAM], _level("R3 S3"), _level("P2 Q2"))

    # A whole window, a column of 3, the way back and down which shares 2 × 2, a column of 3.
    assert cost.fills[0, 1] == 9 + 3 + (9 - 4) + 3


def test_a_stride_beyond_the_filter_fetches_the_box() -> None:
    """Words that a stride skips lie in the box of a tile all the same."""
    layer = Layer.conv("1 x 1", P=4, K=2, Wstride=2)

    cost = _price(layer, [StorageLevel("Buffer", 99), DRAM], _level("P2"), _level("P2 K2"))

    # Two outputs need x = 0 and 2, a box of 3. The next box is x = 4..6, and both come again.
    assert cost.tile_words[:, 1].tolist() == [3, 7]
    assert cost.fills[0, 1] == 4 * 3
    assert cost.partition_words[0, 1] == 6


def test_weights_stay_while_a_matrix_is_multiplied() -> None:
    """A 4 × 2 × 3 product, weight-stationary; nothing else is kept on the chip."""
    layer = Layer.conv("GEMM", P=4, K=2, C=3)
    register = StorageLevel("Register", 1, technology="RegFile")
    others = frozenset({"Inputs", "Outputs"})

    cost = _price(layer, [register, DRAM], _level("P4", bypass=others), _level("C3 K2"))

    # Each of the 6 weights is fetched once and read 4 times; 24 inputs and outputs pass by.
    # Of the 24 updates in DRAM the first of each of the 8 outputs needs no read.
    assert cost.tile_words.tolist() == [[1, 0, 0], [6, 12, 8]]
    assert cost.fills.tolist() == [[6, 0, 0], [0, 0, 0]]
    assert cost.reads.tolist() == [[24, 0, 0], [6, 24, 24 - 8]]
    assert cost.updates.tolist() == [[0, 0, 0], [0, 0, 24]]
    # A register of one 16-bit word is 16 / 8192 KiB; DRAM is 200 pJ per word, an operation 1 pJ.
    register_pj = 5 / 99.5 * (16 / 8192 - 0.5) + 1
    energy = 24 * 1 + (24 + 6) * register_pj + (6 + 24 + 16 + 24) * 200
    assert cost.energy_pj == pytest.approx(energy, rel=1e-14)
    assert cost.edp == pytest.approx(energy * 24, rel=1e-14)


def test_children_on_a_diagonal_share_inputs() -> None:
    """Six children, 3 outputs along X by 2 filter taps along Y, need x = p + r."""
    layer = Layer.conv("1-D", R=2, P=3)
    register = StorageLevel("Register", 4, instances=6, mesh_x=3)
    buffer = StorageLevel("Buffer", 99, hop_pj=1.0, router_pj=1.0)

    cost = _price(
        layer, [register, buffer, DRAM], _level(), _level("", "PX3 RY2"), _level(), macs=(3, 2)
    )

    # x = 0 and 3 have one taker each, x = 1 and 2 have two: 4 words read. Each of the 2 weights
    # goes to 3 children. Pairs of partial sums are added on their way to the 3 outputs.
    assert cost.reads[1].tolist() == [2, 4, 0]
    assert cost.updates[1].tolist() == [0, 0, 3]
    assert cost.fills[0].tolist() == [1, 1, 0]
    assert cost.instances.tolist() == [6, 1, 1]

    def hops(m: int) -> float:
        return math.sqrt(6 * m) + (math.sqrt(6) - math.sqrt(m)) / 2 - math.sqrt(6 / m) + 0.5

    # hops(1) = 1.225, hops(2) = 2.950, hops(3) = 3.688. Routers are whole numbers: the inputs
    # touch 2 (1 + 1.225) = 4.45 of them, hence 4, then 4 + 2 (1 + 2.950) = 11.90, hence 11.
    wires = [2 * hops(3), 2 * hops(1) + 2 * hops(2), 3 * hops(2)]
    routers = [int(2 * 4.688), 11, int(3 * 3.950)]
    expected = np.add(wires, routers)
    np.testing.assert_allclose(cost.network_pj[1], expected, rtol=1e-14)


def test_bypassed_levels_hand_on_what_their_children_want() -> None:
    """A weight passes two levels that do not hold it, each with two children of its own."""
    layer = Layer.conv("layer", K=4, C=2, P=3)
    levels = [
        StorageLevel("Register", 8, instances=4, mesh_x=4),
        StorageLevel("Row", 8, instances=2, mesh_x=2),
        StorageLevel("Buffer", 99),
        DRAM,
    ]
    weights = frozenset({"Weights"})

    cost = _price(
        layer,
        levels,
        _level(),
        _level("", "KX2", weights),
        _level("C2 P3", "KX2", weights),
        _level(),
        macs=(4, 1),
    )

    # A register holds one weight and sees C run inside P: 6 fetches. They pass through a row,
    # which has 2 children, then the buffer, which has 2 rows, to DRAM: 6, 12, 24 reads.
    assert cost.fills[:, 0].tolist() == [6, 0, 0, 0]
    assert cost.reads[:, 0].tolist() == [6, 0, 0, 24]
    assert not cost.tile_words[1:3, 0].any()
    # The inputs are kept everywhere and go to both children at once.
    assert cost.fills[:, 1].tolist() == [6, 6, 6, 0]
    assert cost.reads[:, 1].tolist() == [6, 6, 6, 6]


def test_an_output_seen_for_the_first_time_is_not_filled() -> None:
    """Two outputs take turns in a buffer of one, three times over."""
    layer = Layer.conv("layer", K=2, C=3)

    cost = _price(layer, [StorageLevel("Buffer", 9), DRAM], _level(), _level("K2 C3"))

    # Outputs 0 1 0 1 0 1: six visits, of which the first two bring nothing to add to.
    assert cost.fills[0, 2] == 6 - 2
    assert cost.partition_words[0, 2] == 2
    # DRAM takes six partial sums and gives back the four that are needed again.
    assert (cost.updates[1, 2], cost.reads[1, 2]) == (6, 4)
    # In the buffer, each of six operations updates, and only the first two need no read.
    assert (cost.updates[0, 2], cost.reads[0, 2]) == (6, 4)


def test_partial_sums_travel_both_ways_to_a_memory_that_cannot_add() -> None:
    """The same to DRAM with a network: one way for 6 words, back for 4."""
    layer = Layer.conv("layer", K=2, C=3)
    dram = dataclasses.replace(DRAM, hop_pj=1.0)

    cost = _price(layer, [StorageLevel("Buffer", 9), dram], _level(), _level("K2 C3"))

    # With one child a word makes 1 + 0 - 1 + 1/2 hops.
    assert cost.network_pj[1, 2] == (6 + 4) / 2


def test_partial_sums_are_added_on_the_way() -> None:
    """Two children each send a partial sum of the same output, twice; adding costs 1 pJ."""
    layer = Layer.conv("layer", C=4)
    free = Technology("adders", "0", "0", "0", adder_pj=1.0)
    buffer = StorageLevel("Buffer", None)

    for memory, on_the_way in (buffer, 2), (DRAM, 3):
        hardware = Hardware("hardware", Arithmetic("MACs", 2, 2), (memory,))
        cost = interpret(layer, hardware, Mapping((_level("C2", "CX2"),)), free)

        # Two pairs are added in the network. What DRAM sends back counts as going in, too.
        assert cost.network_pj.tolist() == [[0, 0, on_the_way]]
        # The second sum is added to the first, which lies in the memory.
        assert cost.accumulation_pj.tolist() == [[0, 0, 1]]
        assert cost.energy_pj == on_the_way + 1


def test_wires_cost_what_their_width_says() -> None:
    """A hop is as long as the tile width, and without one it costs nothing."""
    layer = Layer.conv("layer", K=2)
    free = Technology("wires", "0", "0", "0", wire_pj_per_bit_mm=1.0)
    levels = (
        StorageLevel("Buffer", 8),
        dataclasses.replace(DRAM, word_bits=8, tile_width_um=2000.0),
    )
    hardware = Hardware("hardware", Arithmetic("MACs", 2, 2), levels)

    cost = interpret(layer, hardware, Mapping((_level(), _level("K2"))), free)

    # From DRAM, half a hop of 2 mm; one input of 8 bits, and two weights.
    assert cost.network_pj[0].tolist() == [0, 0, 0]
    assert cost.network_pj[1, :2].tolist() == pytest.approx([2 * 0.5 * 8 * 2, 0.5 * 8 * 2])


def test_a_cluster_that_is_used_in_part_costs_the_whole() -> None:
    """Three of four instances work, in clusters of two: four are paid for."""
    layer = Layer.conv("layer", K=3)
    buffer = StorageLevel(
        "Buffer", 9, instances=4, mesh_x=4, cluster_size=2, vector_access_pj=1.0, address_pj=1.0
    )

    cost = _price(layer, [buffer, DRAM], _level(), _level("", "KX3"), macs=(4, 1))

    # An instance fills and reads a weight and an input; it updates its output.
    assert cost.energy_pj_by[0].tolist() == [4 * 2, 4 * 2, 4 * 1]
    # Two clusters generate an address for each.
    assert cost.address_pj[0].tolist() == [2 * 2, 2 * 2, 2 * 1]


def test_blocks_round_the_accesses_up() -> None:
    """Seven accesses to a word each are two of a block of four."""
    layer = Layer.conv("layer", K=7)
    dram = dataclasses.replace(DRAM, block_size=4)

    cost = _price(layer, [dram], _level("K7"))

    # 200 pJ per word is 800 pJ per block.
    assert cost.energy_pj_by[0].tolist() == [2 * 800] * 3


def test_a_slow_level_sets_the_pace() -> None:
    """Ten weights and ten inputs at three words per cycle."""
    layer = Layer.conv("layer", P=5, K=2)
    dram = dataclasses.replace(DRAM, read_bandwidth=1.5, write_bandwidth=0.4)

    cost = _price(layer, [StorageLevel("Buffer", 9), dram], _level(), _level("P5 K2"))

    # DRAM reads 2 weights and 10 inputs in 12 / 1.5 = 8 cycles, within the 10 operations;
    # to write 10 outputs it needs 10 / 0.4 = 25.
    assert cost.level_cycles.tolist() == [10, 25]
    assert cost.cycles == 25
    assert cost.utilization == pytest.approx(10 / 25)


@pytest.mark.parametrize(
    ("change", "violation"),
    [
        ({}, (None, None)),
        ({"entries": 6}, ("capacity", "Buffer")),
        ({"multiple_buffering": 1.2}, ("capacity", "Buffer")),
        ({"entries": 14, "min_utilization": 0.5}, (None, None)),
        ({"entries": 15, "min_utilization": 0.5}, ("capacity", "Buffer")),
    ],
)
def test_a_tile_must_fit_its_level(
    change: dict[str, Any], violation: tuple[str | None, str | None]
) -> None:
    """Three weights, three inputs and one output need seven words, at least half used."""
    buffer = dataclasses.replace(StorageLevel("Buffer", 7), **change)

    cost = _price(Layer.conv("1-D", R=3, P=4), [buffer, DRAM], _level("R3"), _level("P4"))

    assert (cost.reason, cost.level) == violation
    assert cost.valid == (violation[0] is None)


def test_too_many_children_are_told_before_too_large_tiles() -> None:
    """A fanout further out comes before a capacity further in, and its inner level first."""
    layer = Layer.conv("layer", K=4, C=2)
    levels = [
        StorageLevel("Register", 0, instances=4, mesh_x=2),
        StorageLevel("Buffer", 99, instances=2, mesh_x=2),
        DRAM,
    ]

    cost = _price(layer, levels, _level(), _level("", "KY4"), _level("", "CY2"), macs=(2, 2))

    assert (cost.valid, cost.reason, cost.level) == (False, "fanout", "Buffer")
    assert not cost.reads.any()
    assert cost.cycles == 0
    assert math.isnan(cost.energy_pj)


def test_what_is_kept_nowhere_needs_no_room() -> None:
    """A level without entries is fine as long as it holds nothing."""
    levels = [StorageLevel("Dummy", 0), DRAM]

    cost = _price(Layer.conv("layer", K=4), levels, _level("", "", ALL), _level("K4"))

    assert cost.valid
    assert not cost.energy_pj_by[0].any()


def test_the_worked_example_on_eyeriss() -> None:
    """`docs/cost-model.md`, section 16, with the corrections of section 13."""
    layer = Layer.conv("ResNet-K1", R=3, S=3, P=56, Q=56, C=64, K=64)
    array: dict[str, Any] = {"instances": 256, "mesh_x": 16, "technology": "RegFile"}
    levels = [
        StorageLevel("Psum", 16, **array),
        StorageLevel("Weight", 192, **array),
        StorageLevel("Input", 12, **array),
        StorageLevel("Dummy", 0, instances=16, mesh_x=16),
        StorageLevel("GlobalBuffer", 65536, block_size=4),
        DRAM,
    ]

    cost = _price(
        layer,
        levels,
        _level("K16", "", ALL - {"Outputs"}),
        _level("C4 R3", "", ALL - {"Weights"}),
        _level("", "", ALL - {"Inputs"}),
        _level("", "SY3 CY4", ALL),
        _level("P56 K2", "QX8 KX2", frozenset({"Weights"})),
        _level("C4 Q7"),
        macs=(16, 16),
    )

    assert cost.cycles == 602112
    assert cost.utilization == 0.75
    assert cost.reads.T.tolist() == [
        [0, 602112, 0, 0, 0, 258048],
        [0, 0, 602112, 0, 1247232, 259840],
        [589568, 0, 0, 0, 602112, 0],
    ]
    # Timeloop fills 50176 and 200704 outputs, the 12544 and 200704 first visits among them.
    assert cost.fills.T.tolist() == [
        [0, 10752, 0, 0, 0, 0],
        [0, 0, 12992, 0, 259840, 0],
        [50176 - 12544, 0, 0, 0, 0, 0],
    ]
    spared = 192 * 12544 * PAT.vector_energy_pj(levels[0])
    spared += 200704 / 4 * PAT.vector_energy_pj(levels[4])
    assert cost.energy_pj == pytest.approx(747402211.3768843 - spared, rel=1e-13)


def test_clusters_must_divide_their_level() -> None:
    """Three instances cannot be clustered by two."""
    register = StorageLevel("Register", 4, instances=3, mesh_x=3, cluster_size=2)

    with pytest.raises(
        InputError, match="Register: cluster size is 2, expected a divisor of its 3"
    ):
        _price(Layer.conv("layer", K=3), [register, DRAM], _level(), _level("K3"), macs=(3, 1))


def test_a_nest_too_large_to_walk_is_refused() -> None:
    """2 000 × 2 000 iterations would take too long."""
    layer = Layer.conv("layer", P=2000, K=2000)

    with pytest.raises(InputError, match="too many to be walked"):
        _price(layer, [StorageLevel("Buffer", 9), DRAM], _level(), _level("P2000 K2000"))


def _words_of(boxes: Boxes, level: int, indices: dict[Loop, int]) -> set[tuple[int, ...]]:
    """The box around every word that the loops up to `level` touch, the others at `indices`."""
    inner = [loop for loop in boxes.loops if loop.level <= level]
    touched = []
    for point in itertools.product(*(range(loop.bound) for loop in inner)):
        at = {**indices, **dict(zip(inner, point, strict=True))}
        word = np.zeros(len(boxes.projection), int)
        for loop, index in at.items():
            word += boxes.projection[:, loop.dimension] * loop.step * index
        touched.append(word)
    lowest, highest = np.min(touched, axis=0), np.max(touched, axis=0)
    return set(itertools.product(*(range(a, b + 1) for a, b in zip(lowest, highest, strict=True))))


def _moments(loops: list[Loop]) -> Iterator[dict[Loop, int]]:
    """The indices of `loops`, innermost first, at every moment."""
    for point in itertools.product(*(range(loop.bound) for loop in reversed(loops))):
        yield dict(zip(loops, reversed(point), strict=True))


@settings(max_examples=count(30, 100), deadline=None)
@given(cases())
def test_boxes_are_the_sets_of_words_they_stand_for(case: Case) -> None:
    """What is delivered, and what is ever held, counted word by word with sets."""
    layer, _, mapping = case
    nest = loop_nest(layer, mapping)
    for space, level in itertools.product(layer.shape.dataspaces, range(len(mapping.levels))):
        boxes = Boxes.of(layer, space, nest)
        if layer.macs * boxes.size(level) > 3000:
            continue
        outer = [loop for loop in nest if loop.level > level and not loop.is_spatial]
        held, ever, delivered = set[tuple[int, ...]](), set[tuple[int, ...]](), 0

        for indices in _moments(outer):
            words = _words_of(boxes, level, indices)
            delivered += len(words - held)
            ever |= words
            held = words

        assert boxes.size(level) == len(held)
        assert boxes.delivered(level, ACCOUNTINGS["exact"]) == delivered
        assert boxes.distinct(level, level) == len(ever)
