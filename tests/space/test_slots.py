"""The slots of a map-space, and what dataflows pin in them."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import InputError
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import ALL, FIT, FREE, Dataflow, SlotRule
from codesign.space.factors import divisors
from codesign.space.mapping_space import MapSpace
from codesign.space.slots import Slots, build_slots, overflow
from codesign.workload import Layer
from tests.eyeriss import ROW_STATIONARY, budget_of, dataflow_of, eyeriss, point_of

BUDGET = budget_of(pes=168)
EYERISS = eyeriss("eyeriss-168", point_of(14, 12), BUDGET)
RESNET_K1 = Layer.conv("ResNet-K1", R=3, S=3, P=56, Q=56, C=64, K=64)
DQN_K1 = Layer.conv("DQN-K1", R=8, S=8, P=20, Q=20, C=4, K=16, Wstride=4, Hstride=4)
PRODUCT = Layer.conv("product", K=8, C=4)


def arrangement(**values: int) -> Hardware:
    """An accelerator of Eyeriss's budget, by default Eyeriss's own 14×12."""
    return eyeriss("found", point_of(**({"h1": 14, "h2": 12} | values)), BUDGET)


def stack(*entries: int, fanout: int = 1) -> Hardware:
    """Buffers of so many words under DRAM, and `fanout` MACs, all in a row."""
    buffers = [StorageLevel(f"B{i}", words) for i, words in enumerate(entries)]
    dram = StorageLevel("DRAM", None, technology="DRAM")
    return Hardware("stack", Arithmetic("MACs", fanout, fanout), (*buffers, dram))


def places(slots: Slots) -> list[str]:
    """Where factors of K may stand, as in result tables."""
    k = slots.layer.shape.index("K")
    return [slots.name(slot, k) for slot in range(len(slots.level))]


def pins(slots: Slots, name: str) -> dict[str, int]:
    """The pinned factors of a dimension other than 1, by slot."""
    d = slots.layer.shape.index(name)
    column = slots.fixed[:, d]
    return {slots.name(int(i), d): int(column[i]) for i in np.flatnonzero(column > 1)}


def free(slots: Slots, name: str) -> list[str]:
    """The slots in which a dimension is free."""
    d = slots.layer.shape.index(name)
    return [slots.name(int(i), d) for i in np.flatnonzero(slots.free[:, d])]


def test_divisors_are_complete_and_ascending() -> None:
    """Squares, primes and one included."""
    assert divisors(1) == (1,)
    assert divisors(7) == (1, 7)
    assert divisors(36) == (1, 2, 3, 4, 6, 9, 12, 18, 36)


def test_slots_of_eyeriss() -> None:
    """A temporal slot a level; columns of the array below the dummy buffer, rows above it."""
    slots = build_slots(RESNET_K1, EYERISS, FREE)

    assert places(slots) == [
        "K.PsumRegFile",
        "K.WeightRegFile",
        "K.InputRegFile",
        "K.DummyBuffer.Y",
        "K.DummyBuffer",
        "K.GlobalBuffer.X",
        "K.GlobalBuffer",
        "K.DRAM",
    ]


def test_several_global_buffers_add_slots() -> None:
    """DRAM then spreads over them along both axes."""
    slots = build_slots(RESNET_K1, arrangement(h6=6, h7=2, h8=3), FREE)

    assert [place for place in places(slots) if "DRAM" in place] == [
        "K.DRAM.X",
        "K.DRAM.Y",
        "K.DRAM",
    ]
    assert EYERISS.fanouts[3] == (1, 12)
    assert arrangement(h6=6, h7=2, h8=3).fanouts[3:] == ((1, 4), (7, 1), (2, 3))


def test_everything_is_free_without_a_dataflow() -> None:
    """But for dimensions of size 1, which have nothing to place."""
    slots = build_slots(RESNET_K1, EYERISS, FREE)

    batch = RESNET_K1.shape.index("N")
    assert not slots.free[:, batch].any()
    assert np.delete(slots.free, batch, axis=1).all()
    assert slots.left.tolist() == list(RESNET_K1.sizes)
    assert slots.orders == (None,) * 6
    assert slots.outermost.tolist() == [7, 7, 7, 7, 7, 7, -1]


def test_row_stationary_pins_the_filter() -> None:
    """Rows of it to the mesh, columns to the weight register file, output columns outside."""
    slots = build_slots(RESNET_K1, EYERISS, ROW_STATIONARY)

    assert pins(slots, "S") == {"S.DummyBuffer.Y": 3}
    assert pins(slots, "R") == {"R.WeightRegFile": 3}
    assert pins(slots, "P") == {"P.GlobalBuffer": 56}
    assert free(slots, "Q") == ["Q.GlobalBuffer.X", "Q.DRAM"]
    assert free(slots, "C") == ["C.WeightRegFile", "C.DummyBuffer.Y", "C.DRAM"]
    assert free(slots, "K") == [
        "K.PsumRegFile",
        "K.DummyBuffer.Y",
        "K.GlobalBuffer.X",
        "K.GlobalBuffer",
        "K.DRAM",
    ]
    assert slots.problem is None


def test_row_stationary_orders_loops() -> None:
    """Listed dimensions innermost first; only the psum register file's order is free."""
    slots = build_slots(RESNET_K1, EYERISS, ROW_STATIONARY)
    letters = RESNET_K1.shape.dimensions

    assert slots.orders[0] is None
    assert [letters[d] for d in slots.orders[1] or ()][:2] == ["C", "R"]
    assert [letters[d] for d in slots.orders[4] or ()][:3] == ["P", "N", "K"]
    assert [letters[d] for d in slots.orders[5] or ()][:4] == ["C", "K", "N", "Q"]


