"""The map-space: what it draws fits and follows the dataflow, and nothing is left out."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from numpy.typing import NDArray
from scipy import stats

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import ALL, FREE, Dataflow, SlotRule
from codesign.hardware.point import Point
from codesign.mapping import MappingBatch
from codesign.search.exact.exhaustive import enumerate_mappings
from codesign.space.factors import compositions, factorize
from codesign.space.mapping_space import HINTED_SHARE, MapSpace
from codesign.workload import GROUPED_CONV, Layer, load_workload
from tests.budgets import count
from tests.eyeriss import ROW_STATIONARY, budget_of, dataflow_of, eyeriss, point_of
from tests.space.strategies import (
    assert_feasible,
    assert_follows,
    assert_mappings_of,
    distinct,
    feasible_spaces,
    seeds,
    spaces,
)

BUDGET = budget_of(pes=168)
EYERISS = eyeriss("eyeriss-168", point_of(14, 12), BUDGET)
RESNET_K1 = Layer.conv("ResNet-K1", R=3, S=3, P=56, Q=56, C=64, K=64)
NETWORKS = ("resnet", "dqn", "mlp", "transformer")
LAYERS = [layer for name in NETWORKS for layer in load_workload(name).layers]
STRIDED = Layer.conv("strided", R=7, S=7, P=28, Q=28, C=3, K=64, Wstride=2, Hstride=2, Hdilation=2)
GROUPED = Layer.of(GROUPED_CONV, "grouped", G=4, R=3, S=3, P=14, Q=14, C=8, K=16, Wstride=2)
DEPTHWISE = Layer.of(GROUPED_CONV, "depthwise", G=32, R=3, S=3, P=14, Q=14)
SHORT = Layer.conv("short", K=4, C=6)

TINY = Hardware(
    "tiny",
    Arithmetic("MACs", 2, 2),
    (
        StorageLevel("Registers", 9, instances=2, mesh_x=2),
        StorageLevel("Buffer", 24),
        StorageLevel("DRAM", None, technology="DRAM"),
    ),
)
PRIVATE = Hardware(
    "private",
    Arithmetic("MACs", 2, 2),
    (
        StorageLevel("Sums", 2, instances=2, mesh_x=2, keeps=frozenset({"Outputs"})),
        StorageLevel("Buffer", 12, keeps=frozenset({"Inputs", "Outputs"})),
        StorageLevel("DRAM", None, technology="DRAM"),
    ),
)
FLAT = Hardware(
    "flat",
    Arithmetic("MACs", 1, 1),
    (StorageLevel("Buffer", 1000), StorageLevel("DRAM", None, technology="DRAM")),
)

often = settings(max_examples=count(20, 60), deadline=None, suppress_health_check=list(HealthCheck))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def same(one: MappingBatch, other: MappingBatch) -> bool:
    """Whether two batches are the same bytes."""
    names = ("temporal", "order", "spatial", "keep")
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in names)


def encoded_factors(space: MapSpace, points: MappingBatch) -> NDArray[np.float64]:
    """[B, parameters], factors decoded from `encode`, for the parameters that are factors."""
    codes = space.encode(points)
    columns = [i for i, parameter in enumerate(space.parameters) if parameter.name[1] == "."]
    values = [np.array(space.parameters[i].values)[codes[:, i]] for i in columns]
    return np.stack(values, axis=1)


# --- what is drawn is feasible


@often
@given(feasible_spaces(), seeds)
def test_draws_and_neighbours_are_feasible(space: MapSpace, seed: int) -> None:
    """On any list of levels, under any dataflow, for any projection; and so on from there."""
    source = rng(seed)

    drawn = space.draw(source, 40)
    moved = space.mutate(source, drawn, 60)
    moved_on = space.mutate(source, moved, 60)

    for batch, number in ((drawn, 40), (moved, 60), (moved_on, 60)):
        assert len(batch) == number
        assert_feasible(space, batch)


@often
@given(spaces(), seeds)
def test_raw_draws_get_the_cost_models_verdict(space: MapSpace, seed: int) -> None:
    """`violations` is the kernel's verdict; a space said to be empty has no feasible raw draw."""
    raw = space.draw_raw(rng(seed), 200)

    found = space.violations(raw)

    expected = Evaluator(space.layer, space.hardware).price(raw).reason
    assert (found == expected).all()
    if space.problem is not None:
        assert found.all()


