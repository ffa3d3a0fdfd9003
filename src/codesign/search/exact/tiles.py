"""The inner parts of mappings: factors and orders of the levels inside the middle.

The following holds if `Facts.is_simple`.

**Dominance.** The rest of a mapping depends on the inner part only through its tile and, for every
inner boundary, through the product of irrelevant loops that multiply its words (`repeats`) and
whether further irrelevant loops still leave its tile unchanged (`state`): D = words × repeats × the
factor of the loops further out. Reads, fills and cycles grow with D. If two inner parts have the
same tile, and one is not worse in all of these and does not cost more, it replaces the other. (For
a sliding dataspace that is kept at the outermost inner level, only the tile of the inner part
matters.)

**Orders.** Each dimension is irrelevant to at most one dataspace. So the innermost loops of a level
leave the tile of at most one dataspace unchanged; it is best if these are all loops irrelevant to
that dataspace. For the others, every loop counts. So one order per dataspace is enough. The order
of level 0 does not matter.

**Moves.** A loop over d at an inner level l can move to the innermost place of level l + 1, and the
loop of that level over d with it. The conditions are: d is irrelevant to all dataspaces that l
keeps, and relevant to every boundary further in; and no spatial split of a sliding d is between.
The tiles of l do not change during this loop. This only lowers the words that l receives, also for
an automaton at rest, since at rest every step counts its least. (It does not where a move of zero
is remembered and l keeps a sliding dataspace. Then d stays at l.) For boundaries further in, d is a
plain relevant loop before and after the move, and the runs of irrelevant loops inside it can only
grow. Tiles of level l + 1 and further out stay the same. So d need not have a factor at l.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled, inlined
from codesign.cost.tables import IRRELEVANT, PLAIN, Floats, Ints
from codesign.search.exact.bounds import OPEN, cross
from codesign.search.exact.facts import Facts
from codesign.space.factors import divisors

MOST_PARTS = 10**6
_CHUNK = 1024


class InnerParts(NamedTuple):
    """M inner parts, with l inner levels and i inner boundaries.

    Args:
        tile: [M, D], the tile at the outermost inner level.
        tiles: [M, l, D], the tiles at all inner levels.
        factors, orders: [M, l, D], temporal factors and loop orders.
        repeats: [M, i], the product of irrelevant loops that multiply the words of a boundary.
        state: [M, i], the state of a boundary, as in `bounds`.
        extra_pj: [M, l], pJ per word at a level in addition to the energy table's
            (`Facts.extra_pj`).
    """

    tile: Ints
    tiles: Ints
    factors: Ints
    orders: Ints
    repeats: Floats
    state: Ints
    extra_pj: Floats

    def some(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> InnerParts:
        """The parts at `rows`."""
        return InnerParts._make(array[rows] for array in self)


def inner_parts(facts: Facts, split: Ints) -> InnerParts:
    """All inner parts that fit and are not dominated by another.

    Parts grow level by level, from the innermost one. Dominance holds for the levels so far as it
    does for all, so of the parts with the same tile, only a few are kept after every level.

    Args:
        split: [l, D], the spatial factors of the inner levels.

    Raises:
        MemoryError: there are too many (`MOST_PARTS`).
    """
    levels, size = facts.inner + 1, len(facts.sizes)
    prunes = facts.is_simple and not _has_diagonals(facts, split)
    parts = _Growing(
        facts.pins.fixed[np.newaxis, :levels].copy(),
        np.tile(np.arange(size), (1, levels, 1)),
        np.ones((1, facts.boundaries.inner_count)),
        np.full((1, facts.boundaries.inner_count), OPEN, np.int64),
    )
    for level in range(levels):
        found: list[_Growing] = []
        for start in range(0, len(parts.factors), _CHUNK):
            grown = _grow(facts, split, parts.some(slice(start, start + _CHUNK)), level)
            if prunes and not facts.is_pooled:
                grown = grown.some(_best(facts, split, grown, level))
            found.append(grown)
            if sum(len(part.factors) for part in found) > MOST_PARTS:
                raise MemoryError("too many inner parts")
        parts = _Growing._make(map(np.concatenate, zip(*found, strict=True)))
        if prunes and len(found) > 1 and not facts.is_pooled:
            parts = parts.some(_best(facts, split, parts, level))
    tiles = np.cumprod(parts.factors * split, axis=1)
    last = tiles[:, -1] if levels > 0 else np.ones((1, size), np.int64)
    whole = InnerParts(last, tiles, *parts, np.ascontiguousarray(facts.extra_pj(tiles)))
    whole = whole.some(np.lexsort(whole.tile.T[::-1]))
    if prunes:
        scores = np.concatenate([whole.repeats, whole.state > 1, whole.extra_pj], axis=1)
        whole = whole.some(_undominated(whole.tile, scores))
    return whole


class _Growing(NamedTuple):
    """Inner parts of which only the inner levels are chosen; the arrays are as in `InnerParts`."""

    factors: Ints
    orders: Ints
    repeats: Floats
    state: Ints

    def some(self, rows: slice | NDArray[np.integer]) -> _Growing:
        """The parts at `rows`."""
        return _Growing._make(array[rows] for array in self)


def _grow(facts: Facts, split: Ints, parts: _Growing, level: int) -> _Growing:
    """All choices of factors and orders at a level, for parts with the levels inside it."""
    factors, rows = _level_factors(facts, split, parts.factors, level)
    orders = parts.orders[rows]
    if level > 0 and len(factors):
        options = _with_orders(facts, factors, level)
        masks = _masks(factors[:, level])
        counts = np.array([len(options[mask]) for mask in masks])
        if counts.sum() > MOST_PARTS:
            raise MemoryError("too many inner parts")
        orders = np.repeat(orders, counts, axis=0)
        orders[:, level] = np.concatenate([options[mask] for mask in masks])
        rows, factors = np.repeat(rows, counts), np.repeat(factors, counts, axis=0)
    repeats, state = parts.repeats[rows], parts.state[rows]
    trace(facts.boundaries, factors, orders, level, repeats, state)
    return _Growing(factors, orders, repeats, state)


def _best(facts: Facts, split: Ints, parts: _Growing, level: int) -> NDArray[np.int64]:
    """The parts that no part with the same tile at `level` dominates, in their order."""
    tile = np.prod(parts.factors[:, : level + 1] * split[: level + 1], axis=1)
    order = np.lexsort(tile.T[::-1])
    scores = np.concatenate([parts.repeats, parts.state > 1], axis=1)
    return np.sort(order[_undominated(tile[order], np.ascontiguousarray(scores[order]))])


def _has_diagonals(facts: Facts, split: Ints) -> bool:
    """Whether children of an inner level may coincide, which depends on its tile."""
    for w in range(len(facts.role)):
        for axis in range(PLAIN + 1, int(facts.role[w].max()) + 1):
            if ((split[:, facts.role[w] == axis] > 1).sum(axis=1) > 1).any():
                return True
    return False


def _level_factors(
    facts: Facts, split: Ints, table: Ints, level: int
) -> tuple[Ints, NDArray[np.int64]]:
    """[M, l, D], the temporal factors of a level that fit every inner level, and [M], the rows of
    `table` [n, l, D] that they continue."""
    levels, size = facts.inner + 1, len(facts.sizes)
    room = facts.sizes // split.prod(axis=0) // facts.pins.fixed.prod(axis=0)
    rows = np.arange(len(table))
    for d in range(size):
        fixed = int(facts.pins.fixed[level, d])
        if not facts.pins.free[level, d] or _moves_out(facts, split, level, d):
            options = [fixed]
        else:
            options = [fixed * f for f in divisors(int(room[d]))]
        grown, from_rows = np.repeat(table, len(options), axis=0), np.repeat(rows, len(options))
        grown[:, level, d] = np.tile(options, len(table))
        free = grown[:, :, d] // facts.pins.fixed[:levels, d]
        whole = room[d] % free.prod(axis=1) == 0
        grown, from_rows = grown[whole], from_rows[whole]
        tiles = np.cumprod(grown * split, axis=1)
        for held in range(level, levels):
            fit = facts.fits(tiles[:, held], held)
            grown, tiles, from_rows = grown[fit], tiles[fit], from_rows[fit]
        fit = facts.holds(tiles)
        table, rows = grown[fit], from_rows[fit]
        if len(table) > MOST_PARTS:
            raise MemoryError("too many inner parts")
    return table, rows


def _moves_out(facts: Facts, split: Ints, level: int, d: int) -> bool:
    if (
        not facts.is_simple
        or not facts.pins.free[level + 1, d]
        or (facts.pins.orders[level + 1] >= 0).any()
    ):
        return False
    if facts.boundaries.sliding[d] and (level + 1 > facts.inner or split[level + 1, d] > 1):
        return False
    here = [w for w in range(len(facts.role)) if facts.keep[level] >> w & 1]
    if facts.rules.rests and (facts.role[here] > PLAIN).any():
        return False
    inside = facts.boundaries.spaces[facts.boundaries.levels < level]
    return all(facts.role[w, d] == IRRELEVANT for w in here) and all(
        facts.role[w, d] == PLAIN for w in inside
    )


def _masks(factors: Ints) -> list[int]:
    """For factors [M, D], the dimensions with a factor above 1, as bits."""
    return [int(m) for m in ((factors > 1) << np.arange(factors.shape[1])).sum(axis=1)]


def _with_orders(facts: Facts, factors: Ints, level: int) -> dict[int, Ints]:
    """For every set of loops (as in `_masks`) that a level may have, the orders [n, D] to try."""
    found: dict[int, Ints] = {}
    for mask in set(_masks(factors[:, level])):
        size = len(facts.sizes)
        loops = [d for d in range(size) if mask >> d & 1]
        idle = [d for d in range(size) if not mask >> d & 1]
        if (facts.pins.orders[level] >= 0).any():
            listed: Iterator[tuple[int, ...]] = iter([tuple(np.argsort(facts.pins.orders[level]))])
            found[mask] = np.array(list(listed), np.int64)
            continue
        if facts.is_simple:
            resting = {
                tuple(sorted(loops, key=lambda d: facts.role[w, d] != IRRELEVANT))
                for w in range(len(facts.role))
            }
            listed = iter(sorted(resting))
        else:
            listed = itertools.permutations(loops)
        found[mask] = np.array([[*order, *idle] for order in listed], np.int64).reshape(-1, size)
    return found


@compiled
def trace(boundaries, factors, orders, level, repeats, state) -> None:  # type: ignore[no-untyped-def]
    """Updates `repeats` and `state` of the inner boundaries inside `level` by its loops."""
    role, levels, spaces = boundaries.role, boundaries.levels, boundaries.spaces
    window = boundaries.rules.window
    for row in range(len(factors)):
        for i in range(repeats.shape[1]):
            if levels[i] >= level:
                continue
            w = spaces[i]
            for position in range(factors.shape[2]):
                d = orders[row, level, position]
                n = factors[row, level, d]
                if n == 1:
                    continue
                enters = min(role[w, d], 1)
                rest = float(n) if enters < 0 else 1.0
                factor, after = cross(state[row, i], enters, rest, enters == 1, enters == 0, window)
                repeats[row, i] *= factor
                state[row, i] = after


def _undominated(tile: Ints, scores: Floats) -> NDArray[np.bool_]:
    """bool [M], the parts that no part with the same tile dominates; of equal ones, the first.

    Args:
        tile: [M, D], sorted so that equal tiles follow each other.
        scores: [M, S], of which less is better.
    """
    keep = np.ones(len(tile), np.bool_)
    _drop_dominated(tile, np.asarray(scores, np.float64), keep)
    return keep


@compiled
def _drop_dominated(tile, scores, keep) -> None:  # type: ignore[no-untyped-def]
    """Sets `keep` [M] to False for parts that another one with the same tile replaces."""
    start = 0
    while start < len(tile):
        end = start + 1
        while end < len(tile) and is_same(tile, start, end):
            end += 1
        for one in range(start, end):
            for other in range(start, end):
                if one == other or not keep[other]:
                    continue
                worse, better = False, False
                for i in range(scores.shape[1]):
                    worse = worse or scores[other, i] > scores[one, i]
                    better = better or scores[other, i] < scores[one, i]
                if not worse and (better or other < one):
                    keep[one] = False
                    break
        start = end


@inlined
def is_same(tile, one, other) -> bool:  # type: ignore[no-untyped-def]
    """Whether two tiles are equal."""
    same = True
    for d in range(tile.shape[1]):
        same = same and tile[one, d] == tile[other, d]
    return same
