"""Kernels that draw and move feasible mappings without a rejected draw.

A mapping in the making keeps what is left of every dimension in its outermost free slot, where
it costs no capacity. Factors move inwards one by one, each chosen among those that still fit.
Since tiles only grow, what fits half-way can always be completed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled, inlined
from codesign.cost.tables import IRRELEVANT, PLAIN, Ints
from codesign.space.slots import TEMPORAL, UNBOUNDED, Slots, divisors
from codesign.workload.shape import MAX_SLIDING_AXES

LEVEL, KIND, LIMIT = range(3)
"""Columns of `Plan.slots`; the limit is the fanout of a spatial slot."""

SLOT, DIMENSION = range(2)
"""Columns of `Plan.pairs`."""

LEFT, OUTERMOST, DIVISORS = range(3)
"""Columns of `Plan.dimensions`; the last is how many divisors `left` has."""

CAPACITY, KEEP, ORDER_IS_FREE = range(3)
"""Columns of `Plan.levels`."""

Seeds = NDArray[np.uint64]


class Plan(NamedTuple):
    """A map-space as arrays; n slots, D dimensions, L levels, m free (slot, dimension) pairs.

    Args:
        slots: [n, 3]; levels: [L, 3]; dimensions: [D, 3]; pairs: [m, 2].
        fixed: [n, D], pinned factors.
        orders: [L, D], the pinned loop order, or any order where it is free.
        divisors: [D, most], divisors of what is left of a dimension, ascending.
        rank: [D, most, most], of divisor i, how many divisors are no greater than divisor j.
        nth: [D, most, most], of divisor i, which of the dimension's divisors is its n-th.
        first, held: the dataspaces that level l keeps within bounds are
            `held[first[l]]` … `held[first[l + 1] - 1]`; `first` is [L + 1].
        kind, stride: [W, D], as in `cost.tables`.
    """

    slots: Ints
    levels: Ints
    dimensions: Ints
    pairs: Ints
    fixed: Ints
    orders: Ints
    divisors: Ints
    rank: Ints
    nth: Ints
    first: Ints
    held: Ints
    kind: Ints
    stride: Ints


class Workbench(NamedTuple):
    """Working memory of one draw; A sliding axes.

    Args:
        factors: [n, D].
        left: [D], which divisor is still left of a dimension.
        spread: [n], products of factors.
        pairs: [m, 2], in the order in which they take their turn.
        tile: [L, D]; words: [L, W]; extent: [L, W, A].
    """

    factors: Ints
    left: Ints
    spread: Ints
    pairs: Ints
    tile: Ints
    words: Ints
    extent: Ints


def make_plan(slots: Slots, kind: Ints, stride: Ints) -> Plan:
    """The plan of a map-space."""
    hardware, size = slots.hardware, len(slots.layer.sizes)
    limits = [
        UNBOUNDED if k == TEMPORAL else hardware.fanouts[s][k]
        for s, k in zip(slots.level, slots.kind, strict=True)
    ]
    lists = [divisors(int(left)) for left in slots.left]
    table = np.zeros((size, max(map(len, lists))), np.int64)
    for d, values in enumerate(lists):
        table[d, : len(values)] = values
    remainders = table[:, :, np.newaxis] % np.maximum(table[:, np.newaxis], 1)
    divides = (remainders == 0) & (table[:, np.newaxis] > 0)
    levels = [
        (UNBOUNDED if level.capacity is None else level.capacity, keep, order is None)
        for level, keep, order in zip(hardware.levels, slots.keep, slots.orders, strict=True)
    ]
    movable = slots.free & (slots.left > 1)
    movable[slots.outermost, np.arange(size)] = False
    held = [
        [w for w in range(len(kind)) if keep >> w & 1 and capacity < UNBOUNDED]
        for capacity, keep, _ in levels
    ]
    return Plan(
        slots=np.stack([slots.level, slots.kind, np.array(limits)], axis=1),
        levels=np.array(levels, np.int64),
        dimensions=np.stack([slots.left, slots.outermost, [len(v) for v in lists]], axis=1),
        pairs=np.argwhere(movable).astype(np.int64),
        fixed=slots.fixed,
        orders=np.array([order or tuple(range(size)) for order in slots.orders], np.int64),
        divisors=table,
        rank=np.cumsum(divides, axis=2),
        nth=np.argsort(~divides, axis=2, kind="stable"),
        first=np.cumsum([0, *map(len, held)]),
        held=np.array([w for level in held for w in level], np.int64),
        kind=kind,
        stride=stride,
    )


def make_workbench(plan: Plan) -> Workbench:
    """Working memory for draws from `plan`, as it is before the first factor moves.

    That is the least mapping: everything that is not pinned stands in its outermost slot.
    """
    levels, (spaces, size) = len(plan.levels), plan.kind.shape
    factors = plan.fixed.copy()
    outermost = plan.dimensions[:, OUTERMOST]
    (movable,) = np.nonzero(outermost >= 0)
    factors[outermost[movable], movable] *= plan.dimensions[movable, LEFT]
    bench = Workbench(
        factors=factors,
        left=plan.dimensions[:, DIVISORS] - 1,
        spread=factors.prod(axis=1),
        pairs=plan.pairs.copy(),
        tile=np.ones((levels, size), np.int64),
        words=np.ones((levels, spaces), np.int64),
        extent=np.ones((levels, spaces, MAX_SLIDING_AXES), np.int64),
    )
    take_stock(plan, bench)
    return bench


@inlined
def next_uniform(seeds):
    """A uniform number in [0, 1) from the SplitMix64 stream whose state is `seeds[0]`."""
    seeds[0] += np.uint64(0x9E3779B97F4A7C15)
    z = seeds[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53


@inlined
def measure(plan, bench, level, w):
    """Brings words and extents of a dataspace at a level up to date with the tile there."""
    size = 1
    for a in range(bench.extent.shape[2]):
        bench.extent[level, w, a] = 1
    for d in range(plan.kind.shape[1]):
        kind = plan.kind[w, d]
        if kind == PLAIN:
            size *= bench.tile[level, d]
        elif kind > PLAIN:
            bench.extent[level, w, kind - 1] += (bench.tile[level, d] - 1) * plan.stride[w, d]
    for a in range(bench.extent.shape[2]):
        size *= bench.extent[level, w, a]
    bench.words[level, w] = size


@compiled
def take_stock(plan, bench):
    """Measures the tiles of all levels from the factors, and the words where they are bounded."""
    factors, tile = bench.factors, bench.tile
    slot = 0
    for level in range(len(plan.levels)):
        for d in range(factors.shape[1]):
            tile[level, d] = tile[level - 1, d] if level > 0 else 1
        while slot < len(plan.slots) and plan.slots[slot, LEVEL] == level:
            for d in range(factors.shape[1]):
                tile[level, d] *= factors[slot, d]
            slot += 1
        for i in range(plan.first[level], plan.first[level + 1]):
            measure(plan, bench, level, plan.held[i])


@inlined
def room(plan, bench, slot, d):
    """The largest divisor of d's that could stand in `slot`, as its number; 0 for none but 1.

    What a level holds is linear in the factor: a dimension enters every dataspace once, as a
    factor of its size or as a step along one of its sliding axes (section 2).
    """
    most = bench.left[d]
    if plan.slots[slot, KIND] != TEMPORAL:
        spread, limit = bench.spread[slot], plan.slots[slot, LIMIT]
        while most > 0 and spread * plan.divisors[d, most] > limit:
            most -= 1
    level, outermost = plan.slots[slot, LEVEL], plan.slots[plan.dimensions[d, OUTERMOST], LEVEL]
    while level < outermost and most > 0:
        constant, slope = 0, 0
        for i in range(plan.first[level], plan.first[level + 1]):
            w = plan.held[i]
            words, kind = bench.words[level, w], plan.kind[w, d]
            if kind == IRRELEVANT:
                constant += words
            elif kind == PLAIN:
                slope += words
            else:
                extent = bench.extent[level, w, kind - 1]
                step = words // extent * bench.tile[level, d] * plan.stride[w, d]
                constant += words - step
                slope += step
        while most > 0 and constant + slope * plan.divisors[d, most] > plan.levels[level, CAPACITY]:
            most -= 1
        level += 1
    return most


@inlined
def place(plan, bench, slot, d, factor):
    """Moves a factor of d into `slot`, and measures the tiles between it and the outermost one.

    What is left in the outermost slot is not written down before the end (`settle`).
    """
    outermost = plan.dimensions[d, OUTERMOST]
    bench.factors[slot, d] *= factor
    bench.spread[slot] *= factor
    if plan.slots[outermost, KIND] != TEMPORAL:
        bench.spread[outermost] //= factor
    here, there = plan.slots[slot, LEVEL], plan.slots[outermost, LEVEL]
    is_inwards = here < there
    for level in range(min(here, there), max(here, there)):
        before = bench.tile[level, d]
        # Where the slot lies further out than what is left stood, tiles between shrink.
        after = before * factor if is_inwards else before // factor
        bench.tile[level, d] = after
        for i in range(plan.first[level], plan.first[level + 1]):
            w = plan.held[i]
            kind = plan.kind[w, d]
            if kind == PLAIN:
                words = bench.words[level, w]
                bench.words[level, w] = words * factor if is_inwards else words // factor
            elif kind > PLAIN:
                extent = bench.extent[level, w, kind - 1]
                grown = extent + (after - before) * plan.stride[w, d]
                bench.words[level, w] = bench.words[level, w] // extent * grown
                bench.extent[level, w, kind - 1] = grown


@inlined
def settle(plan, bench):
    """Writes what is left of every dimension into its outermost slot."""
    for d in range(len(bench.left)):
        slot = plan.dimensions[d, OUTERMOST]
        if slot >= 0:
            bench.factors[slot, d] = plan.fixed[slot, d] * plan.divisors[d, bench.left[d]]


@compiled
def draw(plan, bench, work, seeds, rows, temporal, order, spatial):
    """Fills rows of a batch, whose factors are 1, with independent feasible mappings.

    Every draw has a temper of its own: how much it prefers large factors, and whether it fills
    the array before the buffers. Between them they reach every feasible mapping.

    Args:
        bench: as `make_workbench` makes it; every draw starts from there.
        work: another one, to work on.
    """
    pairs = work.pairs
    for row in rows:
        restore(bench, work)
        greed = 4.0 * next_uniform(seeds)
        is_array_first = next_uniform(seeds) < 0.5
        for i in range(len(pairs)):
            j = int(next_uniform(seeds) * (i + 1))
            for column in range(2):
                pairs[i, column] = pairs[j, column]
                pairs[j, column] = plan.pairs[i, column]
        for turn in range(2):
            for i in range(len(pairs)):
                slot, d = pairs[i, SLOT], pairs[i, DIMENSION]
                is_spatial = plan.slots[slot, KIND] != TEMPORAL
                left = work.left[d]
                if (is_spatial and is_array_first) != (turn == 0) or left == 0:
                    continue
                count = plan.rank[d, left, room(plan, work, slot, d)]
                if count > 1:
                    preference = greed if is_spatial else 0.25 * greed
                    share = next_uniform(seeds) ** (1.0 / (1.0 + preference))
                    n = min(count - 1, int(count * share))
                    place(plan, work, slot, d, plan.divisors[d, plan.nth[d, left, n]])
                    # Divisors come in pairs of equal product.
                    work.left[d] = plan.nth[d, left, plan.rank[d, left, left] - 1 - n]
        settle(plan, work)
        write_row(plan.slots, work.factors, temporal, spatial, row)
        for level in range(len(plan.levels)):
            shuffle_order(plan.levels, plan.orders, plan.kind, seeds, order, row, level)


@inlined
def restore(bench, work):
    """Makes `work` equal to `bench`, but for the pairs."""
    for slot in range(bench.factors.shape[0]):
        work.spread[slot] = bench.spread[slot]
        for d in range(bench.factors.shape[1]):
            work.factors[slot, d] = bench.factors[slot, d]
    for d in range(len(bench.left)):
        work.left[d] = bench.left[d]
    for level in range(bench.tile.shape[0]):
        for d in range(bench.tile.shape[1]):
            work.tile[level, d] = bench.tile[level, d]
        for w in range(bench.words.shape[1]):
            work.words[level, w] = bench.words[level, w]
            for a in range(bench.extent.shape[2]):
                work.extent[level, w, a] = bench.extent[level, w, a]


@inlined
def shuffle_order(levels, orders, kind, seeds, order, row, level):
    """Writes a level's loop order: the pinned one, or a random one.

    Half of the random ones keep a dataspace stationary: the loops that are irrelevant to it
    stand innermost. Otherwise all orders are equally likely.
    """
    size = orders.shape[1]
    for i in range(size):
        order[row, level, i] = orders[level, i]
    if levels[level, ORDER_IS_FREE]:
        for i in range(1, size):
            j = int(next_uniform(seeds) * (i + 1))
            kept = order[row, level, i]
            order[row, level, i] = order[row, level, j]
            order[row, level, j] = kept
        w = int(next_uniform(seeds) * 2 * kind.shape[0])
        if w < kind.shape[0]:
            inner = 0
            for i in range(size):
                d = order[row, level, i]
                if kind[w, d] == IRRELEVANT:
                    for j in range(i, inner, -1):
                        order[row, level, j] = order[row, level, j - 1]
                    order[row, level, inner] = d
                    inner += 1


@compiled
def write_row(slots, factors, temporal, spatial, row):
    """Writes factors into row `row` of a batch whose other factors are 1."""
    for slot in range(len(slots)):
        level, kind = slots[slot, LEVEL], slots[slot, KIND]
        for d in range(factors.shape[1]):
            if kind == TEMPORAL:
                temporal[row, level, d] = factors[slot, d]
            else:
                spatial[row, level, kind, d] = factors[slot, d]


@compiled
def read_row(slots, factors, temporal, spatial, row):
    """The factors of row `row` of a batch."""
    for slot in range(len(slots)):
        level, kind = slots[slot, LEVEL], slots[slot, KIND]
        for d in range(factors.shape[1]):
            if kind == TEMPORAL:
                factors[slot, d] = temporal[row, level, d]
            else:
                factors[slot, d] = spatial[row, level, kind, d]


@compiled
def is_feasible(plan, bench):
    """Whether measured factors keep to every fanout and capacity."""
    for slot in range(len(plan.slots)):
        if plan.slots[slot, KIND] != TEMPORAL:
            spread = 1
            for d in range(bench.factors.shape[1]):
                spread *= bench.factors[slot, d]
            if spread > plan.slots[slot, LIMIT]:
                return False
    for level in range(len(plan.levels)):
        words = 0
        for i in range(plan.first[level], plan.first[level + 1]):
            words += bench.words[level, plan.held[i]]
        if words > plan.levels[level, CAPACITY]:
            return False
    return True
