"""Pairs of an inner part and an outer part of a mapping, and what a pair costs at least.

With the spatial split fixed, an inner part (`tiles`) and the tile of the middle's outermost level
leave no choice of factors: the quotient of the two tiles goes to the middle, the rest to the outer
part. A pair's bound takes, for each of the two sets of loops, the best innermost loop, and for every
boundary the best order of the others (`bounds.cross`). It covers every order, and every split of
the middle's and the outer part's factors among their levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.compiled import compiled
from codesign.cost.tables import Floats, Ints
from codesign.search.exact.bounds import OPEN, cross, distinct_places, union_words
from codesign.search.exact.model import Model
from codesign.search.exact.tiles import InnerParts
from codesign.space.slots import divisors

MOST_OUTER = 2 * 10**6


@dataclass(frozen=True)
class Shared:
    """What all pairs of one spatial split share.

    Args:
        split: [L, D]; seen: [L, D]; const, fill, parent: the linear cost, [] and [J].
        spread: [3, D], spatial factors of the inner, the middle and the outer part.
    """

    split: Ints
    seen: Ints
    const: float
    fill: Floats
    parent: Floats
    spread: Ints


@dataclass(frozen=True)
class OuterParts:
    """M outer parts, cheapest first: tiles of the middle's outermost level.

    Args:
        tile: [M, D]; factor: [M, D], temporal factors outside.
        cost: [M, G], bound of what the middle's own boundaries cost, by the group of the
            innermost loop outside; infinite where no loop of the group is outside.
        least: [M], the least of those.
    """

    tile: Ints
    factor: Ints
    cost: Floats
    least: Floats


def outer_parts(model: Model, shared: Shared, most: float) -> OuterParts:
    """The outer parts whose own cost, with the least of all else, stays below `most`.

    Raises:
        MemoryError: there are more than `MOST_OUTER`.
    """
    size = len(model.sizes)
    room = model.sizes // shared.spread.prod(axis=0)
    fixed, free = model.parts_fixed, model.parts_free
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
    held = model.fits(tile, model.middle)
    rows, tile = rows[held], tile[held]
    factor = room // rows
    cost = np.full((len(rows), len(model.habit)), np.inf)
    bound_outer(
        model.kind, model.stride, model.tables.axes, model.levels, model.spaces, model.habit,
        model.group, shared.seen, shared.fill, shared.parent, model.inner_count, tile, factor,
        model.is_exact, cost,
    )  # fmt: skip
    least = cost.min(axis=1)
    keep = np.flatnonzero(least < most)
    keep = keep[np.argsort(least[keep], kind="stable")]
    return OuterParts(tile[keep], factor[keep], cost[keep], least[keep])


@compiled
def has_loops(factors, group, g, habit, w, wanted) -> bool:  # type: ignore[no-untyped-def]
    """Whether loops of group g exist (w < 0), or loops that enter dataspace w as `wanted`."""
    for d in range(len(factors)):
        if factors[d] > 1 and ((w < 0 and group[d] == g) or (w >= 0 and habit[group[d], w] == wanted)):
            return True
    return False


@compiled
def resting(factors, group, habit, w) -> float:  # type: ignore[no-untyped-def]
    """The product of the loops irrelevant to dataspace w."""
    product = 1.0
    for d in range(len(factors)):
        if habit[group[d], w] < 0:
            product *= factors[d]
    return product


@compiled
def bound_outer(  # type: ignore[no-untyped-def]
    kind, stride, axes, levels, spaces, habit, group, seen, fill, parent, inner_count,
    tile, factor, is_exact, cost,
) -> None:  # fmt: skip
    """Fills `OuterParts.cost`."""
    for row in range(len(tile)):
        any_loop = False
        for d in range(tile.shape[1]):
            any_loop = any_loop or factor[row, d] > 1
        for g in range(cost.shape[1]):
            if any_loop and not has_loops(factor[row], group, g, habit, -1, 0):
                continue
            total = 0.0
            for j in range(inner_count, len(levels)):
                w = spaces[j]
                words = union_words(kind, stride, axes, w, tile[row], seen[levels[j]])
                if any_loop:
                    times, _ = cross(
                        OPEN, habit[g, w], resting(factor[row], group, habit, w),
                        has_loops(factor[row], group, g, habit, w, 1),
                        has_loops(factor[row], group, g, habit, w, 0), is_exact,
                    )  # fmt: skip
                    words *= times
                total += (fill[j] + parent[j]) * words
            cost[row, g] = total


def inner_values(model: Model, shared: Shared, inner: InnerParts) -> tuple[Floats, Floats]:
    """Words and costs of inner boundaries, [M, i] each, before what loops outside multiply."""
    words = np.ones((len(inner.tile), model.inner_count))
    value = np.ones_like(words)
    bound_inner(
        model.kind, model.stride, model.tables.axes, model.levels, model.spaces, model.parents,
        shared.split, shared.seen, shared.fill, shared.parent, inner.tiles, inner.lost, words,
        value,
    )  # fmt: skip
    return words, value


@compiled
def bound_inner(  # type: ignore[no-untyped-def]
    kind, stride, axes, levels, spaces, parents, split, seen, fill, parent, tiles, lost, words, value
) -> None:  # fmt: skip
    """Fills the arrays of `inner_values`.

    The groups of children that a parent serves are counted exactly at the first spatial split
    outside the inner part, whose distances the tile tells; `parent` has a bound of them.
    """
    last = tiles.shape[1] - 1
    for row in range(len(tiles)):
        for j in range(words.shape[1]):
            w, level = spaces[j], levels[j]
            words[row, j] = union_words(kind, stride, axes, w, tiles[row, level], seen[level])
            scale = 1.0
            if axes[w] > 0 and parents[j] > last:
                first = split[last + 1]
                exact = distinct_places(kind, stride, axes, w, tiles[row, last], first)
                known = 1.0
                for kinds in range(axes[w] + 1):
                    groups = 1.0
                    for d in range(split.shape[1]):
                        if kind[w, d] == kinds:
                            groups = groups * first[d] if kinds == 0 else groups + first[d] - 1
                    known *= groups
                scale = exact / known
            value[row, j] = (fill[j] + parent[j] * scale) * words[row, j] * lost[row, j]


@compiled
def match(  # type: ignore[no-untyped-def]
    kind, spaces, habit, group, spread, fixed, free, const, limit, is_exact,
    outer_tile, outer_factor, outer_cost, outer_least, first_outer, last_outer,
    inner_tile, value, state, base, quotient, found, bounds, counts,
) -> int:  # fmt: skip
    """Lists pairs whose bound is below `limit`; returns the outer part to go on with.

    Args:
        quotient: [D], working memory.
        found: [n, 2], pairs (outer, inner) found; bounds: [n], their bounds.
        counts: [3], pairs found, pairs with whole quotients, pairs pruned by their bound.
    """
    size, inner_count = inner_tile.shape[1], value.shape[1]
    groups = len(habit)
    counts[0] = 0
    for o in range(first_outer, last_outer):
        if counts[0] + len(inner_tile) > len(found):
            return o
        previous, whole = -1, False
        for i in range(len(inner_tile)):
            if base[i] + outer_least[o] + const >= limit:
                counts[2] += 1
                continue
            same = previous >= 0
            if same:
                for d in range(size):
                    if inner_tile[i, d] != inner_tile[previous, d]:
                        same = False
                        break
            if not same:
                whole = True
                for d in range(size):
                    inside = inner_tile[i, d] * spread[1, d]
                    quotient[d] = outer_tile[o, d] // inside
                    rest = quotient[d] // fixed[1, d]
                    if (
                        quotient[d] * inside != outer_tile[o, d]
                        or rest * fixed[1, d] != quotient[d]
                        or (rest > 1 and not free[1, d])
                    ):
                        whole = False
                        break
            previous = i
            if not whole:
                continue
            counts[1] += 1
            least = np.inf
            has_middle, has_outer = False, False
            for d in range(size):
                has_middle = has_middle or quotient[d] > 1
                has_outer = has_outer or outer_factor[o, d] > 1
            for g in range(groups):
                if has_middle and not has_loops(quotient, group, g, habit, -1, 0):
                    continue
                for h in range(groups):
                    if outer_cost[o, h] == np.inf:
                        continue
                    total = const + outer_cost[o, h]
                    for j in range(inner_count):
                        w = spaces[j]
                        now, times = state[i, j], 1.0
                        if has_middle:
                            times, now = cross(
                                now, habit[g, w], resting(quotient, group, habit, w),
                                has_loops(quotient, group, g, habit, w, 1),
                                has_loops(quotient, group, g, habit, w, 0), is_exact,
                            )  # fmt: skip
                        if has_outer:
                            more, now = cross(
                                now, habit[h, w], resting(outer_factor[o], group, habit, w),
                                has_loops(outer_factor[o], group, h, habit, w, 1),
                                has_loops(outer_factor[o], group, h, habit, w, 0), is_exact,
                            )  # fmt: skip
                            times *= more
                        total += value[i, j] * times
                    least = min(least, total)
                if not has_middle:
                    break
            if least >= limit:
                counts[2] += 1
                continue
            found[counts[0], 0] = o
            found[counts[0], 1] = i
            bounds[counts[0]] = least
            counts[0] += 1
    return last_outer
