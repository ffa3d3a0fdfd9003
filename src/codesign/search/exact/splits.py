"""All spatial splits of a task, for all sizes to which its factors may multiply at once.

A split is a choice of all spatial factors. With padded factors, a split goes with several sizes of
every dimension: those that its factors divide. Bounds of a split do not fall if a size grows. So a
split whose bound with the least of these sizes is too high is dropped with all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import Floats, Ints
from codesign.search.exact.facts import Facts
from codesign.space.factors import divisors
from codesign.space.slots import TEMPORAL, products

MOST_SPLITS = 6 * 10**5
_MOST_PARTIAL = 4 * 10**6
_MOST_TABLE = 1 << 22
_FLUSH = 1 << 15

Bound = Callable[[Ints, Ints], Floats]
"""From splits [B, L, D] and sizes [B, D], lower bounds on the objective [B]."""


@dataclass(frozen=True)
class Splits:
    """Spatial splits, with the least sizes that their factors divide.

    Args:
        parts: for every level, the combined factors [M, D] and the factors [M, 2, D] of
            `level_splits`.
        chosen: [B, L], a row of the parts of every level.
        sizes: [B, D], the least sizes.
        bounds: [B], lower bounds on the objective, for these sizes and for larger ones.
        count: the number of splits, with those whose bound is too high.
    """

    parts: list[tuple[Ints, Ints]]
    chosen: NDArray[np.int32]
    sizes: Ints
    bounds: Floats
    count: int

    def factors(self, rows: NDArray[np.integer] | slice) -> Ints:
        """[n, L, D], the factors of some splits, with X and Y multiplied."""
        return _combined(self.parts, self.chosen[rows])

    def axes(self, row: int) -> list[Ints]:
        """For every level [2, D], the factors of one split along X and Y."""
        return [part[1][at] for part, at in zip(self.parts, self.chosen[row], strict=True)]


def _combined(parts: list[tuple[Ints, Ints]], chosen: NDArray[np.int32]) -> Ints:
    return np.stack([part[0][chosen[:, s]] for s, part in enumerate(parts)], axis=1)


class Sizes:
    """The sizes to which the factors of a task may multiply.

    Attributes:
        options: for every dimension, these sizes, ascending.

    Raises:
        MemoryError: the accelerator has too many PEs for tables.
    """

    def __init__(self, facts: Facts) -> None:
        self.options = [np.array(sizes, np.int64) for sizes in products(facts.slots)]
        self.pinned = facts.pins.fixed.prod(axis=0)
        most = int(np.prod([x * y for x, y in facts.space.hardware.fanouts], dtype=np.float64))
        lengths = [min(most, int(sizes[-1])) for sizes in self.options]
        if max(lengths) > _MOST_TABLE:
            raise MemoryError("too many spatial splits")
        self.tables = [self._table(d, length) for d, length in enumerate(lengths)]

    def _table(self, d: int, most: int) -> Ints:
        table = np.zeros(most + 1, np.int64)
        for size in self.options[d][::-1]:
            if size % self.pinned[d] == 0:
                spread = [f for f in divisors(int(size) // int(self.pinned[d])) if f <= most]
                table[spread] = size
        return table

    def least(self, spread: Ints) -> Ints:
        """[B, D], the least sizes of which spatial factors [B, D] are divisors; 0 if there are
        none."""
        found = np.empty_like(spread)
        for d, table in enumerate(self.tables):
            found[:, d] = np.where(
                spread[:, d] < len(table), table[np.minimum(spread[:, d], len(table) - 1)], 0
            )
        return found

    def of(self, d: int, spread: int) -> Ints:
        """[n], all sizes of dimension d that a spatial factor divides, ascending."""
        options = self.options[d]
        return options[options % (spread * int(self.pinned[d])) == 0]


def level_splits(facts: Facts, level: int, sizes: Sizes) -> tuple[Ints, Ints]:
    """All spatial factors of one level.

    Returns:
        [M, D], the factors with X and Y multiplied, each once; and [M, 2, D], one way to divide
        them between X and Y. Costs do not depend on this division.

    Raises:
        MemoryError: there are too many.
    """
    slots, size = facts.slots, len(facts.sizes)
    rows = np.ones((1, 2, size), np.int64)
    for slot in np.flatnonzero((slots.level == level) & (slots.kind != TEMPORAL)):
        axis = slots.kind[slot]
        most = facts.space.hardware.fanouts[level][axis]
        for d in range(size):
            options = [int(slots.fixed[slot, d])]
            if slots.free[slot, d]:
                table = sizes.tables[d]
                options = [f for f in range(1, min(most, len(table) - 1) + 1) if table[f] > 0]
            if len(rows) * len(options) > _MOST_PARTIAL:
                raise MemoryError("too many spatial splits")
            grown = np.repeat(rows, len(options), axis=0)
            grown[:, axis, d] = np.tile(options, len(rows))
            whole = (sizes.least(grown.prod(axis=1)) > 0)[:, d]
            rows = grown[whole & (grown[:, axis].prod(axis=1) <= most)]
    combined, first = np.unique(rows.prod(axis=1), axis=0, return_index=True)
    return combined, rows[first]


def list_splits(
    facts: Facts,
    sizes: Sizes,
    may_pay: Callable[[Ints, Floats], NDArray[np.bool_]] | None = None,
    bound: Bound | None = None,
    limit: float = np.inf,
) -> Splits:
    """All spatial splits whose least tiles fit and whose bound is below `limit`.

    Args:
        may_pay: from sizes [B, D] and the most PEs that are busy [B], whether the objective may be
            below the limit, bool [B]. What it rules out is dropped early.
        bound: the bounds of splits; 0 by default.

    Raises:
        MemoryError: there are too many (`MOST_SPLITS`).
    """
    levels, size = len(facts.keep), len(facts.sizes)
    parts = [level_splits(facts, level, sizes) for level in range(levels)]
    most = [int(combined.prod(axis=1).max(initial=1)) for combined, _ in parts]
    chosen, spread = np.zeros((1, levels), np.int32), np.ones((1, size), np.int64)
    found, listed = _Found(facts, parts, sizes, bound, limit), 0
    if not all(len(combined) for combined, _ in parts):
        return found.all()
    # Further out, the only choice is a factor of 1.
    last = max((s for s in range(levels) if parts[s][0].max() > 1), default=0)
    for level, (combined, _) in enumerate(parts[: last + 1]):
        further = np.prod(most[level + 1 :], dtype=np.float64)
        kept: list[tuple[NDArray[np.int32], Ints]] = []
        listed = 0
        for option, factors in enumerate(combined):
            grown = spread * factors
            least = sizes.least(grown)
            keep = np.flatnonzero((least > 0).all(axis=1))
            if may_pay is not None:
                pes = grown[keep].prod(axis=1) * further
                keep = keep[may_pay(least[keep], pes)]
            rows = chosen[keep]
            rows[:, level] = option
            if level == last:
                found.add(rows, least[keep])
                continue
            kept.append((rows, grown[keep]))
            listed += len(rows)
            if listed > _MOST_PARTIAL:
                raise MemoryError("too many spatial splits")
        if level < last:
            chosen = np.concatenate([rows for rows, _ in kept])
            spread = np.concatenate([rows for _, rows in kept])
    return found.all()


class _Found:
    """Splits as they are found; those above the limit are dropped by the thousand."""

    def __init__(
        self,
        facts: Facts,
        parts: list[tuple[Ints, Ints]],
        sizes: Sizes,
        bound: Bound | None,
        limit: float,
    ) -> None:
        self.facts, self.parts, self.sizes = facts, parts, sizes
        self.bound, self.limit = bound, limit
        self.waiting: list[tuple[NDArray[np.int32], Ints]] = []
        self.kept: list[tuple[NDArray[np.int32], Ints, Floats]] = []
        self.count, self.seen, self.total = 0, 0, 0

    def add(self, chosen: NDArray[np.int32], sizes: Ints) -> None:
        self.waiting.append((chosen, sizes))
        self.count += len(chosen)
        if self.count >= _FLUSH:
            self._flush()

    def _flush(self) -> None:
        if not self.waiting:
            return
        chosen, sizes = (np.concatenate(rows) for rows in zip(*self.waiting, strict=True))
        self.waiting, self.count = [], 0
        split = _combined(self.parts, chosen)
        held = has_room(self.facts, split, sizes)
        chosen, sizes, split = chosen[held], sizes[held], split[held]
        self.seen += len(split)
        bounds = np.zeros(len(split)) if self.bound is None else self.bound(split, sizes)
        keep = bounds < self.limit
        self.kept.append((chosen[keep], sizes[keep], bounds[keep]))
        self.total += int(keep.sum())
        if self.total > MOST_SPLITS:
            raise MemoryError("too many spatial splits")

    def all(self) -> Splits:
        self._flush()
        size = len(self.facts.sizes)
        blank = np.zeros((0, len(self.parts)), np.int32), np.zeros((0, size), np.int64), np.zeros(0)
        arrays = zip(*[blank, *self.kept], strict=True)
        chosen, sizes, bounds = (np.concatenate(rows) for rows in arrays)
        return Splits(self.parts, chosen, sizes, bounds, self.seen)


def all_splits(facts: Facts) -> Ints:
    """[B, L, D], all spatial splits whose least tiles fit, with X and Y multiplied.

    Raises:
        MemoryError: there are too many (`MOST_SPLITS`).
    """
    return list_splits(facts, Sizes(facts)).factors(slice(None))


def least_loops(facts: Facts, split: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """The temporal loops with the least tiles: all that is not pinned is as far out as can be.

    Returns:
        [B, D], what is left of every dimension, and [D], the level where it goes; -1 if nowhere.
    """
    free = facts.pins.free
    left = sizes // split.prod(axis=1) // facts.pins.fixed.prod(axis=0)
    place = np.where(free.any(axis=0), len(free) - 1 - np.argmax(free[::-1], axis=0), -1)
    return left, place


def has_room(facts: Facts, split: Ints, sizes: Ints) -> NDArray[np.bool_]:
    """[B], whether the least tiles of splits, with factors that multiply to `sizes` [B, D], fit
    into every level."""
    left, place = least_loops(facts, split, sizes)
    held = ((left == 1) | (place >= 0)).all(axis=1)
    tile = np.ones_like(left)
    for level in range(len(facts.keep)):
        tile = tile * split[:, level] * facts.pins.fixed[level]
        tile = np.where(place == level, tile * left, tile)
        held &= facts.fits(tile, level)
    return held
