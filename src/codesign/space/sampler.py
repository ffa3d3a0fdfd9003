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
        kind, stride: [W, D], as in `cost.tables`.
    """

    slots: Ints
    levels: Ints
    dimensions: Ints
    pairs: Ints
    fixed: Ints
    orders: Ints
    divisors: Ints
    kind: Ints
    stride: Ints


class Workbench(NamedTuple):
    """Working memory of one draw: factors [n, D], tile [L, D], words [L, W], extent [L, W, A]."""

    factors: Ints
    left: Ints
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
    levels = [
        (UNBOUNDED if level.capacity is None else level.capacity, keep, order is None)
        for level, keep, order in zip(hardware.levels, slots.keep, slots.orders, strict=True)
    ]
    movable = slots.free & (slots.left > 1)
    movable[slots.outermost, np.arange(size)] = False
    return Plan(
        slots=np.stack([slots.level, slots.kind, np.array(limits)], axis=1),
        levels=np.array(levels, np.int64),
        dimensions=np.stack([slots.left, slots.outermost, [len(v) for v in lists]], axis=1),
        pairs=np.argwhere(movable).astype(np.int64),
        fixed=slots.fixed,
        orders=np.array([order or tuple(range(size)) for order in slots.orders], np.int64),
        divisors=table,
        kind=kind,
        stride=stride,
    )


def make_workbench(plan: Plan) -> Workbench:
    """Working memory for draws from `plan`."""
    levels, (spaces, size) = len(plan.levels), plan.kind.shape
    return Workbench(
        factors=np.ones_like(plan.fixed),
        left=np.ones(size, np.int64),
        pairs=plan.pairs.copy(),
        tile=np.ones((levels, size), np.int64),
        words=np.ones((levels, spaces), np.int64),
        extent=np.ones((levels, spaces, MAX_SLIDING_AXES), np.int64),
    )


@inlined
def next_uniform(seeds):
    """A uniform number in [0, 1) from the SplitMix64 stream whose state is `seeds[0]`."""
    seeds[0] += np.uint64(0x9E3779B97F4A7C15)
    z = seeds[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53


@compiled
def remeasure(kind, stride, tile, words, extent, level):
    """Brings words and extents of a level up to date with its tile."""
    for w in range(kind.shape[0]):
        size = 1
        for a in range(extent.shape[2]):
            extent[level, w, a] = 1
        for d in range(kind.shape[1]):
            if kind[w, d] == PLAIN:
                size *= tile[level, d]
            elif kind[w, d] > PLAIN:
                extent[level, w, kind[w, d] - 1] += (tile[level, d] - 1) * stride[w, d]
        for a in range(extent.shape[2]):
            size *= extent[level, w, a]
        words[level, w] = size


@compiled
def start(slots, levels, dimensions, fixed, kind, stride, factors, left, tile, words, extent):
    """The least mapping: everything that is not pinned in its outermost slot."""
    for d in range(len(dimensions)):
        left[d] = dimensions[d, LEFT]
        for slot in range(len(slots)):
            factors[slot, d] = fixed[slot, d]
        if dimensions[d, OUTERMOST] >= 0:
            factors[dimensions[d, OUTERMOST], d] *= left[d]
    take_stock(slots, levels, kind, stride, factors, tile, words, extent)


@compiled
def take_stock(slots, levels, kind, stride, factors, tile, words, extent):
    """Measures the tiles of all levels from the factors."""
    slot = 0
    for level in range(len(levels)):
        for d in range(factors.shape[1]):
            tile[level, d] = tile[level - 1, d] if level > 0 else 1
        while slot < len(slots) and slots[slot, LEVEL] == level:
            for d in range(factors.shape[1]):
                tile[level, d] *= factors[slot, d]
            slot += 1
        remeasure(kind, stride, tile, words, extent, level)


@compiled
def most_that_fits(levels, kind, stride, tile, words, extent, first, last, d):
    """The largest factor by which d can grow on levels `first` … `last` - 1 (section 2).

    What a level holds is linear in the factor: a dimension enters every dataspace once, as a
    factor of its size or as a step along one of its sliding axes.
    """
    most = UNBOUNDED
    for level in range(first, last):
        if levels[level, CAPACITY] >= UNBOUNDED:
            continue
        constant, slope = 0, 0
        for w in range(kind.shape[0]):
            if not levels[level, KEEP] >> w & 1:
                continue
            if kind[w, d] == IRRELEVANT:
                constant += words[level, w]
            elif kind[w, d] == PLAIN:
                slope += words[level, w]
            else:
                across = words[level, w] // extent[level, w, kind[w, d] - 1]
                step = across * tile[level, d] * stride[w, d]
                constant += words[level, w] - step
                slope += step
        if slope > 0:
            most = min(most, (levels[level, CAPACITY] - constant) // slope)
    return most


@compiled
def room(
    slots, levels, dimensions, table, kind, stride, factors, left, tile, words, extent, slot, d
):
    """How many of the divisors of what is left of d, ascending, could stand in `slot`."""
    outermost = slots[dimensions[d, OUTERMOST], LEVEL]
    most = most_that_fits(
        levels, kind, stride, tile, words, extent, slots[slot, LEVEL], outermost, d
    )
    if slots[slot, KIND] != TEMPORAL:
        spread = 1
        for other in range(factors.shape[1]):
            spread *= factors[slot, other]
        most = min(most, slots[slot, LIMIT] // spread)
    most = min(most, left[d])
    count = 0
    for i in range(dimensions[d, DIVISORS]):
        if table[d, i] > most:
            break
        if left[d] % table[d, i] == 0:
            count += 1
    return count


@compiled
def place(slots, dimensions, kind, stride, factors, left, tile, words, extent, slot, d, factor):
    """Moves a factor of d from its outermost slot into `slot`, and grows the tiles between."""
    outermost = dimensions[d, OUTERMOST]
    left[d] //= factor
    factors[slot, d] *= factor
    factors[outermost, d] //= factor
    for level in range(slots[outermost, LEVEL], slots[slot, LEVEL]):
        # The slot lies further out than what is left stood: tiles between shrink.
        tile[level, d] //= factor
        remeasure(kind, stride, tile, words, extent, level)
    for level in range(slots[slot, LEVEL], slots[outermost, LEVEL]):
        for w in range(kind.shape[0]):
            if kind[w, d] == PLAIN:
                words[level, w] *= factor
            elif kind[w, d] > PLAIN:
                a = kind[w, d] - 1
                across = words[level, w] // extent[level, w, a]
                extent[level, w, a] += (factor - 1) * tile[level, d] * stride[w, d]
                words[level, w] = across * extent[level, w, a]
        tile[level, d] *= factor


@inlined
def nth_divisor(table, left, d, n):
    """The n-th of the divisors of what is left of d."""
    i = 0
    while True:
        if left[d] % table[d, i] == 0:
            if n == 0:
                return table[d, i]
            n -= 1
        i += 1


@compiled
def draw(plan, bench, seeds, temporal, order, spatial):
    """Fills a batch with independent feasible mappings.

    Every draw has a temper of its own: how much it prefers large factors, and whether it fills
    the array before the buffers. Between them they reach every feasible mapping.
    """
    slots, levels, dimensions, listed, fixed, orders, table, kind, stride = plan
    factors, left, pairs, tile, words, extent = bench
    for row in range(len(temporal)):
        start(slots, levels, dimensions, fixed, kind, stride, factors, left, tile, words, extent)
        greed = 4.0 * next_uniform(seeds)
        is_array_first = next_uniform(seeds) < 0.5
        for i in range(len(pairs)):
            j = int(next_uniform(seeds) * (i + 1))
            for column in range(2):
                pairs[i, column] = pairs[j, column]
                pairs[j, column] = listed[i, column]
        for turn in range(2):
            for i in range(len(pairs)):
                slot, d = pairs[i, SLOT], pairs[i, DIMENSION]
                is_early = slots[slot, KIND] != TEMPORAL and is_array_first
                if is_early != (turn == 0) or left[d] == 1:
                    continue
                count = room(
                    slots, levels, dimensions, table, kind, stride,
                    factors, left, tile, words, extent, slot, d,
                )  # fmt: skip
                if count > 1:
                    preference = greed if slots[slot, KIND] != TEMPORAL else 0.25 * greed
                    share = next_uniform(seeds) ** (1.0 / (1.0 + preference))
                    n = min(count - 1, int(count * share))
                    factor = nth_divisor(table, left, d, n)
                    place(
                        slots, dimensions, kind, stride,
                        factors, left, tile, words, extent, slot, d, factor,
                    )  # fmt: skip
        write_row(slots, factors, temporal, spatial, row)
        for level in range(len(levels)):
            shuffle_order(levels, orders, kind, seeds, order, row, level)


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
def is_feasible(slots, levels, factors, words):
    """Whether measured factors keep to every fanout and capacity."""
    for slot in range(len(slots)):
        if slots[slot, KIND] != TEMPORAL:
            spread = 1
            for d in range(factors.shape[1]):
                spread *= factors[slot, d]
            if spread > slots[slot, LIMIT]:
                return False
    for level in range(len(levels)):
        held = 0
        for w in range(words.shape[1]):
            if levels[level, KEEP] >> w & 1:
                held += words[level, w]
        if held > levels[level, CAPACITY]:
            return False
    return True
