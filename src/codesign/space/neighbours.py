"""Kernels that change feasible mappings into feasible neighbours."""

from __future__ import annotations

import numpy as np

from codesign.compiled import compiled, inlined
from codesign.space.plan import DIVISORS, KIND, LEFT, LEVEL, ORDER_IS_FREE
from codesign.space.slots import TEMPORAL
from codesign.space.stream import next_uniform
from codesign.space.tiles import is_feasible, read_row, take_stock, write_row

MOST_TRIES = 30


@compiled
def mutate(plan, bench, free, seeds, temporal, order, spatial):
    """Changes every mapping of a batch in place into a feasible neighbour.

    A mapping gets one to four changes: a factor moves between two slots of its dimension, or two
    loops of a level swap places.

    Args:
        free: bool [n, D], the slots that factors may move between.
    """
    slots, levels, dimensions, fixed = plan.slots, plan.levels, plan.dimensions, plan.fixed
    table, factors = plan.divisors, bench.factors
    for row in range(len(temporal)):
        read_row(slots, factors, temporal, spatial, row)
        changes = 1
        while changes < 4 and next_uniform(seeds) < 0.5:
            changes += 1
        tries = 0
        while changes > 0 and tries < MOST_TRIES:
            tries += 1
            if next_uniform(seeds) < 0.25:
                if swap_loops(slots, levels, factors, seeds, order, row):
                    changes -= 1
                continue
            d, source, target, factor = pick_move(dimensions, fixed, table, free, seeds, factors)
            if factor == 1:
                continue
            factors[source, d] //= factor
            factors[target, d] *= factor
            take_stock(plan, bench)
            if is_feasible(plan, bench):
                changes -= 1
            else:
                factors[source, d] *= factor
                factors[target, d] //= factor
        write_row(slots, factors, temporal, spatial, row)


@inlined
def pick(seeds, count):
    """A random whole number below `count`."""
    return int(next_uniform(seeds) * count)


@compiled
def swap_loops(slots, levels, factors, seeds, order, row):
    """Swaps two random loops of a level. False if that changes nothing, or the order is pinned."""
    slot = pick(seeds, len(slots))
    level = slots[slot, LEVEL]
    if slots[slot, KIND] != TEMPORAL or not levels[level, ORDER_IS_FREE]:
        return False
    i, j = pick(seeds, factors.shape[1]), pick(seeds, factors.shape[1])
    d, e = order[row, level, i], order[row, level, j]
    if i == j or factors[slot, d] == 1 or factors[slot, e] == 1:
        return False
    order[row, level, i] = e
    order[row, level, j] = d
    return True


@compiled
def pick_move(dimensions, fixed, table, free, seeds, factors):
    """A random dimension, two of its slots, and a factor to move between them; 1 if none."""
    d = pick(seeds, len(dimensions))
    source, target = pick(seeds, len(free)), pick(seeds, len(free))
    if dimensions[d, LEFT] == 1 or source == target or not (free[source, d] and free[target, d]):
        return d, source, target, np.int64(1)
    movable = factors[source, d] // fixed[source, d]
    count = 0
    for i in range(1, dimensions[d, DIVISORS]):
        if movable % table[d, i] == 0:
            count += 1
    if count == 0:
        return d, source, target, np.int64(1)
    n = pick(seeds, count)
    for i in range(1, dimensions[d, DIVISORS]):
        if movable % table[d, i] == 0:
            if n == 0:
                return d, source, target, table[d, i]
            n -= 1
    return d, source, target, np.int64(1)