@often
@given(feasible_spaces(), seeds)
def test_raw_draws_lie_within_the_dataflow(space: MapSpace, seed: int) -> None:
    """They may not fit, but they are mappings of the layer, and pins and orders hold."""
    raw = space.draw_raw(rng(seed), 50)

    assert_mappings_of(space, raw)
    assert_follows(space.dataflow, space, raw)


@often
@given(feasible_spaces(), seeds)
def test_encodings_and_features_describe_the_points(space: MapSpace, seed: int) -> None:
    """Indices stay within the parameters' values, and features are finite; each has its column."""
    points = space.draw(rng(seed), 30)

    codes, features = space.encode(points), space.features(points)

    sizes = [len(parameter.values) for parameter in space.parameters]
    assert codes.shape == (30, len(sizes))
    assert (codes >= 0).all()
    assert (codes < sizes).all()
    assert len(features) == 30
    assert np.isfinite(features).all()
    assert len({parameter.name for parameter in space.parameters}) == len(sizes)


@pytest.mark.parametrize("layer", [*LAYERS, STRIDED, GROUPED, DEPTHWISE], ids=lambda x: x.name)
@pytest.mark.parametrize("dataflow", [FREE, ROW_STATIONARY], ids=lambda x: x.name)
def test_on_eyeriss(layer: Layer, dataflow: Dataflow) -> None:
    """The paper's twelve layers, and others with strides, dilation and groups."""
    if layer.shape is GROUPED_CONV and dataflow is ROW_STATIONARY:
        dataflow = Dataflow("some", ROW_STATIONARY.rules[:1] + ROW_STATIONARY.rules[4:7])
    space = MapSpace(layer, EYERISS, dataflow)
    source = rng()

    drawn = space.draw(source, 300)

    assert_feasible(space, drawn)
    assert_feasible(space, space.mutate(source, drawn, 300))


@pytest.mark.parametrize(
    "point",
    [
        point_of(21, 8, 4, 200, 16, 4, 1, 4, h11=1, h12=2),
        point_of(42, 4, 8, 8, 1, 14, 14, 1, h11=2, h12=1),
        point_of(168, 1, 1, 2, 216, 168, 168, 1, h11=2, h12=2),
    ],
)
def test_on_arrangements_of_eyeriss(point: Point) -> None:
    """Other meshes, register files and global buffers, with the filter pinned or not."""
    space = MapSpace(RESNET_K1, eyeriss("found", point, BUDGET), dataflow_of(point))
    source = rng()

    drawn = space.draw(source, 300)

    assert_feasible(space, drawn)
    assert_feasible(space, space.mutate(source, drawn, 300))


def test_neighbours_are_near() -> None:
    """Few factors differ, and every parent has its children in turn."""
    space = MapSpace(RESNET_K1, EYERISS)
    parents = space.draw(rng(), 50)

    children = space.mutate(rng(1), parents, 100)

    base = parents[np.tile(np.arange(50), 2)]
    changed = (children.temporal != base.temporal).sum(axis=(1, 2))
    changed += (children.spatial != base.spatial).sum(axis=(1, 2, 3))
    assert changed.max() <= 8
    assert (changed > 0).any()
    assert same(parents, space.draw(rng(), 50))


# --- nothing is left out


