"""Padded factors: what they are, and map-spaces whose tiles need not divide a layer's sizes."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.factors import PADDED
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import FREE, Dataflow, SlotRule
from codesign.hardware.files import load_chip
from codesign.mapping import MappingBatch
from codesign.space.factors import (
    MOST_PADDED_SIZE,
    choices,
    divisors,
    padded_sizes,
    quotients,
    tightened,
    ways,
)
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer
from tests.search.tasks import PAIR

FREE_PADDED = replace(FREE, factors=PADDED)
LAYERS = (
    Layer.conv("product", P=197, C=31, K=7),
    Layer.conv("stem", P=57, Q=57, C=3, K=13, R=7, S=7, Wstride=2, Hstride=2),
)


def least_coverings(size: int, places: int) -> set[tuple[int, ...]]:
    """All factors with a product of at least `size` of which none could be smaller."""
    found = set()
    for factors in itertools.product(range(1, size + 1), repeat=places):
        product = math.prod(factors)
        if product >= size and all(product // f * (f - 1) < size for f in factors):
            found.add(factors)
    return found


def products(batch: MappingBatch) -> NDArray[np.int64]:
    return batch.temporal.prod(axis=1, dtype=np.int64) * batch.spatial.prod(
        axis=(1, 2), dtype=np.int64
    )


def bytes_of(batch: MappingBatch) -> bytes:
    """The factors of one mapping, in a form that can be a member of a set."""
    return batch.temporal.tobytes() + batch.spatial.tobytes()


def assert_least(batch: MappingBatch, layer: Layer) -> None:
    """Products cover the sizes, and no factor could be smaller."""
    product = products(batch)
    assert (product >= layer.sizes).all()
    spatial = batch.spatial.reshape(len(batch), -1, product.shape[1])
    for factors in (*np.moveaxis(batch.temporal, 1, 0), *np.moveaxis(spatial, 1, 0)):
        assert (product // factors * (factors - 1) < layer.sizes).all()


# --- numbers


@given(number=st.integers(1, 3000))
def test_quotients_are_closed_and_come_in_pairs(number: int) -> None:
    """Each leaves another one, and what it leaves leaves it."""
    found = quotients(number)

    assert found == tuple(sorted({-(-number // a) for a in range(1, number + 1)}))
    for n, value in enumerate(found):
        left = -(-number // value)
        assert left == found[len(found) - 1 - n]
        assert set(quotients(left)) <= set(found)


@given(number=st.integers(1, 500), factors=st.sampled_from(["divisors", PADDED]))
def test_choices_and_what_they_leave(number: int, factors: str) -> None:
    found = choices(number, factors)

    assert set(divisors(number)) <= set(found)
    for value, left in zip(found, reversed(found), strict=True):
        assert left == -(-number // value)


@pytest.mark.parametrize("size", range(1, 26))
def test_padded_sizes_are_the_products_of_least_coverings(size: int) -> None:
    places = max(1, math.ceil(math.log2(size)))
    wanted = {math.prod(factors) for factors in least_coverings(size, min(places, 3))}

    assert wanted <= set(padded_sizes(size))
    assert padded_sizes(size)[0] == size
    assert max(padded_sizes(size)) < 2 * size


@pytest.mark.parametrize("size", [5, 7, 8, 11, 12])
def test_every_padded_size_has_padded_factors(size: int) -> None:
    places = math.ceil(math.log2(2 * size))
    wanted = {math.prod(factors) for factors in least_coverings(size, min(places, 4))}

    assert {n for n in padded_sizes(size) if len(divisors(n)) <= 4} <= wanted


def test_sizes_without_tables_are_refused() -> None:
    layer = Layer.conv("long", P=MOST_PADDED_SIZE + 1)
    with pytest.raises(InputError, match="long: P is 524289, expected at most 524288 with padded"):
        MapSpace(layer, PAIR, FREE_PADDED)
    with pytest.raises(InputError, match="factors is 'padd', expected divisors or padded"):
        Dataflow("free", factors="padd")


@given(
    size=st.integers(1, 400),
    factors=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    data=st.data(),
)
def test_tightened_factors_are_least(size: int, factors: list[int], data: st.DataObject) -> None:
    outermost = data.draw(st.integers(0, len(factors) - 1))
    (found,) = tightened(np.array([factors]), size, outermost).tolist()

    product = math.prod(found)
    assert product >= size
    assert all(product // f * (f - 1) < size for f in found)
    assert tightened(np.array([found]), size, outermost).tolist() == [found]


def test_ways_of_a_number() -> None:
    assert ways(12, 3) == 18
    assert ways(1, 4) == 1


# --- map-spaces


@pytest.mark.parametrize("chip_name", ["eyeriss-168", "gemmini", "nvdla", "simba"])
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_draws_and_neighbours_fit_and_pad_no_more_than_they_must(
    chip_name: str, layer: Layer
) -> None:
    """And read back from their numbers."""
    chip = load_chip(chip_name)
    space = MapSpace(layer, chip.hardware, FREE_PADDED)
    rng = np.random.default_rng(0)
    drawn = space.draw(rng, 500)
    moved = space.mutate(rng, drawn, 500)
    evaluator = Evaluator(layer, chip.hardware)

    for batch in (drawn, moved):
        assert evaluator.price(batch).valid.all()
        assert (space.violations(batch) == 0).all()
        assert_least(batch, layer)
        again, fits = space.decode(space.locate(batch))
        assert fits.all()
        assert (again.temporal == batch.temporal).all()
        assert (again.spatial == batch.spatial).all()
        highest = [len(p.values) for p in space.parameters]
        assert (space.encode(batch) < highest).all()
    is_padded = (products(drawn) > layer.sizes).any(axis=1)
    assert 0.2 < is_padded.mean() < 0.9
    assert (moved.temporal != drawn.temporal).any()
    assert_least(space.draw_raw(rng, 200), layer)
    low = [len(p.values) for p in space.coordinates]
    assert_least(space.decode(rng.integers(0, low, (200, len(low))))[0], layer)


def test_every_padded_mapping_can_be_drawn() -> None:
    layer = Layer.conv("small", P=5, K=3)
    space = MapSpace(layer, PAIR, FREE_PADDED)
    drawn = space.draw(np.random.default_rng(0), 20_000)
    found = {bytes_of(drawn[row : row + 1]) for row in range(len(drawn))}
    wanted = set()
    slots = list(zip(space.slots.level.tolist(), space.slots.kind.tolist(), strict=True))
    coverings = [
        [(1,) * len(slots)] if size == 1 else sorted(least_coverings(size, len(slots)))
        for size in layer.sizes
    ]
    for chosen in itertools.product(*coverings):
        factors = np.array(chosen).T[np.newaxis]
        if space.holds(factors)[0]:
            batch = space.blank(1)
            for slot, (level, kind) in enumerate(slots):
                if kind == 2:
                    batch.temporal[0, level] = factors[0, slot]
                else:
                    batch.spatial[0, level, kind] = factors[0, slot]
            wanted.add(bytes_of(batch))

    assert wanted
    assert found == wanted


def test_pinned_factors_may_pad() -> None:
    """Row-stationary on Eyeriss: rows of the filter fit, and the rest is one level further out."""
    chip = replace(load_chip("eyeriss-168"), factors=PADDED)
    layer = Layer.conv("tall", R=13, S=13, P=29, Q=29, C=7, K=5)
    space = MapSpace(layer, chip.hardware, chip.dataflow("row-stationary"), chip.hints)
    batch = space.draw(np.random.default_rng(0), 200)

    assert (products(batch) >= layer.sizes).all()
    assert Evaluator(layer, chip.hardware).price(batch).valid.all()


def test_draws_that_follow_a_hint_are_as_small_as_can_be() -> None:
    """A hint may pin 4 of 9, which pads more than 3 of 9 does, and no coordinate has it."""
    levels = (
        StorageLevel("RF", 640, 16, 16, technology="RegFile"),
        StorageLevel("DRAM", None, technology="DRAM"),
    )
    hardware = Hardware("row", Arithmetic("MACs", 16, 16), levels)
    hint = Dataflow("hint", (SlotRule("DRAM", "spatial-x", (("K", 4),)),))
    layer = Layer.conv("layer", K=9, C=5, P=10)
    space = MapSpace(layer, hardware, FREE_PADDED, (hint,))
    batch = space.draw(np.random.default_rng(0), 300)

    assert_least(batch, layer)
    assert Evaluator(layer, hardware).price(batch).valid.all()
    assert (space.encode(batch) < [len(each.values) for each in space.parameters]).all()
    assert (space.decode(space.locate(batch))[0].temporal == batch.temporal).all()


def test_divisors_are_drawn_as_before_and_timeloops_search_asks_for_them() -> None:
    layer = LAYERS[0]
    space = MapSpace(layer, PAIR)
    assert (products(space.draw(np.random.default_rng(0), 50)) == layer.sizes).all()
    with pytest.raises(InputError, match="factors that divide"):
        MapSpace(layer, PAIR, FREE_PADDED).draw_pruned(np.random.default_rng(0), 5, 10)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_streams_repeat(seed: int) -> None:
    space = MapSpace(LAYERS[1], PAIR, FREE_PADDED)
    first, again = (space.draw(np.random.default_rng(seed), 5) for _ in range(2))

    assert (first.temporal == again.temporal).all()
