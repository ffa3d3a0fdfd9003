"""Kernel that describes a mapping loop by loop, as AutoTVM's `itervar` features do.

Chen et al.: Learning to optimize tensor programs, NeurIPS 2018, and the touch extractor of
AutoTVM: for every loop its length, where it stands in the nest, how many iterations lie inside
and outside, and for every buffer what of it is touched inside and how often it is used again.
"""

from __future__ import annotations

import math

from codesign.compiled import compiled
from codesign.cost.boxes import measure
from codesign.space.plan import KIND, LEVEL
from codesign.space.slots import TEMPORAL
from codesign.space.tiles import read_row

EXTENT, PLACE, INSIDE, OUTSIDE, TOUCHES = range(5)
"""Columns of a loop; behind the last two for every dataspace, words touched and their reuse."""


@compiled
def describe_loops(plan, bench, numbers, temporal, order, spatial, out):
    """Fills `out` [B, M, 4 + 2·W], in log2 but for the place, which counts from 1, innermost.

    A loop of one iteration is all zeros. Iterations inside and outside include the loop's own.

    Args:
        numbers: [n, D], which of the M loops a factor is, -1 where it is always 1.
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