def small_spaces() -> list[MapSpace]:
    windows = Layer.conv("windows", P=4, R=3)
    pinned = Dataflow(
        "pinned",
        (
            SlotRule("Registers", "temporal", (("C", 2),), ("K",), ("K", "C")),
            SlotRule("DRAM", "temporal", (), None, ("C", "K")),
        ),
    )
    return [
        MapSpace(Layer.conv("product", K=4, C=2, P=2), TINY),
        MapSpace(windows, TINY),
        MapSpace(Layer.conv("pinned", K=4, C=4), TINY, pinned),
        MapSpace(Layer.conv("private", K=6, C=2), PRIVATE),
        MapSpace(Layer.of(GROUPED_CONV, "grouped", G=2, P=2, K=3), TINY),
    ]


def enumerated(space: MapSpace) -> MappingBatch:
    """All mappings of a space."""
    return space.join(list(enumerate_mappings(space)))


@pytest.mark.parametrize("space", small_spaces(), ids=lambda space: space.layer.name)
def test_every_feasible_mapping_is_drawn(space: MapSpace) -> None:
    """Factors and orders alike: draws are exactly the mappings that enumeration finds."""
    every = enumerated(space)
    drawn: set[bytes] = set()
    source = rng(1)

    for _ in range(40):
        drawn |= distinct(space.draw(source, 20_000))
        if len(drawn) == len(every):
            break

    assert len(every) > 20
    assert len(distinct(every)) == len(every)
    assert drawn == distinct(every)


@pytest.mark.parametrize("space", small_spaces(), ids=lambda space: space.layer.name)
def test_enumeration_finds_what_is_feasible(space: MapSpace) -> None:
    """The raw space, filtered by the cost model, has just the mappings that are enumerated."""
    raw = space.draw_raw(rng(), 60_000)

    valid = Evaluator(space.layer, space.hardware).price(raw).valid

    assert distinct(raw[valid]) == distinct(enumerated(space))


@pytest.mark.parametrize("space", small_spaces(), ids=lambda space: space.layer.name)
def test_neighbours_reach_everything(space: MapSpace) -> None:
    """From one mapping, moves lead to every other one."""
    every = distinct(enumerated(space))
    source = rng(2)
    batch = space.mutate(source, space.draw(source, 1), 2000)
    reached = distinct(batch)

    for _ in range(100):
        batch = space.mutate(source, batch, 2000)
        reached |= distinct(batch)

    assert reached == every


# --- raw draws


def test_raw_factorisations_are_equally_likely() -> None:
    """A chi-square test over all 3·2·2 ways to split K = 4 and C = 6 over two levels."""
    space = MapSpace(SHORT, FLAT)
    raw = space.draw_raw(rng(5), 24_000)

    counts = Counter(row.tobytes() for row in raw.temporal)

    assert len(counts) == 12
    assert stats.chisquare(list(counts.values())).pvalue > 0.01


def test_raw_orders_are_equally_likely() -> None:
    """Every level has all permutations of its dimensions, independently of the other's."""
    space = MapSpace(SHORT, FLAT)
    raw = space.draw_raw(rng(6), 24_000)
    wanted = [SHORT.shape.index(name) for name in "PCK"]

    places = np.argsort(raw.order, axis=2)[:, :, wanted]

    counts = Counter(tuple(np.argsort(row, axis=1).ravel().tolist()) for row in places)
    assert len(counts) == math.factorial(3) ** 2
    assert stats.chisquare(list(counts.values())).pvalue > 0.01


@pytest.mark.parametrize(("total", "parts"), [(3, 1), (1, 4), (3, 3), (5, 2)])
def test_compositions_are_equally_likely(total: int, parts: int) -> None:
    """All of them occur, at one rate."""
    rows = compositions(rng(7), 20_000, total, parts)

    counts = Counter(map(tuple, rows.tolist()))

    assert (rows.sum(axis=1) == total).all()
    assert len(counts) == math.comb(total + parts - 1, parts - 1)
    if len(counts) > 1:
        assert stats.chisquare(list(counts.values())).pvalue > 0.01