@pytest.mark.parametrize(
    ("point", "layer", "name", "expected"),
    [
        pytest.param(
            {"h1": 84, "h2": 2}, RESNET_K1, "S", {"S.GlobalBuffer": 3}, id="no-divisor-fits"
        ),
        pytest.param(
            {"h1": 28, "h2": 6}, DQN_K1, "S", {"S.DummyBuffer.Y": 4, "S.GlobalBuffer": 2},
            id="a-part-fits",
        ),
        pytest.param(
            {"h6": 2, "h8": 2}, DQN_K1, "S", {"S.DummyBuffer.Y": 4, "S.GlobalBuffer": 2},
            id="rows-are-shared-by-two-global-buffers",
        ),
        pytest.param(
            {"h4": 4}, DQN_K1, "R", {"R.WeightRegFile": 4, "R.GlobalBuffer": 2},
            id="few-words-for-weights",
        ),
        pytest.param(
            {"h3": 2}, DQN_K1, "R", {"R.WeightRegFile": 2, "R.GlobalBuffer": 4},
            id="few-words-for-inputs",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_goes_one_level_further_out(
    point: dict[str, int], layer: Layer, name: str, expected: dict[str, int]
) -> None:
    """`fit` takes the largest divisor, and the next level with loops of its own takes the rest."""
    slots = build_slots(layer, arrangement(**point), ROW_STATIONARY)

    assert slots.problem is None
    assert pins(slots, name) == expected
    assert free(slots, name) == []


def test_fit_leaves_output_columns_to_dram() -> None:
    """Where the global buffer is too small for all of P."""
    small = eyeriss("small", point_of(14, 12), budget_of(pes=168, global_words=200))

    slots = build_slots(RESNET_K1, small, ROW_STATIONARY)

    assert slots.problem is None
    assert pins(slots, "P") == {"P.GlobalBuffer": 28, "P.DRAM": 2}


def test_options_pin_the_filter_where_row_stationary_has_it() -> None:
    """H11 its width to the weight register file, H12 its height to the mesh; nothing else."""
    point = point_of(14, 12, h11=1, h12=1)

    slots = build_slots(DQN_K1, arrangement(h11=1, h12=1), dataflow_of(point))

    assert pins(slots, "R") == {"R.WeightRegFile": 8}
    assert pins(slots, "S") == {"S.DummyBuffer.Y": 8}
    assert slots.free[:, DQN_K1.shape.index("Q")].all()
    assert slots.orders == (None,) * 6
    assert dataflow_of(point_of(14, 12)) == FREE


@pytest.mark.parametrize(
    ("point", "problem"),
    [
        pytest.param(
            {"h1": 28, "h2": 6, "h12": 1},
            "DummyBuffer spreads over 8 children in Y, it has 6",
            id="H12",
        ),
        pytest.param({"h4": 4, "h11": 1}, "WeightRegFile would hold 8 words, it has 4", id="H11"),
        pytest.param({"h3": 4, "h11": 1}, "InputRegFile would hold 8 words, it has 4", id="H3"),
    ],
)
def test_a_pinned_filter_that_does_not_fit_says_so(point: dict[str, int], problem: str) -> None:
    """The unknown constraint of hardware points: level, what it would need, what it has."""
    slots = build_slots(DQN_K1, arrangement(**point), dataflow_of(point_of(14, 12, **{
        key: value for key, value in point.items() if key in ("h11", "h12")
    })))  # fmt: skip

    assert slots.problem == problem


@pytest.mark.parametrize("dataflow", [dataflow_of(point_of(168, 1, h12=1)), ROW_STATIONARY])
def test_a_mesh_of_one_row_is_a_mesh(dataflow: Dataflow) -> None:
    """It holds a filter of height 1 only: H12 fails on it, and `fit` leaves all to the next."""
    slots = build_slots(RESNET_K1, arrangement(h1=168, h2=1), dataflow)

    if dataflow is ROW_STATIONARY:
        assert pins(slots, "S") == {"S.GlobalBuffer": 3}
    else:
        assert slots.problem == "DummyBuffer spreads over 3 children in Y, it has 1"


def test_a_tiny_buffer_says_so() -> None:
    """One word cannot hold three dataspaces."""
    assert build_slots(PRODUCT, stack(3), FREE).problem is None
    assert build_slots(PRODUCT, stack(2), FREE).problem == "B0 would hold 3 words, it has 2"
    assert build_slots(PRODUCT, stack(9, 1), FREE).problem == "B1 would hold 3 words, it has 1"


@pytest.mark.parametrize("factor", [3, 16])
def test_a_pin_that_does_not_divide_says_so(factor: int) -> None:
    """No mapping has it."""
    pinned = Dataflow("odd", (SlotRule("B0", "temporal", (("K", factor),)),))

    problem = build_slots(PRODUCT, stack(100), pinned).problem

    assert problem == f"K = 8 cannot be split with {factor} of it pinned"


def test_a_dimension_without_room_says_so() -> None:
    """All slots closed for it, and not all of it pinned."""
    closed = Dataflow(
        "closed",
        (SlotRule("B0", "temporal", (("K", 4),), ()), SlotRule("DRAM", "temporal", (), ("C",))),
    )

    problem = build_slots(PRODUCT, stack(100), closed).problem

    assert problem == "K = 8 cannot be split with 4 of it pinned"


def test_fit_skips_levels_that_are_closed() -> None:
    """The rest goes to the next level whose loops the dataflow does not rule out."""
    flow = Dataflow(
        "skipping",
        (SlotRule("B0", "temporal", (("K", FIT),)), SlotRule("B1", "temporal", (), ())),
    )

    slots = build_slots(PRODUCT, stack(9, 100, 100), flow)

    assert pins(slots, "K") == {"K.B0": 4, "K.B2": 2}


def test_fit_heeds_every_closed_level() -> None:
    """A factor must fit all the levels it has to pass, however many are closed."""
    flow = Dataflow(
        "skipping",
        (
            SlotRule("B0", "temporal", (("K", FIT),)),
            SlotRule("B1", "temporal", (), ()),
            SlotRule("B2", "temporal", (), ()),
        ),
    )

    slots = build_slots(PRODUCT, stack(100, 100, 5, 100), flow)

    assert slots.problem is None
    assert pins(slots, "K") == {"K.B0": 2, "K.B3": 4}


def test_a_dimension_may_end_in_a_spatial_slot() -> None:
    """Where DRAM's loops are closed to K, four children and a loop of two make up eight."""
    flow = Dataflow("inside", (SlotRule("DRAM", "temporal", (), ("C",)),))
    hardware = Hardware(
        "pair",
        Arithmetic("MACs", 4, 4),
        (
            StorageLevel("B0", 100, instances=4, mesh_x=4),
            StorageLevel("DRAM", None, technology="DRAM"),
        ),
    )

    assert build_slots(PRODUCT, hardware, flow).problem is None


def test_all_pins_a_whole_dimension() -> None:
    """And closes every other slot to it."""
    flow = Dataflow("whole", (SlotRule("B0", "temporal", (("K", ALL),)),))

    slots = build_slots(PRODUCT, stack(100, fanout=2), flow)

    assert pins(slots, "K") == {"K.B0": 8}
    assert free(slots, "K") == []
    assert slots.left[PRODUCT.shape.index("K")] == 1


def test_overflow_names_the_innermost_rule() -> None:
    """Fanouts and capacities from the inside out."""
    slots = build_slots(PRODUCT, stack(10, 10, fanout=2), FREE)
    k = PRODUCT.shape.index("K")
    factors = np.ones_like(slots.fixed)

    factors[0, k] = 4
    assert overflow(slots, factors) == "B0 spreads over 4 children in X, it has 2"
    factors[0, k], factors[1, k] = 1, 8
    assert overflow(slots, factors) == "B0 would hold 17 words, it has 10"
    factors[1, k], factors[2, k] = 1, 8
    assert overflow(slots, factors) == "B1 would hold 17 words, it has 10"
    factors[2, k], factors[3, k] = 1, 8
    assert overflow(slots, factors) is None


def test_unknown_dimensions_are_refused() -> None:
    """With the dataflow, the layer and the dimensions it has."""
    flow = Dataflow("odd", (SlotRule("B0", "temporal", (), ("Z",)),))

    message = "dataflow odd, layer product: unknown dimension 'Z', expected one of R S P Q C K N"
    with pytest.raises(InputError, match=message):
        build_slots(PRODUCT, stack(10), flow)


def test_spaces_without_a_mapping_refuse_to_draw() -> None:
    """In one sentence that names the layer, the accelerator, the dataflow and the reason."""
    space = MapSpace(PRODUCT, stack(2))

    with pytest.raises(InputError) as caught:
        space.draw(np.random.default_rng(0), 1)

    assert str(caught.value) == (
        "product on stack, free dataflow: no mapping fits, B0 would hold 3 words, it has 2"
    )
