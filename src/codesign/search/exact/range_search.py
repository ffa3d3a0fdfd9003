"""Branch and bound over ranges of tilings: a bound of a spatial split that couples its levels.

All tilings of a split are one range (`ranges`). The range with the least bound is divided in two,
until the bound of the first range is final: if the most k of a range fit everywhere and cost what
its bound says. A range is divided where a level cannot hold the most k, or where loops are not
certain, in the dimension that its costs depend on most.
"""

from __future__ import annotations

import numpy as np

from codesign.compiled import compiled, inlined
from codesign.cost.tables import PLAIN
from codesign.search.exact.ranges import bound_range, find_cut, is_held, tighten

_SAME = 1 + 1e-12


@inlined
def weigh(boundaries, tower, tilings, work, h, d) -> float:  # type: ignore[no-untyped-def]
    """The energy that grows with the loops over d further out than level h, in the best case."""
    total = 0.0
    for level in range(h + 1):
        for j in range(tower.first[level], tower.first[level + 1]):
            w = boundaries.spaces[j]
            if (
                boundaries.role[w, d] < PLAIN
                and find_cut(boundaries, work, work.leads[1], level, w) == h
            ):
                total += tilings.price[0, j] * work.least[j] * work.rest[h, w]
    return total


@compiled
def divide(boundaries, tower, tilings, work, n, spare) -> int:  # type: ignore[no-untyped-def]
    """The level and the dimension, as one number, where range n is divided; -1 if its bound is
    final.

    Args:
        spare: the number of a range that is free.
    """
    low, high, tile = work.low[n], work.high[n], work.tile
    levels, size = low.shape
    bound = bound_range(boundaries, tower, tilings, work, n)
    found, best, fits = -1, -1.0, True
    for h in range(levels):
        for d in range(size):
            tile[d] = tilings.inside[h, d] * tilings.inner[d, high[h, d]]
        if is_held(boundaries, tower, h, tile):
            continue
        fits = False
        for d in range(size):
            if low[h, d] < high[h, d]:
                width = tilings.outer[d, low[h, d]] / tilings.outer[d, high[h, d]]
                weight = weigh(boundaries, tower, tilings, work, h, d)
                score = (weight + 1e-6 * work.cost[0, 0, 0]) * np.log(width)
                if score > best:
                    found, best = h * size + d, score
    if not fits:
        return found
    for h in range(levels):
        for d in range(size):
            if low[h, d] == high[h, d]:
                continue
            width = tilings.outer[d, low[h, d]] / tilings.outer[d, high[h, d]]
            weight = weigh(boundaries, tower, tilings, work, h, d)
            last = tilings.counts[d] - 1
            outside, least = last, last
            if h + 1 < levels:
                outside, least = high[h + 1, d], low[h + 1, d]
            if (high[h, d] < outside and high[h, d] >= least) or (
                h > 0 and high[h - 1, d] < high[h, d] and high[h - 1, d] >= low[h, d]
            ):
                weight += bound
            score = (weight + 1e-6 * bound) * np.log(width)
            if score > best:
                found, best = h * size + d, score
    if found < 0:
        return -1
    for h in range(levels):
        for d in range(size):
            work.low[spare, h, d] = work.high[spare, h, d] = high[h, d]
    if bound_range(boundaries, tower, tilings, work, spare) <= bound * _SAME:
        return -1
    return found


@inlined
def push(work, size) -> None:  # type: ignore[no-untyped-def]
    """Moves the range after a heap of `size` ranges up to its place in it."""
    heap, bounds = work.heap, work.bounds
    at = size
    while at > 0 and bounds[heap[at]] < bounds[heap[(at - 1) // 2]]:
        up = (at - 1) // 2
        heap[at], heap[up] = heap[up], heap[at]
        at = up


@inlined
def pop(work, size) -> None:  # type: ignore[no-untyped-def]
    """Moves the first range of a heap of `size` ranges behind the others."""
    heap, bounds = work.heap, work.bounds
    heap[0], heap[size - 1] = heap[size - 1], heap[0]
    at = 0
    while True:
        least = at
        for child in (2 * at + 1, 2 * at + 2):
            if child < size - 1 and bounds[heap[child]] < bounds[heap[least]]:
                least = child
        if least == at:
            break
        heap[at], heap[least] = heap[least], heap[at]
        at = least


@compiled
def least_objective(boundaries, tower, tilings, work, limit) -> float:  # type: ignore[no-untyped-def]
    """A lower bound on the objective of a split, and infinite if it is not below `limit`."""
    heap, bounds = work.heap, work.bounds
    levels, dims = work.low.shape[1:]
    for n in range(len(heap)):
        heap[n] = n
    for h in range(levels):
        for d in range(dims):
            work.low[0, h, d], work.high[0, h, d] = 0, tilings.counts[d] - 1
    work.effort[1] = 0
    if not tighten(boundaries, tower, tilings, work, 0):
        return np.inf
    bounds[0] = bound_range(boundaries, tower, tilings, work, 0)
    size = 1 if bounds[0] < limit else 0
    while size > 0:
        n = heap[0]
        least = bounds[n]
        if work.effort[1] >= work.effort[0] or size + 2 > len(heap):
            return least
        pop(work, size)
        size -= 1
        other = heap[size + 1]
        place = divide(boundaries, tower, tilings, work, n, other)
        if place < 0:
            return least
        h, d = place // dims, place % dims
        for s in range(levels):
            for e in range(dims):
                work.low[other, s, e], work.high[other, s, e] = (
                    work.low[n, s, e],
                    work.high[n, s, e],
                )
        first, last = work.low[n, h, d], work.high[n, h, d]
        middle = first
        mean = np.sqrt(tilings.inner[d, first] * float(tilings.inner[d, last]))
        while middle + 1 < last and tilings.inner[d, middle + 1] <= mean:
            middle += 1
        work.high[n, h, d], work.low[other, h, d] = middle, middle + 1
        for part in (n, other):
            if heap[size] != part:
                heap[size], heap[size + 1] = heap[size + 1], heap[size]
            if tighten(boundaries, tower, tilings, work, part):
                found = bound_range(boundaries, tower, tilings, work, part)
                bounds[part] = max(found, least)
                if bounds[part] < limit:
                    push(work, size)
                    size += 1
    return np.inf
