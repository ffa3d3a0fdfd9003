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
    SLOT,
    read_row,
    take_stock,
)
from codesign.space.slots import TEMPORAL, UNBOUNDED

INNERMOST = 2
"""How many loops of a level, counted from the innermost, are parameters of their own."""


@compiled
def encode(plan, bench, ordered, temporal, order, spatial, out):
    """Fills `out` [B, m + 2·o]: the index of every factor among the divisors of what is left of
    its dimension, then, for the o levels `ordered`, the dimensions of the innermost loops (D
    where a level has fewer).
    """
    slots, _, _, pairs, fixed, _, table, _, _ = plan
    factors = bench.factors
    size = factors.shape[1]
    for row in range(len(temporal)):
        read_row(slots, factors, temporal, spatial, row)
        for p in range(len(pairs)):
            slot, d = pairs[p, SLOT], pairs[p, DIMENSION]
            factor = factors[slot, d] // fixed[slot, d]
            i = 0
            while table[d, i] != factor:
                i += 1
            out[row, p] = i
        for o in range(len(ordered)):
            level = ordered[o]
            found = 0
            for i in range(size):
                d = order[row, level, i]
                if temporal[row, level, d] > 1 and found < INNERMOST:
                    out[row, len(pairs) + INNERMOST * o + found] = d
                    found += 1
            for rest in range(found, INNERMOST):
                out[row, len(pairs) + INNERMOST * o + rest] = size


@compiled
def describe(plan, bench, temporal, order, spatial, out):
    """Fills `out` [B, F] with features, all in log2.

    One a free factor; the share of the array in use; for every level and dataspace that it
    keeps, the tile relative to the capacity and how often it is reused before it is replaced.
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
        busy = 1
        for slot in range(len(slots)):
            if slots[slot, KIND] != TEMPORAL:
                for d in range(factors.shape[1]):
                    busy *= factors[slot, d]
        out[row, column] = math.log2(busy)
        column += 1
        for level in range(len(levels)):
            for w in range(kind.shape[0]):
                if not levels[level, KEEP] >> w & 1 or levels[level, CAPACITY] >= UNBOUNDED:
                    continue
                out[row, column] = math.log2(words[level, w])
                out[row, column + 1] = reuse(kind, temporal, order, row, level, w)
                column += 2


@compiled
def reuse(kind, temporal, order, row, level, w):
    """log2 of the iterations above a level that leave its tile of dataspace w in place."""
    total = 0.0
    for outer in range(level + 1, temporal.shape[1]):
        for i in range(order.shape[2]):
            d = order[row, outer, i]
            bound = temporal[row, outer, d]
            if bound > 1:
                if kind[w, d] != IRRELEVANT:
                    return total
                total += math.log2(np.float64(bound))
    return total
