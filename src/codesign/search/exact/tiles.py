"""Inner parts of mappings: factors and orders of the levels inside the middle.

**Dominance.** Where the inner part counts plain dataspaces only (`Facts.is_simple`), all that the
rest of a mapping can tell of it is its tile and, for every inner boundary, how many times
irrelevant loops multiply its words (`lost`) and whether they still may rest (`state`): D = words ×
lost × what the loops further out multiply. Reads, fills and cycles grow with D. Of two inner parts
with the same tile, one that is no worse in all of these, and costs no more, replaces the other. (A
sliding dataspace kept at the outermost inner level sees nothing of the inner part but the tile.)

**Orders.** There each dimension is irrelevant to one dataspace at most, so that at most one
dataspace rests during the innermost loops of a level, and best during all of its irrelevant loops;
the others feel every loop. One order for each dataspace is enough. The order of level 0 matters to
none.

**Moves.** There a loop over d at an inner level l can move to the innermost place of level l + 1,
and that level's loop over d with it, if d is irrelevant to all that l keeps and relevant to every
boundary further in, and if no spatial split of a sliding d lies between. The boundaries of l rest
during it; that only lowers what they receive, an automaton at rest included, since at rest every
step counts its least. Further in, d was a relevant plain loop and still is, further out: runs of
irrelevant loops inside it only grow. Tiles of level l + 1 and all further out stay. So d need not
have a factor at l.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled
from codesign.cost.tables import IRRELEVANT, PLAIN, Floats, Ints
from codesign.search.exact.bounds import OPEN, cross
from codesign.search.exact.facts import Facts
from codesign.space.slots import divisors

MOST_PARTS = 10**6


class InnerParts(NamedTuple):
    """M inner parts; l inner levels, i inner boundaries.

    Args:
        tile: [M, D], at the outermost inner level.
        tiles: [M, l, D], at every inner level.
        factors, orders: [M, l, D], temporal.
        lost: [M, i]; state: [M, i].
        extra_pj: [M, l], pJ per word at a level, beyond the tables' price (`Facts.extra_pj`).
    """

    tile: Ints
    tiles: Ints
    factors: Ints
    orders: Ints
    lost: Floats
    state: Ints
    extra_pj: Floats

    def some(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> InnerParts:
        """Those at `rows`."""
        return InnerParts._make(array[rows] for array in self)


def inner_parts(facts: Facts, split: Ints) -> InnerParts:
    """All inner parts that fit and that no other dominates.

    Args:
        split: [l, D], the spatial factors of the inner levels.

    Raises:
        MemoryError: there are more than `MOST_PARTS`.
    """
    factors = _factors(facts, split)
    levels = facts.inner + 1
    tiles = np.cumprod(factors * split, axis=1)
    chosen = [_with_orders(facts, factors, level) for level in range(1, levels)]
    rows = np.arange(len(factors))
    orders = np.tile(np.arange(len(facts.sizes)), (len(factors), levels, 1))
    for level, options in enumerate(chosen, start=1):
        counts = np.array([len(options[key]) for key in _masks(factors[:, level])])
        if counts[rows].sum() > MOST_PARTS:
            raise MemoryError("too many inner parts")
        tables = [options[key] for key in _masks(factors[:, level])]
        picked = [tables[row] for row in rows]
        orders = np.repeat(orders, counts[rows], axis=0)
        rows = np.repeat(rows, counts[rows])
        if picked:
            orders[:, level] = np.concatenate(picked)
    lost = np.ones((len(rows), facts.boundaries.inner_count))
    state = np.full((len(rows), facts.boundaries.inner_count), OPEN, np.int64)
    if levels > 0:
        trace(facts.boundaries, factors[rows], orders, lost, state)
    last = tiles[:, -1] if levels > 0 else np.ones((len(factors), len(facts.sizes)), np.int64)
    extra_pj = np.ascontiguousarray(facts.extra_pj(tiles))
    parts = InnerParts(last[rows], tiles[rows], factors[rows], orders, lost, state, extra_pj[rows])
    parts = parts.some(np.lexsort(parts.tile.T[::-1]))
    if facts.is_simple and not _has_diagonals(facts, split):
        parts = parts.some(_undominated(parts))
    return parts


def _has_diagonals(facts: Facts, split: Ints) -> bool:
    """Whether children of an inner level may coincide, depending on its tile."""
    for w in range(len(facts.role)):
        for axis in range(PLAIN + 1, int(facts.role[w].max()) + 1):
            if ((split[:, facts.role[w] == axis] > 1).sum(axis=1) > 1).any():
                return True
    return False


def _factors(facts: Facts, split: Ints) -> Ints:
    """[M, l, D], temporal factors that fit every inner level."""
    levels, size = facts.inner + 1, len(facts.sizes)
    room = facts.sizes // split.prod(axis=0) // facts.pins.fixed.prod(axis=0)
    table = facts.pins.fixed[np.newaxis, :levels].copy()
    for level in range(levels):
        for d in range(size):
            fixed = int(facts.pins.fixed[level, d])
            options = [fixed]
            if facts.pins.free[level, d] and not _moves_out(facts, split, level, d):
                options = [fixed * f for f in divisors(int(room[d]))]
            grown = np.repeat(table, len(options), axis=0)
            grown[:, level, d] = np.tile(options, len(table))
            free = grown[:, :, d] // facts.pins.fixed[:levels, d]
            grown = grown[room[d] % free.prod(axis=1) == 0]
            tiles = np.cumprod(grown * split, axis=1)
            for held in range(level, levels):
                fit = facts.fits(tiles[:, held], held)
                grown, tiles = grown[fit], tiles[fit]
            grown = grown[facts.holds(tiles)]
            table = grown
            if len(table) > MOST_PARTS:
                raise MemoryError("too many inner parts")
    return table


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
    inside = facts.boundaries.spaces[facts.boundaries.levels < level]
    return all(facts.role[w, d] == IRRELEVANT for w in here) and all(
        facts.role[w, d] == PLAIN for w in inside
    )


def _masks(factors: Ints) -> list[int]:
    """For factors [M, D], which dimensions have a loop, as bits."""
    return [int(m) for m in ((factors > 1) << np.arange(factors.shape[1])).sum(axis=1)]


def _with_orders(facts: Facts, factors: Ints, level: int) -> dict[int, Ints]:
    """For every set of loops that a level may have, the orders [n, D] to be tried."""
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
def trace(boundaries, factors, orders, lost, state) -> None:  # type: ignore[no-untyped-def]
    """Fills `lost` and `state` of every inner boundary from the loops above it."""
    role, levels, spaces = boundaries.role, boundaries.levels, boundaries.spaces
    for row in range(len(factors)):
        for i in range(lost.shape[1]):
            w = spaces[i]
            for level in range(levels[i] + 1, factors.shape[1]):
                for position in range(factors.shape[2]):
                    d = orders[row, level, position]
                    n = factors[row, level, d]
                    if n == 1:
                        continue
                    enters = min(role[w, d], 1)
                    rest = float(n) if enters < 0 else 1.0
                    factor, after = cross(
                        state[row, i], enters, rest, enters == 1, enters == 0, boundaries.is_exact
                    )
                    lost[row, i] *= factor
                    state[row, i] = after


def _undominated(parts: InnerParts) -> NDArray[np.bool_]:
    """bool [M], the first of equals and those that nothing of the same tile dominates."""
    score = np.concatenate([parts.lost, parts.state > 1, parts.extra_pj], axis=1)
    keep = np.zeros(len(score), np.bool_)
    if not len(score):
        return keep
    new = (np.diff(parts.tile, axis=0) != 0).any(axis=1)
    edges = np.flatnonzero(np.concatenate([[True], new, [True]]))
    for start, end in itertools.pairwise(edges):
        rows = np.unique(score[start:end], axis=0, return_index=True)[1] + start
        values = score[rows]
        better = (values[:, np.newaxis] <= values[np.newaxis]).all(axis=2)
        better &= (values[:, np.newaxis] < values[np.newaxis]).any(axis=2)
        keep[rows[~better.any(axis=0)]] = True
    return keep
