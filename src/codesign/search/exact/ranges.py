"""Ranges of tilings of all levels at once, with bounds that couple the levels.

With a spatial split, q(d) temporal iterations of dimension d are left. A mapping has k_l(d) of them
inside the tile of level l, with k_l ≤ k_{l+1}, and f_l(d) = q(d) / k_l(d) further out.

**All larger sizes at once.** As in `docs/proofs.md`, a mapping of larger sizes, with f'_l(d) loops
further out, is replaced by k_l(d) = ⌈q(d) / f'_l(d)⌉ and f_l(d) = ⌈q(d) / k_l(d)⌉, which are not
above its own. Between two levels there is a loop over d if and only if k_l(d) < k_{l+1}(d): padded
sizes are below twice the least, so f' < 2 q, and a smaller divisor f' has a larger k. The
iterations of a larger size are a multiple of f'_l and of as many as in its tile. So they are at
least k_l·f_l, and operations grow with them.

A *range* is a set of such choices: for every level and dimension, the least and the most k. Its
bound takes f from the most k, and tiles from the least k. Between two levels, only loops that all
choices in the range have are assumed. One group of loops is innermost there, for all dataspaces at
once; the groups with the least bound are taken. The words are then those of `bounds.cross`, with
the best order of the loops that are not innermost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.accounting import POSITION
from codesign.compiled import compiled, inlined
from codesign.cost.tables import PLAIN, Floats, Ints
from codesign.search.exact.bounds import union_words
from codesign.search.exact.capacity import Level, held_units
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import Goal, combine


class Tower(NamedTuple):
    """The H levels with boundaries, for kernels.

    Args:
        first: [H + 1], the first boundary of every level.
        elements: [H, W], what an element of a dataspace takes of a capacity; 0 if not kept.
        capacity: [H], negative without one.
        written: the dataspace of outputs.
    """

    first: Ints
    elements: Ints
    capacity: Ints
    written: int


class Tilings(NamedTuple):
    """The choices of a spatial split, and what they cost.

    Args:
        inside: [H, D], what the instances of a level work on in parallel.
        left: [D], the temporal iterations, q.
        inner, outer: [D, n], the choices of k, ascending, and f of each.
        counts: [D], the number of choices.
        price: [1 + P, J], pJ per word of a boundary, and cycles of every port.
        const: [1 + P, 2], pJ and cycles that grow with the operations, and those, to be
            subtracted, that grow with the outputs.
        steps: the product of the temporal loops.
        goal: a `goal.Goal`.
    """

    inside: Ints
    left: Ints
    inner: Ints
    outer: Ints
    counts: Ints
    price: Floats
    const: Floats
    steps: float
    goal: Goal


class Work(NamedTuple):
    """Memory of the search, for N ranges.

    Args:
        low, high: [N, H, D], the least and the most k of a range, as columns of `Tilings.inner`.
        bounds: [N], the bounds of the ranges.
        heap: [N], the numbers of ranges as a heap; after it, numbers that are free.
        leads: [2, H + 1], the group of the innermost loop between a level and the one inside it,
            at present and in the best case; G without a loop.
        sure: [H + 1, W], whether there is a plain relevant loop there in every case.
        some: [H + 1, G + 1], whether a group may be innermost there; last, whether there may be no
            loop.
        rest: [H + 1, W], the product of the irrelevant loops further out than a level.
        least: [J], words of the boundaries, before loops further out multiply them.
        cost: [2, H + 1, 1 + P], pJ and cycles: of the levels from one on outwards, with `const`;
            and the least of the levels inside it.
        tile, whole, seen: [D], a tile, the least iterations, and those that an instance works on.
        steps: [1], the least product of the temporal loops.
        effort: [2], how many choices of innermost loops may be tried, and how many were.
    """

    low: Ints
    high: Ints
    bounds: Floats
    heap: Ints
    leads: Ints
    sure: Ints
    some: Ints
    rest: Floats
    least: Floats
    cost: Floats
    tile: Ints
    whole: Ints
    seen: Ints
    steps: Floats
    effort: Ints


def make_work(facts: Facts, levels: int, ports: int, count: int) -> Work:
    """Memory for `count` ranges."""
    size, groups = len(facts.sizes), len(facts.boundaries.relevance)
    spaces = len(facts.role)
    return Work(
        low=np.zeros((count, levels, size), np.int64),
        high=np.zeros((count, levels, size), np.int64),
        bounds=np.zeros(count),
        heap=np.zeros(count, np.int64),
        leads=np.zeros((2, levels + 1), np.int64),
        sure=np.zeros((levels + 1, spaces), np.int64),
        some=np.zeros((levels + 1, groups + 1), np.int64),
        rest=np.ones((levels + 1, spaces)),
        least=np.zeros(len(facts.boundaries.levels)),
        cost=np.zeros((2, levels + 1, 1 + ports)),
        tile=np.ones(size, np.int64),
        whole=np.ones(size, np.int64),
        seen=np.ones(size, np.int64),
        steps=np.zeros(1),
        effort=np.zeros(2, np.int64),
    )


@inlined
def is_held(boundaries, tower, h, tile) -> bool:  # type: ignore[no-untyped-def]
    """Whether a tile fits into level h of the tower."""
    level = Level(tower.elements[h], tower.elements[h], tower.capacity[h])
    return tower.capacity[h] < 0 or held_units(boundaries, level, tile) <= tower.capacity[h]


@compiled
def tighten(boundaries, tower, tilings, work, n) -> bool:  # type: ignore[no-untyped-def]
    """Lowers the most k of range n to those that fit with the least of the other dimensions, and
    keeps k ascending from level to level. False if the range is empty."""
    low, high, tile = work.low[n], work.high[n], work.tile
    levels, size = low.shape
    for h in range(1, levels):
        for d in range(size):
            low[h, d] = max(low[h, d], low[h - 1, d])
    for h in range(levels - 1, -1, -1):
        for d in range(size):
            if h + 1 < levels:
                high[h, d] = min(high[h, d], high[h + 1, d])
            if high[h, d] < low[h, d]:
                return False
            tile[d] = tilings.inside[h, d] * tilings.inner[d, low[h, d]]
        if not is_held(boundaries, tower, h, tile):
            return False
        for d in range(size):
            least, most = low[h, d], high[h, d]
            while least < most:
                middle = (least + most + 1) // 2
                tile[d] = tilings.inside[h, d] * tilings.inner[d, middle]
                if is_held(boundaries, tower, h, tile):
                    least = middle
                else:
                    most = middle - 1
            high[h, d] = least
            tile[d] = tilings.inside[h, d] * tilings.inner[d, low[h, d]]
    return True


@compiled
def grow_sizes(boundaries, tower, tilings, work, n) -> None:  # type: ignore[no-untyped-def]
    """Fills `whole` with the least iterations of range n, and the costs that depend on no words."""
    low, high, role = work.low[n], work.high[n], boundaries.role
    levels, size = low.shape
    growth, outputs = 1.0, 1.0
    for d in range(size):
        whole = tilings.left[d]
        for h in range(levels):
            least = tilings.inner[d, low[h, d]] * tilings.outer[d, low[h, d]]
            for i in range(low[h, d] + 1, high[h, d] + 1):
                if least <= whole:
                    break
                least = min(least, tilings.inner[d, i] * tilings.outer[d, i])
            whole = max(whole, least)
        work.whole[d] = whole
        growth *= whole / tilings.left[d]
        if role[tower.written, d] >= PLAIN:
            outputs *= whole / tilings.left[d]
    for c in range(len(tilings.const)):
        work.cost[0, levels, c] = tilings.const[c, 0] * growth - tilings.const[c, 1] * outputs
    work.steps[0] = tilings.steps * growth


@compiled
def list_loops(boundaries, tilings, work, n) -> None:  # type: ignore[no-untyped-def]
    """Fills `sure`, `some` and `rest` for range n."""
    role, group = boundaries.role, boundaries.group
    low, high, sure, some, rest = work.low[n], work.high[n], work.sure, work.some, work.rest
    levels, size = low.shape
    groups = some.shape[1] - 1
    sure[:] = 0
    some[:] = 0
    rest[:] = 1.0
    for h in range(levels):
        some[h + 1, groups] = 1
        for d in range(size):
            least = most = tilings.counts[d] - 1
            if h + 1 < levels:
                least, most = low[h + 1, d], high[h + 1, d]
            if low[h, d] < most:
                some[h + 1, group[d]] = 1
            is_sure = high[h, d] < least
            if is_sure:
                some[h + 1, groups] = 0
            for w in range(len(role)):
                if is_sure and role[w, d] == PLAIN:
                    sure[h + 1, w] = 1
                if role[w, d] < PLAIN:
                    rest[h, w] *= tilings.outer[d, high[h, d]]


@compiled
def count_words(boundaries, tower, tilings, work, n) -> None:  # type: ignore[no-untyped-def]
    """Fills `least` for range n, and the least costs of the levels inside each level."""
    low, levels, cost = work.low[n], work.low.shape[1], work.cost
    tile, whole, seen = work.tile, work.whole, work.seen
    cost[1, 0] = 0.0
    for h in range(levels):
        for d in range(len(tile)):
            tile[d] = tilings.inside[h, d] * tilings.inner[d, low[h, d]]
            seen[d] = tilings.inside[h, d] * whole[d]
        for c in range(len(tilings.price)):
            cost[1, h + 1, c] = cost[1, h, c]
        for j in range(tower.first[h], tower.first[h + 1]):
            work.least[j] = union_words(
                boundaries.role, boundaries.stride, boundaries.axes, boundaries.spaces[j], tile,
                seen,
            )  # fmt: skip
            for c in range(len(tilings.price)):
                cost[1, h + 1, c] += tilings.price[c, j] * work.least[j]


@inlined
def find_cut(boundaries, work, leads, h, w) -> int:  # type: ignore[no-untyped-def]
    """The level further out than which irrelevant loops multiply what level h receives of w."""
    levels, groups = len(leads) - 1, work.some.shape[1] - 1
    is_open, found = True, levels
    for s in range(h + 1, levels + 1):
        g = leads[s]
        if g < groups:
            enters = boundaries.relevance[g, w]
            slides = enters > PLAIN and is_open and boundaries.rules.window != POSITION
            if enters == PLAIN or slides:
                found = s - 1
                break
            if work.sure[s, w]:
                found = s
                break
            is_open = False
    return found


@compiled
def bound_range(boundaries, tower, tilings, work, n) -> float:  # type: ignore[no-untyped-def]
    """A lower bound on the objective of all mappings in range n."""
    grow_sizes(boundaries, tower, tilings, work, n)
    list_loops(boundaries, tilings, work, n)
    count_words(boundaries, tower, tilings, work, n)
    leads, best_leads, cost = work.leads[0], work.leads[1], work.cost
    levels, groups = len(leads) - 1, work.some.shape[1] - 1
    best, h = np.inf, levels
    leads[h] = -1
    while True:
        leads[h] += 1
        if leads[h] > groups:
            if h == levels:
                return best
            h += 1
            continue
        if not work.some[h, leads[h]]:
            continue
        work.effort[1] += 1
        for c in range(cost.shape[2]):
            cost[0, h - 1, c] = cost[0, h, c]
        for j in range(tower.first[h - 1], tower.first[h]):
            w = boundaries.spaces[j]
            words = work.least[j] * work.rest[find_cut(boundaries, work, leads, h - 1, w), w]
            for c in range(cost.shape[2]):
                cost[0, h - 1, c] += tilings.price[c, j] * words
        needed = work.steps[0]
        for c in range(1, cost.shape[2]):
            needed = max(needed, cost[0, h - 1, c] + cost[1, h - 1, c])
        value = combine(tilings.goal, cost[0, h - 1, 0] + cost[1, h - 1, 0], needed)
        if value >= best:
            continue
        if h == 1:
            best = value
            for s in range(levels + 1):
                best_leads[s] = leads[s]
            continue
        h -= 1
        leads[h] = -1
