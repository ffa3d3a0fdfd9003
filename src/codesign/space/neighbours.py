"""Kernels that change feasible mappings into feasible neighbours."""

from __future__ import annotations

from codesign.compiled import compiled, inlined
from codesign.space.plan import CHOICES, KIND, LEFT, LEVEL, ORDER_IS_FREE, OUTERMOST
from codesign.space.slots import TEMPORAL
from codesign.space.stream import next_uniform
from codesign.space.tiles import is_feasible, read_row, take_stock, tighten, write_row

MOST_TRIES = 30


@compiled
def mutate(plan, bench, seeds, temporal, order, spatial, keep):
    """Changes every mapping of a batch in place into a feasible neighbour.

    A mapping gets one to four changes: a factor moves between two slots of its dimension, or two
    loops of a level swap places. Of padded factors, one may also become larger or smaller. A
    dataspace that a level may bypass may be kept instead, or the other way round.
    """
    slots, levels, factors = plan.slots, plan.levels, bench.factors
    for row in range(len(temporal)):
        read_row(slots, factors, temporal, spatial, row)
        for level in range(len(levels)):
            bench.keep[level] = keep[row, level]
        changes = 1
        while changes < 4 and next_uniform(seeds) < 0.5:
            changes += 1
        tries = 0
        while changes > 0 and tries < MOST_TRIES:
            tries += 1
            if len(plan.optional) > 0 and next_uniform(seeds) < 0.125:
                if turn(plan, bench, seeds):
                    changes -= 1
                continue
            if next_uniform(seeds) < 0.25:
                if swap_loops(slots, levels, factors, seeds, order, row):
                    changes -= 1
                continue
            if plan.is_padded and next_uniform(seeds) < 0.5:
                d = resize(plan, bench, seeds)
            else:
                d = move(plan, bench, seeds)
            if d < 0:
                continue
            if plan.is_padded:
                tighten(plan, factors, d)
            take_stock(plan, bench)
            if is_feasible(plan, bench):
                changes -= 1
            else:
                for slot in range(len(slots)):
                    factors[slot, d] = bench.before[slot]
        write_row(slots, factors, temporal, spatial, row)
        for level in range(len(levels)):
            keep[row, level] = bench.keep[level]


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
def turn(plan, bench, seeds):
    """Makes a random level keep a dataspace that it bypasses, or bypass one that it keeps.

    Returns whether the mapping fits; if not, nothing changes.
    """
    choice = pick(seeds, len(plan.optional))
    level, w = plan.optional[choice, 0], plan.optional[choice, 1]
    bench.keep[level] ^= 1 << w
    take_stock(plan, bench)
    if is_feasible(plan, bench):
        return True
    bench.keep[level] ^= 1 << w
    return False


@compiled
def move(plan, bench, seeds):
    """Moves a random factor of a random dimension between two slots.

    Returns the dimension, with its factors before the move in `bench.before`; -1 if none can move.
    """
    d = pick(seeds, len(plan.dimensions))
    source, target = pick(seeds, len(plan.free)), pick(seeds, len(plan.free))
    keep_factors(bench, d)
    return d if transfer(plan, bench, seeds, d, source, target) else -1


@compiled
def transfer(plan, bench, seeds, d, source, target):
    """Moves a random factor of dimension d from slot `source` to slot `target`.

    Returns False if none can move.
    """
    dimensions, table, free, factors = plan.dimensions, plan.choices, plan.free, bench.factors
    if dimensions[d, LEFT] == 1 or source == target or not (free[source, d] and free[target, d]):
        return False
    movable = factors[source, d] // plan.fixed[source, d]
    if movable == 1:
        return False
    if not plan.is_padded:
        i = 0
        while table[d, i] != movable:
            i += 1
        factor = table[d, plan.nth[d, i, 1 + pick(seeds, plan.rank[d, i, i] - 1)]]
        factors[source, d] //= factor
        factors[target, d] *= factor
        return True
    count = 0
    for i in range(1, dimensions[d, CHOICES]):
        if movable % table[d, i] == 0:
            count += 1
    if count == 0:
        return False
    n = pick(seeds, count)
    for i in range(1, dimensions[d, CHOICES]):
        if movable % table[d, i] == 0:
            if n == 0:
                factors[source, d] //= table[d, i]
                factors[target, d] *= table[d, i]
                break
            n -= 1
    return True


@compiled
def resize(plan, bench, seeds):
    """Makes a random padded factor larger or smaller; the outermost one makes up for it.

    Returns the dimension, with its factors before the change in `bench.before`; -1 if it cannot.
    """
    factors = bench.factors
    d, slot = pick(seeds, len(plan.dimensions)), pick(seeds, len(plan.slots))
    steps = (1 + pick(seeds, 3)) * (1 if next_uniform(seeds) < 0.5 else -1)
    outermost, count = plan.dimensions[d, OUTERMOST], plan.dimensions[d, CHOICES]
    if count == 1 or slot == outermost or not plan.free[slot, d]:
        return -1
    i = 0
    while plan.choices[d, i] < factors[slot, d]:
        i += 1
    i = min(max(i + steps, 0), count - 1)
    if plan.choices[d, i] == factors[slot, d]:
        return -1
    keep_factors(bench, d)
    factors[slot, d] = plan.choices[d, i]
    others = 1
    for other in range(len(plan.slots)):
        if plan.free[other, d] and other != outermost:
            others *= factors[other, d]
    factors[outermost, d] = -(-plan.dimensions[d, LEFT] // others)
    return d


@inlined
def keep_factors(bench, d):
    """Copies the factors of dimension d to `bench.before`."""
    for slot in range(len(bench.before)):
        bench.before[slot] = bench.factors[slot, d]
