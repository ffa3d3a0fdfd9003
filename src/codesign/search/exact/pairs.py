"""Pairs of an inner part and an outer part of a mapping, with lower bounds on their costs.

With a fixed spatial split, an inner part (`tiles`) and the tile of the middle's outermost level
determine all factors: the quotient of the two tiles goes to the middle, the rest to the outer part.
The bound of a pair uses the best innermost loop for each of these two sets of loops, and the best
order of the other loops for every boundary (`bounds.cross`). So it holds for every order, and for
every way to divide the factors of the middle and of the outer part among their levels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.compiled import compiled
from codesign.cost.tables import Floats, Ints
from codesign.search.exact.bounds import CLOSED, cross
from codesign.search.exact.facts import Boundaries
from codesign.search.exact.goal import combine


@compiled
def summarize(factors, row, group, relevance, w, summary, first) -> None:  # type: ignore[no-untyped-def]
    """Fills three rows of `summary` for a set of loops and dataspace w.

    They are the product of irrelevant loops, whether there are sliding loops, and whether there
    are plain relevant loops.
    """
    summary[first, w], summary[first + 1, w], summary[first + 2, w] = 1.0, 0.0, 0.0
    for d in range(factors.shape[1]):
        if factors[row, d] == 1:
            continue
        if relevance[group[d], w] < 0:
            summary[first, w] *= factors[row, d]
        elif relevance[group[d], w] > 0:
            summary[first + 1, w] = 1.0
        else:
            summary[first + 2, w] = 1.0


class Pairs(NamedTuple):
    """Pairs of an outer and an inner part.

    Args:
        rows: [n, 2], the numbers of the outer and the inner part.
        bounds: [n], lower bounds on the objective of mappings with these parts.
    """

    rows: Ints
    bounds: Floats


class Matching(NamedTuple):
    """Working memory and counts of `match`.

    Args:
        quotient: [1, D], temporal factors of the middle.
        summary: [6, W], `summarize` of the middle's and of the outer part's loops.
        present: [2, G], whether a group may have the innermost loop of the middle, of the outer.
        factors: [i], by which loops further out multiply the words of inner boundaries.
        counts: [3], pairs found, pairs bounded, and pairs dropped by their bound.
    """

    quotient: Ints
    summary: Floats
    present: Ints
    factors: Floats
    counts: Ints


def make_matching(boundaries: Boundaries) -> Matching:
    """Working memory for `match`."""
    groups, spaces = boundaries.relevance.shape
    return Matching(
        quotient=np.ones((1, len(boundaries.group)), np.int64),
        summary=np.ones((6, spaces)),
        present=np.zeros((2, groups), np.int64),
        factors=np.ones(boundaries.inner_count),
        counts=np.zeros(3, np.int64),
    )


@compiled
def match(  # type: ignore[no-untyped-def]
    boundaries, pins, shared, parts, first_outer, last_outer, limit, energy_limit, pairs, work
) -> int:
    """Lists pairs with a bound below `limit`, and returns the outer part to continue with.

    Args:
        parts: a `parts.Parts`.
        first_outer, last_outer: the range of outer parts, which are paired with all inner parts.
        limit: the limit on the objective.
        energy_limit: the limit on the energy (`Shared.energy_limit`).
        pairs: filled with the pairs found.
        work: a `Matching`.
    """
    relevance, group, spaces = boundaries.relevance, boundaries.group, boundaries.spaces
    window, const = boundaries.rules.window, shared.const
    fixed, free, spread = pins.parts_fixed, pins.parts_free, shared.spread
    port_const, port_rate = shared.port_const, shared.port_rate
    inner, costs, outer = parts
    inner_tile, repeats, state = inner.tile, inner.repeats, inner.state
    words, value, extra, base, starts, least_base = costs
    outer_tile, outer_factor, outer_cost, outer_least = outer
    quotient, summary, present, factors, counts = work
    found, bounds = pairs
    size, inner_count, groups = inner_tile.shape[1], value.shape[1], len(relevance)
    counts[0] = 0
    for o in range(first_outer, last_outer):
        if counts[0] + len(inner_tile) > len(found):
            return o
        allowed = energy_limit - const - outer_least[o]
        has_outer = False
        for d in range(size):
            has_outer = has_outer or outer_factor[o, d] > 1
        for w in range(relevance.shape[1]):
            summarize(outer_factor, o, group, relevance, w, summary, 3)
        for run in range(len(starts) - 1):
            first, after = starts[run], starts[run + 1]
            if least_base[run] >= allowed:
                counts[1] += after - first
                counts[2] += after - first
                continue
            whole, has_middle = True, False
            for d in range(size):
                inside = inner_tile[first, d] * spread[1, d]
                quotient[0, d] = outer_tile[o, d] // inside
                if quotient[0, d] * inside != outer_tile[o, d]:
                    whole = False
                    break
                rest = quotient[0, d] // fixed[1, d]
                if rest * fixed[1, d] != quotient[0, d] or (rest > 1 and not free[1, d]):
                    whole = False
                    break
                has_middle = has_middle or quotient[0, d] > 1
            if not whole:
                continue
            counts[1] += after - first
            is_ready = False
            for i in range(first, after):
                if base[i] >= allowed:
                    counts[2] += 1
                    continue
                if not is_ready:
                    is_ready = True
                    for w in range(relevance.shape[1]):
                        summarize(quotient, 0, group, relevance, w, summary, 0)
                    for g in range(groups):
                        present[0, g] = not has_middle and g == 0
                        present[1, g] = outer_cost[o, g] < np.inf and (has_outer or g == 0)
                    for d in range(size):
                        if quotient[0, d] > 1:
                            present[0, group[d]] = 1
                certain = extra[i]
                for j in range(inner_count):
                    times = 1.0
                    if state[i, j] == CLOSED:
                        times = summary[0, spaces[j]] * summary[3, spaces[j]]
                    certain += value[i, j] * times
                if certain >= allowed:
                    counts[2] += 1
                    continue
                least = np.inf
                for g in range(groups):
                    if not present[0, g]:
                        continue
                    for h in range(groups):
                        if not present[1, h]:
                            continue
                        total = const + extra[i] + outer_cost[o, h]
                        for j in range(inner_count):
                            w = spaces[j]
                            now, times = state[i, j], 1.0
                            if has_middle:
                                times, now = cross(
                                    now, relevance[g, w], summary[0, w], summary[1, w] > 0,
                                    summary[2, w] > 0, window,
                                )  # fmt: skip
                            if has_outer:
                                more, now = cross(
                                    now, relevance[h, w], summary[3, w], summary[4, w] > 0,
                                    summary[5, w] > 0, window,
                                )  # fmt: skip
                                times *= more
                            factors[j] = times
                            total += value[i, j] * times
                        if total >= energy_limit:
                            continue
                        needed = shared.cycles
                        for port in range(len(port_const)):
                            at_port = port_const[port]
                            for j in range(inner_count):
                                crossing = words[i, j] * repeats[i, j] * factors[j]
                                at_port += port_rate[port, j] * crossing
                            needed = max(needed, at_port)
                        least = min(least, combine(shared.goal, total, needed))
                if least >= limit:
                    counts[2] += 1
                    continue
                found[counts[0], 0] = o
                found[counts[0], 1] = i
                bounds[counts[0]] = least
                counts[0] += 1
    return last_outer
