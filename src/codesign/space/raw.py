"""A kernel that draws raw mappings, like Timeloop's random-pruned search, and keeps those that fit.

In Timeloop (`src/search/random-pruned.hpp`, September 2020), the search draws a random
factorisation. If it fits, the search visits up to 16 of its loop orders, drawn with replacement;
orders that differ only in loops of size 1 count once. Then it draws the next factorisation.
"""

from __future__ import annotations

import numpy as np

from codesign.compiled import compiled
from codesign.cost.tables import Ints
from codesign.space.factors import tightened
from codesign.space.plan import CHOICES, KEEP, KIND, LEFT, LEVEL, ORDER_IS_FREE, Plan
from codesign.space.slots import TEMPORAL
from codesign.space.stream import next_uniform
from codesign.space.tiles import is_feasible, take_stock, write_row

PERMUTATIONS = 16
"""Loop orders per factorisation: Timeloop's default of `max-permutations-per-if-visit`."""


def list_powers(factorised: list[list[tuple[int, int]]]) -> Ints:
    """[P, 3], dimension, prime and power, from the prime factors to distribute, by dimension."""
    rows = [(d, p, power) for d, powers in enumerate(factorised) for p, power in powers]
    return np.array(rows, np.int64).reshape(-1, 3)


def draw_padded(plan: Plan, rng: np.random.Generator, count: int, d: int, places: int) -> Ints:
    """[count, places], padded factors of dimension d: random choices, in a random order."""
    rows = np.arange(count)
    order = rng.permuted(np.tile(np.arange(places), (count, 1)), axis=1)
    drawn = np.ones((count, places), np.int64)
    left = np.full(count, plan.dimensions[d, CHOICES] - 1)
    for turn in order[:, :-1].T:
        choices = plan.rank[d, left, left]
        n = (rng.random(count) * choices).astype(np.int64)
        drawn[rows, turn] = plan.choices[d, plan.nth[d, left, n]]
        left = plan.nth[d, left, choices - 1 - n]
    drawn[rows, order[:, -1]] = plan.choices[d, left]
    return tightened(drawn, int(plan.dimensions[d, LEFT]), places - 1)


@compiled
def draw_pruned(plan, bench, powers, seeds, most, temporal, order, spatial, draws):
    """Fills rows of a batch with mappings that fit, and returns the number of rows.

    It draws at most `most` factorisations. If none fits, row 0 has the last one. Levels keep all
    that they may.

    Args:
        powers: [P, 3], see `list_powers`.
        draws: [B], filled with the number of factorisations drawn up to each row.
    """
    slots, levels, fixed, orders = plan.slots, plan.levels, plan.fixed, plan.orders
    factors = bench.factors
    for level in range(len(levels)):
        bench.keep[level] = levels[level, KEEP]
    row, drawn = 0, 0
    while row < len(temporal) and drawn < most:
        drawn += 1
        for slot in range(len(slots)):
            for d in range(factors.shape[1]):
                factors[slot, d] = fixed[slot, d]
        for p in range(len(powers)):
            scatter(plan.free, powers[p, 0], powers[p, 1], powers[p, 2], seeds, factors)
        take_stock(plan, bench)
        if not is_feasible(plan, bench):
            continue
        left = count_permutations(slots, levels, factors)
        while left > 0 and row < len(temporal):
            write_row(slots, factors, temporal, spatial, row)
            permute(levels, orders, seeds, order, row)
            draws[row] = drawn
            left -= 1
            row += 1
    if row == 0:
        write_row(slots, factors, temporal, spatial, 0)
        permute(levels, orders, seeds, order, 0)
        draws[0] = drawn
    return row


@compiled
def scatter(free, d, prime, power, seeds, factors):
    """Distributes a prime power over the free slots of dimension d, all ways equally likely.

    The method is stars and bars: the next symbol is a bar with a probability of the share of bars
    among the symbols that are left.
    """
    bars = -1
    for slot in range(len(free)):
        if free[slot, d]:
            bars += 1
    slot = 0
    while not free[slot, d]:
        slot += 1
    stars = power
    while stars > 0:
        if int(next_uniform(seeds) * (stars + bars)) < bars:
            bars -= 1
            slot += 1
            while not free[slot, d]:
                slot += 1
        else:
            stars -= 1
            factors[slot, d] *= prime


@compiled
def count_permutations(slots, levels, factors):
    """The number of loop orders to visit for these factors."""
    total = 1
    for slot in range(len(slots)):
        if slots[slot, KIND] == TEMPORAL and levels[slots[slot, LEVEL], ORDER_IS_FREE]:
            turning = 0
            for d in range(factors.shape[1]):
                if factors[slot, d] > 1:
                    turning += 1
                    total *= turning
            if total >= PERMUTATIONS:
                return PERMUTATIONS
    return total


@compiled
def permute(levels, orders, seeds, order, row):
    """Writes the loop orders of a row: pinned ones, or random ones, all equally likely."""
    for level in range(len(levels)):
        for i in range(orders.shape[1]):
            order[row, level, i] = orders[level, i]
        if levels[level, ORDER_IS_FREE]:
            for i in range(1, orders.shape[1]):
                j = int(next_uniform(seeds) * (i + 1))
                kept = order[row, level, i]
                order[row, level, i] = order[row, level, j]
                order[row, level, j] = kept
