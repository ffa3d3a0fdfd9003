"""Mappings as numbers: the parameters for optimizers, and the features for surrogates."""

from __future__ import annotations

import math

import numpy as np

from codesign.compiled import compiled, inlined
from codesign.cost.tables import IRRELEVANT
from codesign.space.plan import DIMENSION, KIND, LIMIT, SLOT
from codesign.space.slots import TEMPORAL
from codesign.space.tiles import read_row, take_stock

INNERMOST = 2
"""How many of the innermost loops of a level are parameters."""

MOST_OCTAVES = 48
"""The largest value of the parameters for traffic, which is rounded to powers of two."""

LOG2 = np.array([math.log2(max(number, 1)) for number in range(1024)])
"""Logarithms of small numbers. Most factors and tiles are small, and a look-up is faster."""


@compiled
def encode(plan, bench, ordered, temporal, order, spatial, keep, out):
    """Fills `out` [B, m + 2·o + b + 1 + k] with the whole numbers that encode mappings.

    They are, in this order: the index of every free factor among the choices of its
    dimension; for the o levels `ordered`, the dimensions of the innermost loops
    (D if a level has fewer); for the b dataspaces that a level may bypass, whether it keeps it;
    idle PEs in quarters of log2; log2 of the traffic into each of the k tiles that levels may keep,
    rounded, and 0 for those that they bypass.
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
            while plan.choices[d, i] != factor:
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
        for i in range(len(plan.optional)):
            out[row, column] = keep[row, plan.optional[i, 0]] >> plan.optional[i, 1] & 1
            column += 1
        out[row, column] = int(4 * (most_spread - spread(plan.slots, factors)) + 0.5)
        column += 1 + len(plan.held)
        above = 1.0
        for level in range(len(plan.levels) - 1, -1, -1):
            for i in range(plan.first[level + 1] - 1, plan.first[level] - 1, -1):
                column -= 1
                w = plan.held[i]
                fetched = traffic(plan, bench, temporal, order, row, level, w, above)
                is_kept = np.int64(keep[row, level]) >> np.int64(w) & 1
                out[row, column] = min(MOST_OCTAVES, int(fetched + 0.5)) * is_kept
            above *= iterations(temporal, spatial, row, level)


@compiled
def describe(plan, bench, temporal, order, spatial, keep, out):
    """Fills `out` [B, F] with features of mappings, all as log2.

    They are: every free factor; the PEs in use; for every level and every dataspace that it
    may keep, the words of the tile and the words that all instances fetch, 0 if it bypasses it.
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
                is_kept = np.int64(keep[row, level]) >> np.int64(w) & 1
                fetched = traffic(plan, bench, temporal, order, row, level, w, above)
                out[row, column] = log2_of(bench.words[level, w]) * is_kept
                out[row, column + 1] = fetched * is_kept
            above *= iterations(temporal, spatial, row, level)


@inlined
def log2_of(number):
    """log2 of a positive whole number."""
    return LOG2[number] if number < len(LOG2) else math.log2(number)


@compiled
def spread(slots, factors):
    """log2 of the number of PEs in use."""
    busy = 1.0
    for slot in range(len(slots)):
        if slots[slot, KIND] != TEMPORAL:
            for d in range(factors.shape[1]):
                busy *= factors[slot, d]
    return math.log2(busy)


@compiled
def spread_limit(slots):
    """log2 of the number of PEs that exist."""
    total = 1.0
    for slot in range(len(slots)):
        if slots[slot, KIND] != TEMPORAL:
            total *= slots[slot, LIMIT]
    return math.log2(total)


@inlined
def iterations(temporal, spatial, row, level):
    """The number of iterations of a level's loops, temporal and spatial."""
    total = 1.0
    for d in range(temporal.shape[2]):
        spread = np.int64(spatial[row, level, 0, d]) * spatial[row, level, 1, d]
        total *= temporal[row, level, d] * spread
    return total


@inlined
def traffic(plan, bench, temporal, order, row, level, w, above):
    """log2 of the words of dataspace w that all instances of a level fetch together.

    It is an estimate that does not count overlaps of windows. The tile is fetched once for every
    iteration above it (there are `above`), except iterations of the innermost run of irrelevant
    loops (`docs/cost-model.md`, section 3a).
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
