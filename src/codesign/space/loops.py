"""A kernel for features of every loop of a mapping, like AutoTVM's `itervar` features.

They follow Chen et al., Learning to optimize tensor programs, NeurIPS 2018, and AutoTVM's touch
extractor: for every loop its size, its place in the nest, the iterations inside and outside, and
for every dataspace the words touched inside and their reuse.
"""

from __future__ import annotations

import math

from codesign.compiled import compiled
from codesign.cost.boxes import measure
from codesign.space.plan import KIND, LEVEL
from codesign.space.slots import TEMPORAL
from codesign.space.tiles import read_row

EXTENT, PLACE, INSIDE, OUTSIDE, TOUCHES = range(5)
"""Columns of a loop. From `TOUCHES` on, every dataspace has two: words touched, and their reuse."""


@compiled
def describe_loops(plan, bench, numbers, temporal, order, spatial, out):
    """Fills `out` [B, M, 4 + 2·W] with features of the loops.

    All are log2, except the place, which counts from 1 for the innermost loop. A loop of size 1
    has zeros. Iterations inside and outside include those of the loop itself.

    Args:
        numbers: [n, D], for every factor the number of its loop, or -1 if it is always 1.
    """
    slots, factors, tile, axes = plan.slots, bench.factors, bench.tile, bench.extent.shape[2]
    for row in range(len(temporal)):
        read_row(slots, factors, temporal, spatial, row)
        iterations = 0.0
        for slot in range(len(slots)):
            for d in range(factors.shape[1]):
                tile[0, d] = 1
                iterations += math.log2(factors[slot, d])
        for m in range(out.shape[1]):
            for column in range(out.shape[2]):
                out[row, m, column] = 0.0
        inside, place = 0.0, 0
        for slot in range(len(slots)):
            for i in range(factors.shape[1]):
                d = i
                if slots[slot, KIND] == TEMPORAL:
                    d = order[row, slots[slot, LEVEL], i]
                if factors[slot, d] == 1:
                    continue
                tile[0, d] *= factors[slot, d]
                place += 1
                length = math.log2(factors[slot, d])
                inside += length
                m = numbers[slot, d]
                out[row, m, EXTENT] = length
                out[row, m, PLACE] = place
                out[row, m, INSIDE] = inside
                out[row, m, OUTSIDE] = iterations - inside + length
                for w in range(len(plan.role)):
                    words = measure(plan.role, plan.stride, w, axes, tile[0], bench.extent, 0)
                    touched = math.log2(words)
                    out[row, m, TOUCHES + 2 * w] = touched
                    out[row, m, TOUCHES + 2 * w + 1] = inside - touched