def test_the_raw_space_has_its_size() -> None:
    """Factorisations times loop orders, counted by hand and by drawing."""
    space = MapSpace(SHORT, FLAT)

    assert space.size() == 12 * math.factorial(2) ** 2
    assert MapSpace(RESNET_K1, EYERISS, ROW_STATIONARY).size() == (
        # Q = 2³·7 over two slots, C = 2⁶ over three, K = 2⁶ over five.
        (4 * 2) * math.comb(8, 2) * math.comb(10, 4)
    )


def test_prime_factors() -> None:
    """With their powers, ascending."""
    assert factorize(1) == ()
    assert factorize(97) == ((97, 1),)
    assert factorize(360) == ((2, 3), (3, 2), (5, 1))


# --- rejection


def test_rejection_keeps_the_feasible_in_order() -> None:
    """It returns the first feasible raw draws, and counts up to the last of them."""
    space = MapSpace(RESNET_K1, EYERISS, ROW_STATIONARY)
    raw = space.draw_raw(rng(3), 4096)
    rows = np.flatnonzero(space.violations(raw) == 0)

    kept, drawn = space.reject(rng(3), 20)

    assert same(kept, raw[rows[:20]])
    assert drawn == rows[19] + 1
    assert_feasible(space, kept)


def test_rejection_goes_on_over_chunks() -> None:
    """As many draws as it takes, in whatever portions."""
    space = MapSpace(RESNET_K1, EYERISS, ROW_STATIONARY)

    kept, drawn = space.reject(rng(3), 700)

    assert len(kept) == 700
    assert drawn > 4096
    assert_feasible(space, kept)


@pytest.mark.parametrize("most", [1, 100, 5000])
def test_rejection_gives_up(most: int) -> None:
    """Free mappings of ResNet hardly ever fit by chance: the draws are spent, no more."""
    space = MapSpace(RESNET_K1, EYERISS)

    kept, drawn = space.reject(rng(0), 150, most_draws=most)

    assert drawn == most
    assert len(kept) < 150


def test_rejection_of_impossible_pins_finds_nothing() -> None:
    """No factorisation of K = 4 has a 3 in it."""
    space = MapSpace(SHORT, FLAT, Dataflow("odd", (SlotRule("Buffer", "temporal", (("K", 3),)),)))
    assert space.problem is not None

    with pytest.raises(InputError, match="cannot be split"):
        space.reject(rng(), 10, most_draws=1000)


# --- determinism


@pytest.mark.parametrize("dataflow", [FREE, ROW_STATIONARY], ids=lambda x: x.name)
def test_same_seed_same_bytes(dataflow: Dataflow) -> None:
    """Whatever was drawn from the space before."""
    first, again = (MapSpace(RESNET_K1, EYERISS, dataflow, (ROW_STATIONARY,)) for _ in range(2))
    again.draw(rng(9), 17)
    again.features(again.draw(rng(8), 5))

    for sample in (MapSpace.draw, MapSpace.draw_raw):
        assert same(sample(first, rng(4), 100), sample(again, rng(4), 100))
    parents = first.draw(rng(4), 10)
    assert same(first.mutate(rng(5), parents, 50), again.mutate(rng(5), parents, 50))


def test_other_seed_other_draws() -> None:
    """The draws depend on the seed."""
    space = MapSpace(RESNET_K1, EYERISS)

    assert not same(space.draw(rng(4), 100), space.draw(rng(5), 100))


# --- hints


def is_row_stationary(space: MapSpace, batch: MappingBatch) -> NDArray[np.bool_]:
    """[B], whether the filter and the output columns stand where Eyeriss has them."""
    r, s, p = (space.layer.shape.index(name) for name in "RSP")
    layer = space.layer
    return (
        (batch.temporal[:, 1, r] == layer.size("R"))
        & (batch.spatial[:, 3, 1, s] == layer.size("S"))
        & (batch.temporal[:, 4, p] == layer.size("P"))
    )


