"""Kernels that compute the tiles of a mapping from its factors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.compiled import compiled, inlined
from codesign.cost.boxes import measure
from codesign.cost.tables import Ints
from codesign.space.plan import CAPACITY, KEEP, KIND, LEFT, LEVEL, LIMIT, OUTERMOST, Plan
from codesign.space.slots import TEMPORAL
from codesign.workload.shape import MAX_SLIDING_AXES


class Workbench(NamedTuple):
    """Working memory for one mapping: its factors and the tiles that follow from them.

    Args:
        factors: [n, D], the factors in the slots.
        before: [n], the factors of a dimension before a change.
        keep: [L], the dataspaces that levels keep, as bits.
        tile: [L, D], sizes of the tile at a level.
        words: [L, W], words of the tile of every dataspace; only of those in `Plan.held`.
        extent: [L, W, A], positions along each of the A sliding axes.
    """

    factors: Ints
    before: Ints
    keep: Ints
    tile: Ints
    words: Ints
    extent: Ints


def make_workbench(plan: Plan) -> Workbench:
    """The mapping that needs the least: all that is not pinned is in its outermost slot."""
    levels, (spaces, size) = len(plan.levels), plan.role.shape
    factors = plan.fixed.copy()
    outermost = plan.dimensions[:, OUTERMOST]
    (movable,) = np.nonzero(outermost >= 0)
    factors[outermost[movable], movable] *= plan.dimensions[movable, LEFT]
    bench = Workbench(
        factors=factors,
        before=np.ones(len(factors), np.int64),
        keep=plan.levels[:, KEEP].copy(),
        tile=np.ones((levels, size), np.int64),
        words=np.ones((levels, spaces), np.int64),
        extent=np.ones((levels, spaces, MAX_SLIDING_AXES), np.int64),
    )
    take_stock(plan, bench)
    return bench


@inlined
def take_stock(plan, bench):
    """Computes the tiles of all levels from the factors, and their words in bounded levels."""
    factors, tile, axes = bench.factors, bench.tile, bench.extent.shape[2]
    slot = 0
    for level in range(len(plan.levels)):
        for d in range(factors.shape[1]):
            tile[level, d] = tile[level - 1, d] if level > 0 else 1
        while slot < len(plan.slots) and plan.slots[slot, LEVEL] == level:
            for d in range(factors.shape[1]):
                tile[level, d] *= factors[slot, d]
            slot += 1
        for i in range(plan.first[level], plan.first[level + 1]):
            w = plan.held[i]
            bench.words[level, w] = measure(
                plan.role, plan.stride, w, axes, tile[level], bench.extent, level
            )


@compiled
def tighten(plan, factors, d):
    """Makes the padded factors of dimension d as small as can be, the innermost first.

    If they multiply to less than the size, the innermost factor becomes larger instead.
    """
    product = 1
    for slot in range(len(plan.slots)):
        if plan.free[slot, d]:
            product *= factors[slot, d]
    for slot in range(len(plan.slots)):
        if plan.free[slot, d]:
            others = product // factors[slot, d]
            factors[slot, d] = -(-plan.dimensions[d, LEFT] // others)
            product = others * factors[slot, d]


@inlined
def write_row(slots, factors, temporal, spatial, row):
    """Writes factors into row `row` of a batch. Factors without a slot stay 1."""
    for slot in range(len(slots)):
        level, kind = slots[slot, LEVEL], slots[slot, KIND]
        for d in range(factors.shape[1]):
            if kind == TEMPORAL:
                temporal[row, level, d] = factors[slot, d]
            else:
                spatial[row, level, kind, d] = factors[slot, d]


@inlined
def read_row(slots, factors, temporal, spatial, row):
    """Fills `factors` from row `row` of a batch."""
    for slot in range(len(slots)):
        level, kind = slots[slot, LEVEL], slots[slot, KIND]
        for d in range(factors.shape[1]):
            if kind == TEMPORAL:
                factors[slot, d] = temporal[row, level, d]
            else:
                factors[slot, d] = spatial[row, level, kind, d]


@compiled
def is_feasible(plan, bench):
    """Whether the factors, and the tiles that are kept, fit all fan-outs and capacities."""
    for slot in range(len(plan.slots)):
        if plan.slots[slot, KIND] != TEMPORAL:
            spread = 1
            for d in range(bench.factors.shape[1]):
                spread *= bench.factors[slot, d]
            if spread > plan.slots[slot, LIMIT]:
                return False
    for level in range(len(plan.levels)):
        held = 0
        for i in range(plan.first[level], plan.first[level + 1]):
            w = plan.held[i]
            is_kept = bench.keep[level] >> np.int64(w) & 1
            held += bench.words[level, w] * plan.elements[level, w] * is_kept
        if held > plan.levels[level, CAPACITY]:
            return False
    return True
