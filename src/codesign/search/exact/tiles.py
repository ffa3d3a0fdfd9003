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

from codesign.compiled import compiled
from codesign.cost.tables import IRRELEVANT, PLAIN, Floats, Ints
from codesign.search.exact.bounds import OPEN, cross
from codesign.search.exact.facts import Facts
from codesign.space.factors import divisors

MOST_PARTS = 10**6


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

    Args:
        split: [l, D], the spatial factors of the inner levels.

    Raises:
        MemoryError: there are too many (`MOST_PARTS`).
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
    repeats = np.ones((len(rows), facts.boundaries.inner_count))
    state = np.full((len(rows), facts.boundaries.inner_count), OPEN, np.int64)
    if levels > 0:
        trace(facts.boundaries, factors[rows], orders, repeats, state)
    last = tiles[:, -1] if levels > 0 else np.ones((len(factors), len(facts.sizes)), np.int64)
    extra_pj = np.ascontiguousarray(facts.extra_pj(tiles))
    parts = InnerParts(
        last[rows], tiles[rows], factors[rows], orders, repeats, state, extra_pj[rows]
    )
    parts = parts.some(np.lexsort(parts.tile.T[::-1]))
    if facts.is_simple and not _has_diagonals(facts, split):
        parts = parts.some(_undominated(parts))
    return parts


def _has_diagonals(facts: Facts, split: Ints) -> bool:
    """Whether children of an inner level may coincide, which depends on its tile."""
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
def trace(boundaries, factors, orders, repeats, state) -> None:  # type: ignore[no-untyped-def]
    """Fills `repeats` and `state` of every inner boundary from the loops further out."""
    role, levels, spaces = boundaries.role, boundaries.levels, boundaries.spaces
    window = boundaries.rules.window
    for row in range(len(factors)):
        for i in range(repeats.shape[1]):
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
                        state[row, i], enters, rest, enters == 1, enters == 0, window
                    )
                    repeats[row, i] *= factor
                    state[row, i] = after


def _undominated(parts: InnerParts) -> NDArray[np.bool_]:
    """bool [M], the parts that no part with the same tile dominates; of equal ones, the first."""
    score = np.concatenate([parts.repeats, parts.state > 1, parts.extra_pj], axis=1)
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
