"""The parts of pairs: outer parts, costs of inner parts, and constants of a spatial split.

With a fixed spatial split, an outer part is a tile of the middle's outermost level, from which the
factors further out follow. Its own cost is the traffic of the middle's boundaries.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled
from codesign.cost.tables import Floats, Ints
from codesign.search.exact.bounds import OPEN, cross, distinct_places, union_words
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import Goal, energy_limit
from codesign.search.exact.spatial import Rates, seen
from codesign.search.exact.tiles import InnerParts
from codesign.space.factors import divisors

MOST_OUTER = 2 * 10**6


class Shared(NamedTuple):
    """The constants of one spatial split, for all of its pairs.

    Args:
        split, seen: [L, D], spatial factors, and iterations that an instance works on (`seen`).
        const, fill, parent: [], [J] and [J], the energy as a linear cost (`spatial.Linear`).
        spread: [3, D], spatial factors of the inner, the middle and the outer part.
        port_const: [n], cycles that each of n ports needs if the boundaries of the middle receive
            their least.
        port_rest: [n], the share of the middle's boundaries in `port_const`.
        port_rate: [n, J], cycles per word of a boundary.
        cycles: the least cycles of any mapping with this split, without late ones.
        paid, asked: [L], as in `Rates`.
        goal: the goal, with what the accelerator adds to it.
        ragged: bool [2], whether all ways to divide loops among levels must be tried in the
            middle, and in the outer part.
    """

    split: Ints
    seen: Ints
    const: float
    fill: Floats
    parent: Floats
    spread: Ints
    port_const: Floats
    port_rest: Floats
    port_rate: Floats
    cycles: float
    paid: Floats
    asked: Floats
    goal: Goal
    ragged: NDArray[np.bool_]

    def energy_limit(self, limit: float) -> float:
        """The dynamic energy at which any mapping with this split reaches `limit`."""
        return energy_limit(self.goal, limit, self.cycles)


def share(
    facts: Facts, split: Ints, rates: Rates, words: Floats, cycles: float, row: int, goal: float
) -> Shared:
    """The constants of spatial split `row` of `rates`.

    Args:
        words: [J], the least words that every boundary receives.
        cycles: the least cycles of the split.
        goal: the goal, a number of `goal.goal_of`.
    """
    edges = (0, facts.inner + 1, facts.middle + 1, len(split))
    spread = [split[a:b].prod(axis=0) for a, b in itertools.pairwise(edges)]
    rate = np.zeros((len(rates.ports), len(words)))
    const = np.zeros(len(rates.ports))
    for n, port in enumerate(rates.ports):
        rate[n] = port.fill[row] + port.parent[row]
        const[n] = port.const[row]
    rest = rate[:, facts.boundaries.inner_count :] @ words[facts.boundaries.inner_count :]
    energy = rates.energy
    return Shared(
        split, seen(facts, split[np.newaxis])[0], float(energy.const[row]), energy.fill[row],
        energy.parent[row], np.array(spread), const + rest, rest, rate, cycles,
        np.ascontiguousarray(rates.paid[row]), np.ascontiguousarray(rates.asked[row]),
        facts.goal(goal), _ragged(facts, split),
    )  # fmt: skip


def _ragged(facts: Facts, split: Ints) -> NDArray[np.bool_]:
    """`Shared.ragged`: whether children of a split above the innermost level of a part may
    coincide, or the dataflow has pins at its levels."""
    out = np.zeros(2, np.bool_)
    edges = (facts.inner + 1, facts.middle + 1, len(split))
    for part, (first, end) in enumerate(itertools.pairwise(edges)):
        fixed, free = facts.pins.fixed[first:end], facts.pins.free[first:end]
        out[part] = (fixed[:-1] > 1).any() or (free != free[-1]).any()
        for level in range(first + 1, end):
            for roles in facts.role:
                for axis in range(1, int(roles.max()) + 1):
                    out[part] |= (split[level, roles == axis] > 1).sum() > 1
    return out


class OuterParts(NamedTuple):
    """M outer parts, those of the least cost first.

    Args:
        tile: [M, D], tiles of the middle's outermost level.
        factor: [M, D], temporal factors further out.
        cost: [M, G], lower bounds on the energy of the middle's boundaries, by the group of the
            innermost loop further out; infinite if no loop of the group is there.
        least: [M], the least of these bounds.
    """

    tile: Ints
    factor: Ints
    cost: Floats
    least: Floats

    def some(self, rows: NDArray[np.int64]) -> OuterParts:
        """The parts at `rows`."""
        return OuterParts._make(array[rows] for array in self)


def outer_parts(facts: Facts, shared: Shared, most: float) -> OuterParts:
    """The outer parts whose own cost is below `most`.

    Raises:
        MemoryError: there are too many (`MOST_OUTER`).
    """
    size = len(facts.sizes)
    room = facts.sizes // shared.spread.prod(axis=0)
    fixed, free = facts.pins.parts_fixed, facts.pins.parts_free
    rows = np.ones((1, 0), np.int64)
    for d in range(size):
        options = np.array(
            [
                k
                for k in divisors(int(room[d]))
                if k % (fixed[0, d] * fixed[1, d]) == 0
                and (room[d] // k) % fixed[2, d] == 0
                and (free[2, d] or room[d] // k == fixed[2, d])
                and (free[0, d] or free[1, d] or k == fixed[0, d] * fixed[1, d])
            ],
            np.int64,
        )
        if len(rows) * len(options) > MOST_OUTER:
            raise MemoryError("too many outer parts")
        rows = np.concatenate(
            [np.repeat(rows, len(options), axis=0), np.tile(options, len(rows))[:, np.newaxis]],
            axis=1,
        )
    tile = rows * shared.spread[0] * shared.spread[1]
    held = facts.fits(tile, facts.middle)
    rows, tile = rows[held], tile[held]
    factor = room // rows
    cost = np.full((len(rows), len(facts.boundaries.relevance)), np.inf)
    bound_outer(facts.boundaries, shared, tile, factor, cost)
    least = cost.min(axis=1)
    keep = np.flatnonzero(least < most)
    keep = keep[np.argsort(least[keep], kind="stable")]
    return OuterParts(tile[keep], factor[keep], cost[keep], least[keep])


@compiled
def has_loops(factors, group, g, relevance, w, wanted) -> bool:  # type: ignore[no-untyped-def]
    """Whether there are loops of group g (if w < 0), or that enter dataspace w as `wanted`."""
    for d in range(len(factors)):
        if factors[d] > 1 and (
            (w < 0 and group[d] == g) or (w >= 0 and relevance[group[d], w] == wanted)
        ):
            return True
    return False


@compiled
def resting(factors, group, relevance, w) -> float:  # type: ignore[no-untyped-def]
    """The product of the loops that are irrelevant to dataspace w."""
    product = 1.0
    for d in range(len(factors)):
        if relevance[group[d], w] < 0:
            product *= factors[d]
    return product


@compiled
def bound_outer(boundaries, shared, tile, factor, cost) -> None:  # type: ignore[no-untyped-def]
    """Fills `cost` [M, G], see `OuterParts`."""
    role, stride, axes = boundaries.role, boundaries.stride, boundaries.axes
    levels, spaces, inner_count = boundaries.levels, boundaries.spaces, boundaries.inner_count
    group, relevance, seen = boundaries.group, boundaries.relevance, shared.seen
    for row in range(len(tile)):
        any_loop = False
        for d in range(tile.shape[1]):
            any_loop = any_loop or factor[row, d] > 1
        for g in range(cost.shape[1]):
            if any_loop and not has_loops(factor[row], group, g, relevance, -1, 0):
                continue
            total = 0.0
            for j in range(inner_count, len(levels)):
                w = spaces[j]
                words = union_words(role, stride, axes, w, tile[row], seen[levels[j]])
                if any_loop:
                    times, _ = cross(
                        OPEN, relevance[g, w], resting(factor[row], group, relevance, w),
                        has_loops(factor[row], group, g, relevance, w, 1),
                        has_loops(factor[row], group, g, relevance, w, 0), boundaries.rules.window,
                    )  # fmt: skip
                    words *= times
                total += (shared.fill[j] + shared.parent[j]) * words
            cost[row, g] = total


class InnerCosts(NamedTuple):
    """The costs of M inner parts, with n runs of parts with the same tile.

    Args:
        words: [M, i], words of inner boundaries, before loops further out multiply them.
        value: [M, i], their energy in pJ, before loops further out multiply it.
        extra: [M], pJ from `InnerParts.extra_pj` that loops further out do not multiply.
        base: [M], the sum of `value` and `extra`: a lower bound for all loops further out.
        starts: [n + 1], the first rows of the runs.
        least: [n], the least base of a run.
    """

    words: Floats
    value: Floats
    extra: Floats
    base: Floats
    starts: Ints
    least: Floats


class Parts(NamedTuple):
    """The parts of the pairs of one spatial split."""

    inner: InnerParts
    costs: InnerCosts
    outer: OuterParts


def inner_costs(facts: Facts, shared: Shared, inner: InnerParts) -> InnerCosts:
    """The costs of inner parts with a spatial split."""
    boundaries = facts.boundaries
    words = np.ones((len(inner.tile), boundaries.inner_count))
    value = np.ones_like(words)
    bound_inner(boundaries, shared, inner, words, value)
    levels = boundaries.levels[: boundaries.inner_count]
    value += inner.extra_pj[:, levels] * shared.paid[levels] * words * inner.repeats
    extra = inner.extra_pj @ shared.asked[: inner.extra_pj.shape[1]]
    base = value.sum(axis=1) + extra
    new = (np.diff(inner.tile, axis=0) != 0).any(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], new, [True]]))
    least = np.minimum.reduceat(base, starts[:-1]) if len(base) else base
    return InnerCosts(words, value, extra, base, starts, least)


@compiled
def bound_inner(boundaries, shared, inner, words, value) -> None:  # type: ignore[no-untyped-def]
    """Fills `words` and `value`, both [M, i], see `InnerCosts`.

    The groups of children that a parent serves are counted exactly for the first spatial split
    outside the inner part, because the tile gives the distances there. `Shared.parent` has only a
    bound on them.
    """
    role, stride, axes = boundaries.role, boundaries.stride, boundaries.axes
    levels, spaces, parents = boundaries.levels, boundaries.spaces, boundaries.parents
    tiles, fill, parent = inner.tiles, shared.fill, shared.parent
    last = tiles.shape[1] - 1
    for row in range(len(tiles)):
        for j in range(words.shape[1]):
            w, level = spaces[j], levels[j]
            words[row, j] = union_words(
                role, stride, axes, w, tiles[row, level], shared.seen[level]
            )
            scale = 1.0
            if axes[w] > 0 and parents[j] > last:
                first = shared.split[last + 1]
                exact = distinct_places(role, stride, axes, w, tiles[row, last], first)
                known = 1.0
                for axis in range(axes[w] + 1):
                    groups = 1.0
                    for d in range(len(first)):
                        if role[w, d] == axis:
                            groups = groups * first[d] if axis == 0 else groups + first[d] - 1
                    known *= groups
                scale = exact / known
            value[row, j] = (fill[j] + parent[j] * scale) * words[row, j] * inner.repeats[row, j]
