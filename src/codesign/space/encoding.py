"""Mappings as numbers: the parameters that searches model, and the features of surrogates."""

from __future__ import annotations

import math

import numpy as np

from codesign.compiled import compiled, inlined
from codesign.cost.tables import IRRELEVANT
from codesign.space.plan import DIMENSION, KIND, LIMIT, SLOT
from codesign.space.slots import TEMPORAL
from codesign.space.tiles import read_row, take_stock

INNERMOST = 2
"""How many loops of a level, counted from the innermost, are parameters of their own."""

MOST_OCTAVES = 48
"""Traffic is told apart by powers of two, up to this one."""

LOG2 = np.array([math.log2(max(number, 1)) for number in range(1024)])
"""Logarithms of small numbers, which most factors and tiles are: looking up is faster."""


@compiled
def encode(plan, bench, ordered, temporal, order, spatial, out):
    """Fills `out` [B, m + 2·o + 1 + k] with whole numbers.

    The index of every free factor among the divisors of what is left of its dimension; for the
    o levels `ordered`, the dimensions of the innermost loops (D where a level has fewer); and,
    rounded to powers of two, the features that `describe` derives: idle processing elements and
    the traffic into each of the k kept tiles.
    """
    pairs, factors = plan.pairs, bench.factors
    size, most_spread = factors.shape[1], spread_limit(plan.slots)
    for row in range(len(temporal)):
        read_row(plan.slots, factors, temporal, spatial, row)
        take_stock(plan, bench)
        for p in range(len(pairs)):
            slot, d = pairs[p, SLOT], pairs[p, DIMENSION]
            factor = factors[slot, d] // plan.fixed[slot, d]
            i = 0
            while plan.divisors[d, i] != factor:
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
        out[row, column] = int(4 * (most_spread - spread(plan.slots, factors)) + 0.5)
        column += 1 + len(plan.held)
        above = 1.0
        for level in range(len(plan.levels) - 1, -1, -1):
            for i in range(plan.first[level + 1] - 1, plan.first[level] - 1, -1):
                column -= 1
                fetched = traffic(plan, bench, temporal, order, row, level, plan.held[i], above)
                out[row, column] = min(MOST_OCTAVES, int(fetched + 0.5))
            above *= iterations(temporal, spatial, row, level)


@compiled
def describe(plan, bench, temporal, order, spatial, out):
    """Fills `out` [B, F] with features, all in log2.

    One a free factor; the processing elements in use; and for every level and dataspace that it
    keeps, the words of the tile and those that all its instances fetch.
    """
    pairs, factors = plan.pairs, bench.factors
    for row in range(len(temporal)):
        read_row(plan.slots, factors, temporal, spatial, row)
        take_stock(plan, bench)
        column = len(pairs)
        for p in range(column):
            out[row, p] = log2_of(factors[pairs[p, SLOT], pairs[p, DIMENSION]])
        out[row, column] = spread(plan.slots, factors)
        column += 1 + 2 * len(plan.held)
        above = 1.0
        for level in range(len(plan.levels) - 1, -1, -1):
            for i in range(plan.first[level + 1] - 1, plan.first[level] - 1, -1):
                column -= 2
                w = plan.held[i]
                out[row, column] = log2_of(bench.words[level, w])
                out[row, column + 1] = traffic(plan, bench, temporal, order, row, level, w, above)
            above *= iterations(temporal, spatial, row, level)


@inlined
def log2_of(number):
    """log2 of a positive whole number."""
    return LOG2[number] if number < len(LOG2) else math.log2(number)


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


@inlined
def iterations(temporal, spatial, row, level):
    """How many times the loops of a level run what is inside of it, on all instances together."""
    total = 1.0
    for d in range(temporal.shape[2]):
        spread = np.int64(spatial[row, level, 0, d]) * spatial[row, level, 1, d]
        total *= temporal[row, level, d] * spread
    return total


@inlined
def traffic(plan, bench, temporal, order, row, level, w, above):
    """log2 of the words of dataspace w that all instances of a level fetch.

    An estimate, without windows that overlap: the tile once for every iteration above it (there
    are `above`) but those of the innermost run of irrelevant loops (`docs/cost-model.md`,
    section 3a).
    """
    skipped = 1.0
    outer = level + 1
    while outer < temporal.shape[1]:
        for i in range(order.shape[2]):
            d = np.uint8(order[row, outer, i])
            bound = temporal[row, outer, d]
            if bound > 1:
                if plan.role[w, d] != IRRELEVANT:
                    outer = temporal.shape[1]
                    break
                skipped *= bound
        outer += 1
    return math.log2(bench.words[level, w] * (above / skipped))
