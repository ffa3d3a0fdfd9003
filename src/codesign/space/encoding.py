"""Mappings as numbers: the parameters that searches model, and the features of surrogates."""

from __future__ import annotations

import math

import numpy as np

from codesign.compiled import compiled
from codesign.cost.tables import IRRELEVANT
from codesign.space.sampler import (
    CAPACITY,
    DIMENSION,
    KEEP,
    KIND,
    LIMIT,
    SLOT,
    read_row,
    take_stock,
)
from codesign.space.slots import TEMPORAL, UNBOUNDED

INNERMOST = 2
"""How many loops of a level, counted from the innermost, are parameters of their own."""

MOST_OCTAVES = 48
"""Traffic is told apart by powers of two, up to this one."""


@compiled
def encode(plan, bench, ordered, temporal, order, spatial, out):
    """Fills `out` [B, m + 2·o + 1 + k] with whole numbers.

    The index of every free factor among the divisors of what is left of its dimension; for the
    o levels `ordered`, the dimensions of the innermost loops (D where a level has fewer); and,
    rounded to powers of two, the features that `describe` derives: idle processing elements and
    the traffic into each of the k kept tiles.
    """
    slots, levels, _, pairs, fixed, _, table, kind, stride = plan
    factors, _, _, tile, words, extent = bench
    size = factors.shape[1]
    for row in range(len(temporal)):
        read_row(slots, factors, temporal, spatial, row)
        take_stock(slots, levels, kind, stride, factors, tile, words, extent)
        for p in range(len(pairs)):
            slot, d = pairs[p, SLOT], pairs[p, DIMENSION]
            factor = factors[slot, d] // fixed[slot, d]
            i = 0
            while table[d, i] != factor:
                i += 1
            out[row, p] = i
        column = len(pairs)
        for o in range(len(ordered)):
            level = ordered[o]
            found = 0
            for i in range(size):
                d = order[row, level, i]
                if temporal[row, level, d] > 1 and found < INNERMOST:
                    out[row, column + found] = d
                    found += 1
            for rest in range(found, INNERMOST):
                out[row, column + rest] = size
            column += INNERMOST
        out[row, column] = int(4 * (spread_limit(slots) - spread(slots, factors)) + 0.5)
        column += 1
        for level in range(len(levels)):
            for w in range(kind.shape[0]):
                if levels[level, KEEP] >> w & 1 and levels[level, CAPACITY] < UNBOUNDED:
                    fetched = traffic(kind, temporal, order, spatial, words, row, level, w)
                    out[row, column] = min(MOST_OCTAVES, int(fetched + 0.5))
                    column += 1


@compiled
def describe(plan, bench, temporal, order, spatial, out):
    """Fills `out` [B, F] with features, all in log2.

    One a free factor; the processing elements in use; and for every level and dataspace that it
    keeps, the words of the tile and those that all its instances fetch.
    """
    slots, levels, _, pairs, _, _, _, kind, stride = plan
    factors, _, _, tile, words, extent = bench
    for row in range(len(temporal)):
        read_row(slots, factors, temporal, spatial, row)
        take_stock(slots, levels, kind, stride, factors, tile, words, extent)
        column = len(pairs)
        for p in range(column):
            slot, d = pairs[p, SLOT], pairs[p, DIMENSION]
            out[row, p] = math.log2(factors[slot, d])
        out[row, column] = spread(slots, factors)
        column += 1
        for level in range(len(levels)):
            for w in range(kind.shape[0]):
                if not levels[level, KEEP] >> w & 1 or levels[level, CAPACITY] >= UNBOUNDED:
                    continue
                out[row, column] = math.log2(words[level, w])
                out[row, column + 1] = traffic(kind, temporal, order, spatial, words, row, level, w)
                column += 2


@compiled
def spread(slots, factors):
    """log2 of the processing elements in use."""
    busy = 1.0
    for slot in range(len(slots)):
        if slots[slot, KIND] != TEMPORAL:
            for d in range(factors.shape[1]):
                busy *= factors[slot, d]
    return math.log2(busy)


@compiled
def spread_limit(slots):
    """log2 of the processing elements that there are."""
    total = 1.0
    for slot in range(len(slots)):
        if slots[slot, KIND] != TEMPORAL:
            total *= slots[slot, LIMIT]
    return math.log2(total)


@compiled
def traffic(kind, temporal, order, spatial, words, row, level, w):
    """log2 of the words of dataspace w that all instances of a level fetch.

    An estimate, without windows that overlap: the tile once for every iteration above it but
    those of the innermost run of irrelevant loops (`docs/cost-model.md`, section 3a).
    """
    total = np.float64(words[level, w])
    is_kept = True
    for outer in range(level + 1, temporal.shape[1]):
        for d in range(order.shape[2]):
            total *= np.int64(spatial[row, outer, 0, d]) * spatial[row, outer, 1, d]
        for i in range(order.shape[2]):
            d = order[row, outer, i]
            bound = temporal[row, outer, d]
            if bound > 1:
                is_kept = is_kept and kind[w, d] == IRRELEVANT
                if not is_kept:
                    total *= bound
    return math.log2(total)