def test_a_share_of_draws_follows_the_hint() -> None:
    """A quarter of them, all of which lie within the space; without a hint hardly any."""
    hinted = MapSpace(RESNET_K1, EYERISS, FREE, (ROW_STATIONARY,))
    drawn = hinted.draw(rng(), 4000)

    share = is_row_stationary(hinted, drawn).mean()

    assert share == pytest.approx(HINTED_SHARE, abs=0.03)
    assert_feasible(hinted, drawn)
    assert_feasible(hinted, hinted.mutate(rng(), drawn, 500))
    plain = MapSpace(RESNET_K1, EYERISS)
    assert is_row_stationary(plain, plain.draw(rng(), 4000)).mean() < 0.02


def test_hinted_draws_can_be_encoded() -> None:
    """What the hint pins is a factor like any other in the space that takes it."""
    space = MapSpace(RESNET_K1, EYERISS, FREE, (ROW_STATIONARY,))
    points = space.draw(rng(), 500)

    factors = encoded_factors(space, points)

    names = [p.name for p in space.parameters if p.name[1] == "."]
    r = names.index("R.WeightRegFile")
    assert (factors[:, r] == points.temporal[:, 1, space.layer.shape.index("R")]).all()
    assert np.isfinite(space.features(points)).all()


@pytest.mark.parametrize(
    "hint",
    [
        pytest.param(
            Dataflow("unfit", (SlotRule("PsumRegFile", "temporal", (("K", ALL),)),)), id="no-room"
        ),
        pytest.param(FREE, id="the-same-dataflow"),
    ],
)
def test_useless_hints_are_ignored(hint: Dataflow) -> None:
    """A hint that has no mapping of its own, or adds nothing, changes no draw."""
    plain, hinted = MapSpace(RESNET_K1, EYERISS), MapSpace(RESNET_K1, EYERISS, FREE, (hint,))

    assert same(plain.draw(rng(), 200), hinted.draw(rng(), 200))


def test_hints_outside_the_space_are_ignored() -> None:
    """A space with other pins takes none of row-stationary's draws."""
    other = Dataflow("other", (SlotRule("WeightRegFile", "temporal", (("R", 1),)),))
    plain, hinted = (MapSpace(RESNET_K1, EYERISS, other, h) for h in ((), (ROW_STATIONARY,)))

    assert same(plain.draw(rng(), 200), hinted.draw(rng(), 200))


def test_hints_agree_with_options_that_pin_the_same() -> None:
    """With H11 = H12 = 1 the hint still lies within, since both pin the filter alike."""
    point = point_of(14, 12, h11=1, h12=1)
    space = MapSpace(RESNET_K1, EYERISS, dataflow_of(point), (ROW_STATIONARY,))

    drawn = space.draw(rng(), 1000)

    assert_feasible(space, drawn)
    q, p = space.layer.shape.index("Q"), space.layer.shape.index("P")
    whole = (drawn.temporal[:, 4, p] == 56) & (drawn.temporal[:, :4, q] == 1).all(axis=1)
    assert whole.mean() > 0.15


# --- points as batches


def test_join_keeps_the_order() -> None:
    """Batches one after the other."""
    space = MapSpace(SHORT, FLAT)
    parts = [space.draw(rng(seed), 3) for seed in range(3)]

    joined = space.join(parts)

    assert len(joined) == 9
    assert same(joined[3:6], parts[1])


def test_factors_are_encoded_by_their_index() -> None:
    """Every free slot but the outermost is a parameter; its values are the divisors."""
    space = MapSpace(SHORT, FLAT)
    points = space.draw(rng(), 50)

    found = encoded_factors(space, points)

    assert [p.name for p in space.parameters[:2]] == ["C.Buffer", "K.Buffer"]
    assert space.parameters[0].values == (1, 2, 3, 6)
    columns = [SHORT.shape.index(name) for name in "CK"]
    assert (found == points.temporal[:, 0][:, columns]).all()
