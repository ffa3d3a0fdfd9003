"""Estimates of the words that a mapping moves, from its tiles and loops alone.

They count as `docs/cost-model.md` does in sections 3 to 7 and 10, in floating point, with these
simplifications: of a sliding window, only the innermost loop that moves it saves words; accesses
are not rounded up to blocks or to clusters. Nothing is priced: no energy enters.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled, inlined
from codesign.cost.boxes import measure
from codesign.cost.tables import IRRELEVANT, PLAIN, Floats, Ints
from codesign.hardware.widths import units
from codesign.space.plan import CAPACITY, KIND
from codesign.space.slots import TEMPORAL, UNBOUNDED, Slots
from codesign.space.tiles import read_row, take_stock

DIMENSION, BOUND, STEP = range(3)
"""Columns of `Gauge.loops`."""

READ_RATE, WRITE_RATE, SHARED_RATE, SHARES = range(4)
"""Columns of `Gauge.rates`. From `SHARES` on, every dataspace has the part of a word of the
bandwidth that an element takes."""


class Gauge(NamedTuple):
    """What estimates need in addition to a plan, and their working memory.

    Args:
        column: [L, W], the column of the words that a level reads and writes; -1 for dataspaces
            that it never keeps. Two more columns have the multiply-accumulates and the cycles.
        rates: [L, 3 + W], bandwidths in words per cycle and instance, and the shares of elements.
        written: [1], the dataspace of outputs.
        loops: [n, 3], temporal loops with more than one iteration, innermost first.
        outer: [n + 1], the product of the bounds of a loop and of all loops outside of it.
        first: [L + 1], the index of a level's innermost loop.
        spreads: [L], whether a level has spatial loops; then its first slots are for them.
        split, distance: [L, D], the spatial factors, and the distance between neighbours.
        used: [L], instances in use.
        demand: [L, 2], words that an instance reads and writes, in those of its bandwidths.
        least: [L], the least that a level must hold, in the units of capacities.
    """

    column: Ints
    rates: Floats
    written: Ints
    loops: Ints
    outer: Floats
    first: Ints
    spreads: NDArray[np.bool_]
    split: Ints
    distance: Ints
    used: Floats
    demand: Floats
    least: Floats


def make_gauge(slots: Slots) -> Gauge:
    """The gauge of a map-space."""
    layer, levels = slots.layer, slots.hardware.levels
    spaces, size = layer.shape.dataspaces, len(layer.sizes)
    kept = np.array([[keep >> w & 1 for w in range(len(spaces))] for keep in slots.keep], np.bool_)
    rates = [
        (
            level.read_bandwidth or math.inf,
            level.write_bandwidth or math.inf,
            level.shared_bandwidth or math.inf,
            *units(level, layer.widths).shares(),
        )
        for level in levels
    ]
    return Gauge(
        column=np.where(kept, np.cumsum(kept).reshape(kept.shape) - 1, -1),
        rates=np.array(rates, np.float64),
        written=np.array([[space.read_write for space in spaces].index(True)]),
        loops=np.zeros((len(levels) * size + 1, 3), np.int64),
        outer=np.zeros(len(levels) * size + 1),
        first=np.zeros(len(levels) + 1, np.int64),
        spreads=np.isin(np.arange(len(levels)), slots.level[slots.kind != TEMPORAL]),
        split=np.ones((len(levels), size), np.int64),
        distance=np.ones((len(levels), size), np.int64),
        used=np.ones(len(levels)),
        demand=np.zeros((len(levels), 2)),
        least=np.array(
            [
                (level.capacity or 0) * units(level, layer.widths).word * level.min_utilization
                for level in levels
            ]
        ),
    )


def columns_of(gauge: Gauge) -> int:
    """The number of estimates per mapping."""
    return int(gauge.column.max()) + 3


@compiled
def estimate(plan, gauge, bench, order, row, out):
    """Fills `out` [F] for the factors in `bench`, with the loop orders of `order[row]`.

    The words are those of all instances; the cycles are those of the slowest level. The tiles in
    `bench` must be those of the factors (`tiles.take_stock`).
    """
    role, column, rates, demand = plan.role, gauge.column, gauge.rates, gauge.demand
    levels, spaces = column.shape
    list_loops(plan, gauge, bench, order, row)
    macs = 1.0
    for d in range(role.shape[1]):
        macs *= bench.tile[levels - 1, d]
    steps = gauge.outer[0]
    for level in range(levels):
        demand[level, 0] = 0.0
        demand[level, 1] = 0.0
    for f in range(len(out)):
        out[f] = 0.0
    for w in range(spaces):
        is_written = w == gauge.written[0]
        below, parts = macs, 0.0
        if is_written:
            parts = different_sums(plan, gauge, bench, w)
        for level in range(levels):
            if gauge.spreads[level]:
                below /= sharing(plan, gauge, level, w)
                if is_written:
                    for d in range(role.shape[1]):
                        if role[w, d] == IRRELEVANT:
                            parts /= gauge.split[level, d]
            if not np.int64(bench.keep[level]) >> w & 1:
                continue
            reads, writes = below, 0.0
            if is_written:
                reads, writes = below - parts, below
            if level < levels - 1:
                below = fetched(plan, gauge, bench, level, w) * gauge.used[level]
                writes += below
            out[column[level, w]] = reads + writes
            share = rates[level, SHARES + w] / (gauge.used[level] * steps)
            demand[level, 0] += reads * share
            demand[level, 1] += writes * share
    slowest = 1.0
    for level in range(levels):
        slowest = max(slowest, demand[level, 0] / rates[level, READ_RATE])
        slowest = max(slowest, demand[level, 1] / rates[level, WRITE_RATE])
        both = demand[level, 0] + demand[level, 1]
        slowest = max(slowest, both / rates[level, SHARED_RATE])
    out[len(out) - 2] = macs
    out[len(out) - 1] = steps * slowest


@inlined
def different_sums(plan, gauge, bench, w):
    """The partial sums of outputs that all MACs have together, each counted where it is."""
    parts = 1.0
    for d in range(plan.role.shape[1]):
        if plan.role[w, d] != IRRELEVANT:
            parts *= bench.tile[len(bench.tile) - 1, d]
        else:
            for level in range(len(gauge.spreads)):
                if gauge.spreads[level]:
                    parts *= gauge.split[level, d]
    return parts


@inlined
def misses_least_use(plan, gauge, bench):
    """Whether a level holds less than the hardware requires."""
    for level in range(len(gauge.least)):
        if gauge.least[level] > 0.0:
            held = 0
            for i in range(plan.first[level], plan.first[level + 1]):
                w = plan.held[i]
                is_kept = bench.keep[level] >> np.int64(w) & 1
                held += bench.words[level, w] * plan.elements[level, w] * is_kept
            if held < gauge.least[level]:
                return True
    return False


@inlined
def list_loops(plan, gauge, bench, order, row):
    """Fills the working memory of `gauge` with loops, instances and distances."""
    slots, factors, loops, used = plan.slots, bench.factors, gauge.loops, gauge.used
    levels, size = gauge.split.shape
    slot, count = 0, 0
    for level in range(levels):
        gauge.first[level] = count
        for d in range(size):
            gauge.distance[level, d] = bench.tile[level - 1, d] if level > 0 else 1
        if gauge.spreads[level]:
            for d in range(size):
                gauge.split[level, d] = 1
            while slots[slot, KIND] != TEMPORAL:
                for d in range(size):
                    gauge.split[level, d] *= factors[slot, d]
                slot += 1
        for i in range(size):
            d = np.uint8(order[row, level, i])
            # A loop of one iteration is overwritten by the next one.
            loops[count, DIMENSION] = d
            loops[count, BOUND] = factors[slot, d]
            loops[count, STEP] = gauge.distance[level, d] * gauge.split[level, d]
            count += factors[slot, d] > 1
        slot += 1
    gauge.first[levels] = count
    gauge.outer[count] = 1.0
    for i in range(count - 1, -1, -1):
        gauge.outer[i] = gauge.outer[i + 1] * loops[i, BOUND]
    used[levels - 1] = 1.0
    for level in range(levels - 2, -1, -1):
        used[level] = used[level + 1]
        if gauge.spreads[level + 1]:
            for d in range(size):
                used[level] *= gauge.split[level + 1, d]


@inlined
def sharing(plan, gauge, level, w):
    """How many children of one instance need the same word of dataspace w, on average."""
    role, split, distance = plan.role, gauge.split, gauge.distance
    shared = 1.0
    for d in range(role.shape[1]):
        factor = split[level, d]
        if factor == 1:
            continue
        if role[w, d] == IRRELEVANT:
            shared *= factor
        elif role[w, d] > PLAIN:
            for e in range(d):
                if role[w, e] == role[w, d] and split[level, e] > 1:
                    # Two loops move along one axis: children on a diagonal coincide.
                    p = distance[level, d] * plan.stride[w, d]
                    q = distance[level, e] * plan.stride[w, e]
                    reach = (factor - 1) * p + (split[level, e] - 1) * q
                    a, b = p, q
                    while b:
                        a, b = b, a % b
                    both = factor * split[level, e]
                    shared *= both / min(both, reach // a + 1)
    return shared


@inlined
def fetched(plan, gauge, bench, level, w):
    """The words of dataspace w that one instance of a level receives in the whole run."""
    role, loops = plan.role, gauge.loops
    if plan.levels[level, CAPACITY] == UNBOUNDED:
        # The workbench has the words of bounded levels only.
        bench.words[level, w] = measure(
            role, plan.stride, w, bench.extent.shape[2], bench.tile[level], bench.extent, level
        )
    words = bench.words[level, w]
    i, end = gauge.first[level + 1], gauge.first[len(gauge.first) - 1]
    while i < end and role[w, loops[i, DIMENSION]] == IRRELEVANT:
        i += 1
    if i == end:
        return float(words)
    d, bound = loops[i, DIMENSION], loops[i, BOUND]
    axis = role[w, d]
    if axis > PLAIN:
        share = float(loops[i, STEP] * plan.stride[w, d]) / bench.extent[level, w, axis - 1]
        if share < 1.0:
            return words * (1.0 + (bound - 1) * share) * gauge.outer[i + 1]
    return words * gauge.outer[i]


@compiled
def estimate_all(plan, gauge, bench, temporal, order, spatial, keep, out):
    """Fills `out` [B, F] with the estimates for a batch."""
    for row in range(len(temporal)):
        read_row(plan.slots, bench.factors, temporal, spatial, row)
        for level in range(len(plan.levels)):
            bench.keep[level] = keep[row, level]
        take_stock(plan, bench)
        estimate(plan, gauge, bench, order, row, out[row])
