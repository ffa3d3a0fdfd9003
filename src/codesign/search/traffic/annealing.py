"""Simulated annealing over mappings by predicted cost (Kirkpatrick, Gelatt and Vecchi 1983)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled, inlined
from codesign.cost.tables import Floats, Ints
from codesign.space.neighbours import pick, resize, swap_loops, transfer
from codesign.space.plan import Plan
from codesign.space.stream import next_uniform
from codesign.space.tiles import is_feasible, read_row, take_stock, tighten, write_row
from codesign.space.words import estimate, misses_least_use

MOST_CHANGES, FURTHER_CHANGE = 4, 0.3
"""The most changes of one step, and the probability of one more after each."""

BYPASS_SHARE, ORDER_SHARE, RESIZE_SHARE = 0.1, 0.25, 0.5
"""Shares of changes: of bypasses, where the mapping chooses them; of loop orders among the rest; of
sizes among changes of padded factors."""

EXCHANGE_SHARE = 0.5
"""The share of moved factors for which a factor of another dimension moves the opposite way."""

MOST_TRIES = 20
"""Attempts at changes in one step."""


class Prices(NamedTuple):
    """Predictions: log cost = energy · log(weights · estimates) + cycles · log(cycles).

    Args:
        weights: [F], pJ per word or cycle, up to a factor that all have in common.
        powers: [2], of energy and of cycles in the cost.
    """

    weights: Floats
    powers: Floats


class Nests(NamedTuple):
    """The arrays of a `MappingBatch`."""

    temporal: NDArray[np.int32]
    order: NDArray[np.int8]
    spatial: NDArray[np.int32]
    keep: NDArray[np.uint8]


class Walk(NamedTuple):
    """Working memory: the mapping before a step, and the estimates after it."""

    factors: Ints
    order: NDArray[np.int8]
    keep: Ints
    words: Floats


def make_walk(plan: Plan, columns: int) -> Walk:
    """Working memory for a map-space with so many estimates per mapping."""
    levels, size = plan.orders.shape
    return Walk(
        np.ones((len(plan.slots), size), np.int64),
        np.zeros((1, levels, size), np.int8),
        np.zeros(levels, np.int64),
        np.zeros(columns),
    )


@compiled
def anneal(plan, gauge, bench, walk, seeds, prices, course, place, known, found):
    """Walks on from a mapping, and keeps the best new mapping that it sees.

    Args:
        gauge, bench, walk: working memory.
        seeds: [1], the state of a random stream (`space.stream`).
        prices: how costs are predicted.
        course: [3], the number of steps, the temperature and the factor by which a step lowers it.
        place: `Nests` of one mapping, which is replaced by the last one of the walk.
        known: [T, F], estimates of mappings that are not new.
        found: `Nests` of many mappings, their estimates [B, F], and the row of both to fill.

    Returns the predicted log cost of what was found; infinite if nothing was new.
    """
    nests, noted, row = found
    levels = len(plan.levels)
    here = bench.factors, place.order, bench.keep
    before = walk.factors, walk.order, walk.keep
    read_row(plan.slots, bench.factors, place.temporal, place.spatial, 0)
    for level in range(levels):
        bench.keep[level] = place.keep[0, level]
    take_stock(plan, bench)
    cost = predict(plan, gauge, bench, walk, prices, place.order)
    best = np.inf
    if cost < best and is_new(walk.words, known):
        best = cost
        note(plan, bench, walk, place.order, nests, noted, row)
    temperature = course[1]
    for _ in range(int(course[0])):
        temperature *= course[2]
        copy(here, before)
        is_accepted = False
        if change(plan, bench, seeds, place.order):
            take_stock(plan, bench)
            if is_feasible(plan, bench):
                now = predict(plan, gauge, bench, walk, prices, place.order)
                is_accepted = now <= cost or next_uniform(seeds) < math.exp(
                    (cost - now) / temperature
                )
                if is_accepted:
                    cost = now
                    if now < best and is_new(walk.words, known):
                        best = now
                        note(plan, bench, walk, place.order, nests, noted, row)
        if not is_accepted:
            copy(before, here)
    write_row(plan.slots, bench.factors, place.temporal, place.spatial, 0)
    for level in range(levels):
        place.keep[0, level] = bench.keep[level]
    return best


@inlined
def predict(plan, gauge, bench, walk, prices, order):
    """The predicted log cost of the mapping in `bench`, with its estimates in `walk.words`.

    It is infinite if a level is used less than the hardware requires.
    """
    if misses_least_use(plan, gauge, bench):
        return np.inf
    words, cost = walk.words, 0.0
    # A literal zero would compile the kernel once more, for its own type.
    estimate(plan, gauge, bench, order, np.int64(0), words)
    if prices.powers[0] > 0.0:
        energy = 0.0
        for f in range(len(words)):
            energy += prices.weights[f] * words[f]
        cost = prices.powers[0] * math.log(max(energy, 1e-300))
    return cost + prices.powers[1] * math.log(words[len(words) - 1])


@inlined
def change(plan, bench, seeds, order):
    """Changes the mapping in `bench` at random, whether or not it then fits.

    Only the end of a step has to fit: a factor can move into a full buffer if another one leaves
    it in the same step. Returns whether anything changed.
    """
    wanted, done = 1, 0
    while wanted < MOST_CHANGES and next_uniform(seeds) < FURTHER_CHANGE:
        wanted += 1
    for _ in range(MOST_TRIES):
        if len(plan.optional) > 0 and next_uniform(seeds) < BYPASS_SHARE:
            choice = pick(seeds, len(plan.optional))
            bench.keep[plan.optional[choice, 0]] ^= 1 << plan.optional[choice, 1]
            done += 1
        elif next_uniform(seeds) < ORDER_SHARE:
            done += swap_loops(plan.slots, plan.levels, bench.factors, seeds, order, 0)
        elif plan.is_padded and next_uniform(seeds) < RESIZE_SHARE:
            d = resize(plan, bench, seeds)
            if d >= 0:
                tighten(plan, bench.factors, d)
                done += 1
        else:
            done += exchange(plan, bench, seeds)
        if done == wanted:
            break
    return done > 0


@compiled
def exchange(plan, bench, seeds):
    """Moves a factor between two slots; often, one of another dimension moves the opposite way.

    Returns whether a factor moved.
    """
    d = pick(seeds, len(plan.dimensions))
    source, target = pick(seeds, len(plan.free)), pick(seeds, len(plan.free))
    if not transfer(plan, bench, seeds, d, source, target):
        return False
    if plan.is_padded:
        tighten(plan, bench.factors, d)
    if next_uniform(seeds) < EXCHANGE_SHARE:
        e = pick(seeds, len(plan.dimensions))
        if transfer(plan, bench, seeds, e, target, source) and plan.is_padded:
            tighten(plan, bench.factors, e)
    return True


@inlined
def copy(source, target):
    """Copies a mapping: its factors, its orders [1, L, D], and what levels keep."""
    factors, order, keep = source
    to_factors, to_order, to_keep = target
    for slot in range(len(factors)):
        for d in range(factors.shape[1]):
            to_factors[slot, d] = factors[slot, d]
    for level in range(len(keep)):
        to_keep[level] = keep[level]
        for i in range(order.shape[2]):
            to_order[0, level, i] = order[0, level, i]


@compiled
def note(plan, bench, walk, order, nests, noted, row):
    """Writes the mapping and its estimates into row `row` of `nests` and `noted`."""
    write_row(plan.slots, bench.factors, nests.temporal, nests.spatial, row)
    for level in range(len(walk.keep)):
        nests.keep[row, level] = bench.keep[level]
        for i in range(order.shape[2]):
            nests.order[row, level, i] = order[0, level, i]
    for f in range(len(walk.words)):
        noted[row, f] = walk.words[f]


@compiled
def is_new(words, known):
    """Whether no row of `known` equals `words`."""
    for row in range(len(known)):
        f = 0
        while f < len(words) and known[row, f] == words[f]:
            f += 1
        if f == len(words):
            return False
    return True
