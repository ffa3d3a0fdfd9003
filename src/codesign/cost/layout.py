"""First step of the kernel: the loops and tiles of a mapping, and the check of the rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.compiled import inlined
from codesign.cost.boxes import measure
from codesign.cost.tables import (
    CAPACITY_UNITS,
    ELEMENTS,
    FANOUT_X,
    FANOUT_Y,
    LEAST_UNITS,
    Ints,
    Tables,
)
from codesign.workload.shape import MAX_SLIDING_AXES

EXACT = 2.0**62
"""Products below it, as floats say, do not overflow."""

DIMENSION, BOUND, STEP, OUTER = range(4)
"""Columns of `Layout.loops`."""

FACTOR, DISTANCE = range(2)
"""Columns of `Layout.split`: spatial factor, and the distance between neighbours."""

FANOUT_USED, USED = range(2)
"""Columns of `Layout.use`: children of one instance in use, and instances in use."""


class Layout(NamedTuple):
    """Working memory for one mapping: L levels, D dimensions, W dataspaces.

    Args:
        loops: [n, 4], temporal loops with more than one iteration, innermost first: dimension,
            bound, step (the scale of section 1), and the product of the bounds of this loop and all
            further out. One further row ends the list with a product of 1.
        first: [L + 1], the index of a level's innermost loop.
        split: [L, D, 2], the spatial loops.
        use: [L, 2], children and instances in use.
        tile: [D], sizes of the tile, which grow outwards.
        words: [L, W], words of a level's tile.
        extent: [L, W, A], extents of a level's tile along sliding axes.
        partition: [L, W], different words that an instance holds in the whole run (section 6).
    """

    loops: Ints
    first: Ints
    split: Ints
    use: Ints
    tile: Ints
    words: Ints
    extent: Ints
    partition: Ints


def make_layout(tables: Tables) -> Layout:
    """Working memory for `tables`."""
    levels, (spaces, dimensions) = len(tables.limits), tables.role.shape
    return Layout(
        loops=np.zeros((levels * dimensions + 1, 4), np.int64),
        first=np.zeros(levels + 1, np.int64),
        split=np.zeros((levels, dimensions, 2), np.int64),
        use=np.zeros((levels, 2), np.int64),
        tile=np.zeros(dimensions, np.int64),
        words=np.zeros((levels, spaces), np.int64),
        extent=np.zeros((levels, spaces, MAX_SLIDING_AXES), np.int64),
        partition=np.zeros((levels, spaces), np.int64),
    )


@inlined
def measure_all(role, stride, axes, tile, words, extent, level):
    """Fills words and extents of a level's tile for every dataspace (section 2)."""
    for w in range(role.shape[0]):
        words[level, w] = measure(role, stride, w, axes[w], tile, extent, level)


@inlined
def lay_out(tables, temporal, order, spatial, row, layout):
    """Fills `layout` from mapping `row` of a batch.

    Returns the innermost level whose fan-out the mapping exceeds, or -1 (section 11, rule 1).
    """
    role, stride, axes, limits = tables.role, tables.stride, tables.axes, tables.limits
    loops, first, split, use, tile, words, extent, partition = layout
    levels, spaces = words.shape
    dimensions = len(tile)
    for d in range(dimensions):
        tile[d] = 1
    count = 0
    for level in range(levels):
        along_x, along_y = 1, 1
        for d in range(dimensions):
            x, y = np.int64(spatial[row, level, 0, d]), np.int64(spatial[row, level, 1, d])
            split[level, d, FACTOR] = x * y
            split[level, d, DISTANCE] = tile[d]
            along_x *= x
            along_y *= y
            tile[d] *= x * y
        if along_x > limits[level, FANOUT_X] or along_y > limits[level, FANOUT_Y]:
            return level
        use[level, FANOUT_USED] = along_x * along_y
        if along_x * along_y > 1:
            measure_all(role, stride, axes, tile, words, extent, level)
        for w in range(spaces):
            # The union of the children's tiles, until the partitions are known.
            partition[level, w] = words[level, w]
        first[level] = count
        for position in range(dimensions):
            d = np.uint8(order[row, level, position])
            bound = np.int64(temporal[row, level, d])
            # A loop of one iteration is overwritten by the next one, which is faster than a branch.
            loops[count, DIMENSION] = d
            loops[count, BOUND] = bound
            loops[count, STEP] = tile[d]
            tile[d] *= bound
            count += bound > 1
        if level > 0 and count == first[level] and along_x * along_y == 1:
            for w in range(spaces):
                words[level, w] = words[level - 1, w]
                for a in range(axes[w]):
                    extent[level, w, a] = extent[level - 1, w, a]
        else:
            measure_all(role, stride, axes, tile, words, extent, level)
    first[levels] = count
    product = 1
    loops[count, OUTER] = 1
    for i in range(count - 1, -1, -1):
        product *= loops[i, BOUND]
        loops[i, OUTER] = product
    used = 1
    for level in range(levels - 1, -1, -1):
        use[level, USED] = used
        used *= use[level, FANOUT_USED]
    for w in range(spaces):
        union = partition[levels - 1, w]
        partition[levels - 1, w] = words[levels - 1, w]
        for level in range(levels - 2, -1, -1):
            inner_union = partition[level, w]
            partition[level, w] = partition[level + 1, w]
            if use[level + 1, FANOUT_USED] > 1:
                partition[level, w] = share(partition[level + 1, w], words[level, w], union)
            union = inner_union
    return -1


@inlined
def share(total, part, whole):
    """floor(total · part / whole) for part ≤ whole, also where the product has over 63 bits."""
    if float(total) * float(part) < EXACT:
        return total * part // whole
    # Schoolbook multiplication by two, with the remainder kept below `whole`.
    quotient, rest = np.int64(0), np.int64(0)
    for bit in range(62, -1, -1):
        quotient, rest = 2 * quotient, 2 * rest
        if total >> bit & 1:
            rest += part
        while rest >= whole:
            rest -= whole
            quotient += 1
    return quotient


@inlined
def overfull_level(tables, keep, row, words):
    """The innermost level whose tiles exceed the capacity or miss its least use, or -1.

    `words` [L, W] are those of the levels' tiles.
    """
    limits, rates = tables.limits, tables.rates
    for level in range(words.shape[0]):
        if limits[level, CAPACITY_UNITS] < 0:
            continue
        held = 0
        for w in range(words.shape[1]):
            if np.int64(keep[row, level]) >> w & 1:
                held += words[level, w] * limits[level, ELEMENTS + w]
        if held > limits[level, CAPACITY_UNITS] or held < rates[level, LEAST_UNITS]:
            return level
    return -1
