"""The cost model with partial iterations in plain NumPy: dimension by dimension, index by index.

It prices the accounting `exact` with factors `any` (`docs/cost-model.md`, section 20). It has the
limits of `numpy_model`: no networks, no clusters, and no two spatial loops of a level along one
sliding axis. It has no formula for digits: for every dimension,
it makes a list of all indices and asks which of them begin a box. Tests compare it with the kernel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.numpy_model import within_limits
from codesign.cost.tables import (
    BLOCK_UNITS,
    ELEMENTS,
    IRRELEVANT,
    LATE_CYCLES,
    LEAK_PJ,
    MAC_PJ,
    MACS,
    PLAIN,
    READ_RATE,
    READ_WRITE,
    SHARED_RATE,
    SHARES,
    VECTOR_PJ,
    WRITE_PJ,
    WRITE_RATE,
    Tables,
)
from codesign.mapping import MappingBatch

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def price(tables: Tables, sizes: tuple[int, ...], batch: MappingBatch) -> tuple[Ints, Floats]:
    """Cycles [B] and energy in pJ [B] for a layer of `sizes`; 0 and NaN if a rule is broken."""
    cycles, energy = np.zeros(len(batch), np.int64), np.full(len(batch), np.nan)
    for row in range(len(batch)):
        found = _Run(tables, sizes, batch[row : row + 1]).cost()
        if found is not None:
            cycles[row], energy[row] = found
    return cycles, energy


@dataclass
class _Dimension:
    """The loops over one dimension, and the digits of all of its indices.

    Args:
        digits: [indices, loops].
        step, level, place: [loops]; the place is that of a temporal loop among all, -1 for spatial.
    """

    digits: Ints
    step: Ints
    level: Ints
    place: Ints

    @classmethod
    def of(cls, size: int, loops: list[tuple[int, int, int]]) -> _Dimension:
        """A dimension of `size` from loops (bound, level, place), innermost first."""
        bounds, level, place = (
            np.array([loop[part] for loop in loops], np.int64) for part in range(3)
        )
        step = np.cumprod([1, *bounds])[:-1]
        return cls(np.arange(size)[:, None] // step % bounds, step, level, place)

    def starts(self, child: int, cut: int, low: int, top: int) -> Ints:
        """The indices at which boxes of `child` begin when the loop at place `cut` advances.

        Spatial digits of levels up to `low` and above `top` are zero.
        """
        is_spatial = self.place < 0
        zero = self.level <= child
        zero |= ~is_spatial & (self.place < cut)
        zero |= is_spatial & ((self.level <= low) | (self.level > top))
        chosen = (self.digits[:, zero] == 0).all(axis=1)
        if (self.place == cut).any() and cut >= 0:
            chosen &= (self.digits[:, self.place == cut] > 0).all(axis=1)
        return np.flatnonzero(chosen)

    def states(self, child: int, cut: int, top: int) -> Ints:
        """[n, 4], the extent after, before, how far the box moves, and how often that happens."""
        size, at = len(self.digits), self.starts(child, cut, -1, top)
        tile = int((self.digits[:, self.level <= child] @ self.step[self.level <= child]).max()) + 1
        inner = (self.level > child) & (self.place >= 0) & (self.place < cut)
        offsets = np.unique(self.digits[:, inner] @ self.step[inner])
        if (self.place == cut).any():
            move = np.full(len(at), int(self.step[self.place == cut][0]) - offsets.max())
        else:
            move = -offsets[np.searchsorted(offsets, size - at) - 1]
        after, before = np.minimum(tile, size - at), np.minimum(tile, size - at + move)
        states, times = np.unique(
            np.stack([after, before, move], axis=1), axis=0, return_counts=True
        )
        return np.column_stack([states, times])


class _Run:
    """One mapping of a layer."""

    def __init__(self, tables: Tables, sizes: tuple[int, ...], mapping: MappingBatch) -> None:
        self.tables, self.sizes, self.mapping = tables, np.array(sizes), mapping
        temporal, spatial, order = mapping.temporal[0], mapping.spatial[0], mapping.order[0]
        loops: list[list[tuple[int, int, int]]] = [[] for _ in sizes]
        self.of_place: list[int] = []
        for level in range(len(temporal)):
            for d in range(len(sizes)):
                loops[d].append((int(spatial[level, :, d].prod()), level, -1))
            for d in order[level]:
                if temporal[level, d] > 1:
                    loops[d].append((int(temporal[level, d]), level, len(self.of_place)))
                    self.of_place.append(level)
        self.dimensions = [_Dimension.of(*each) for each in zip(sizes, loops, strict=True)]
        self.levels = len(temporal)

    def cost(self) -> tuple[int, float] | None:
        """Cycles and energy, or None where a rule is broken."""
        tables, levels, spaces = self.tables, self.levels, len(self.tables.role)
        if not within_limits(tables, self.mapping, self.sizes)[0]:
            return None
        everything = np.zeros((3, levels, spaces), np.int64)
        origin = np.zeros_like(everything)
        for w in range(spaces):
            self._count(w, everything, levels)
            for level in range(levels):
                self._count(w, origin, level)
        used = [self._times(range(len(self.sizes)), s, 10**9, s, levels) for s in range(levels)]
        every = range(len(self.sizes))
        steps = self._times(every, -1, -1, levels, levels)
        cycles = max(steps, *(self._slowed(origin[..., s, :], steps, s) for s in range(levels)))
        cycles += int(tables.totals[LATE_CYCLES])
        energy = tables.totals[MACS] * tables.energies[MAC_PJ] + tables.energies[LEAK_PJ] * cycles
        for s in range(levels):
            energy += self._access_pj(everything[:, s], s, used[s])
        return cycles, float(energy)

    def _times(self, chosen: Iterable[int], child: int, cut: int, low: int, top: int) -> int:
        """The product over some dimensions of the numbers of indices at which boxes begin."""
        total = 1
        for d in chosen:
            total *= len(self.dimensions[d].starts(child, cut, low, top))
        return total

    def _count(self, w: int, counts: Ints, top: int) -> None:
        """Words read, filled and updated of dataspace w: everywhere, or at the origin of `top`."""
        role, last = self.tables.role[w], self.levels - 1
        relevant, other = np.flatnonzero(role != IRRELEVANT), np.flatnonzero(role == IRRELEVANT)
        is_written = w == self.tables.totals[READ_WRITE]
        child = -1
        for s in range(self.levels):
            if not self.mapping.keep[0, s] >> w & 1:
                continue
            if top in (s, self.levels):
                held = self._times(relevant, -1, -1, -1, top)
                held *= self._times(other, s, 10**9, s, top)
                sent = self._received(w, child, s, top)
                counts[0, s, w] = sent - held * is_written
                counts[2, s, w] = sent * is_written
                if s < last:
                    counts[1, s, w] = self._received(w, s, s, top) - held * is_written
            child = s

    def _received(self, w: int, child: int, low: int, top: int) -> int:
        """Words that boxes of `child` receive, counted once for children that share."""
        role = self.tables.role[w]
        relevant, other = np.flatnonzero(role != IRRELEVANT), np.flatnonzero(role == IRRELEVANT)
        if child < 0:
            return self._times(relevant, -1, -1, -1, top) * self._times(other, -1, -1, low, top)
        total = 0
        for place in range(len(self.of_place) + 1):
            is_first = place == len(self.of_place)
            if not is_first and self.of_place[place] <= child:
                continue
            new, kept = self._moved(w, child, place, top)
            total += (new - kept * (not is_first)) * self._times(other, child, place, low, top)
        return total

    def _moved(self, w: int, child: int, place: int, top: int) -> tuple[int, int]:
        """Sums of the sizes of new boxes, and of what they share with the old ones."""
        role, stride = self.tables.role[w], self.tables.stride[w]
        axes = [[d] for d in np.flatnonzero(role == PLAIN)]
        axes += [list(np.flatnonzero(role == a + 1)) for a in range(self.tables.axes[w])]
        new, kept = 1, 1
        for axis in axes:
            # Extents after and before less 1, moves and times of an axis with no dimension yet.
            sums = np.array([[0, 0, 0, 1]])
            for d in axis:
                more = self.dimensions[d].states(child, place, top) - [1, 1, 0, 0]
                more[:, :3] *= stride[d]
                pairs = sums[:, None, :3] + more[None, :, :3]
                times = sums[:, None, 3:] * more[None, :, 3:]
                sums = np.concatenate([pairs, times], axis=2).reshape(-1, 4)
            after, before, move, times = sums.T
            common = np.minimum(before + 1, move + after + 1) - np.maximum(0, move)
            new *= int((times * (after + 1)).sum())
            kept *= int((times * np.maximum(0, common)).sum())
        return new, kept

    def _slowed(self, counts: Ints, steps: int, s: int) -> int:
        """The cycles that a level needs for the counts [3, W] of the origin (section 10)."""
        rates = self.tables.rates[s]
        part = rates[SHARES : SHARES + counts.shape[1]]
        reading = float((counts[0] / steps * part).sum())
        writing = float(((counts[1] + counts[2]) / steps * part).sum())
        slowdown = 1.0
        for bandwidth, rate in (
            (rates[READ_RATE], reading),
            (rates[WRITE_RATE], writing),
            (rates[SHARED_RATE], reading + writing),
        ):
            if bandwidth < rate:
                slowdown = min(slowdown, float(bandwidth) / rate)
        return int(np.ceil(steps / slowdown))

    def _access_pj(self, counts: Ints, s: int, used: int) -> float:
        """Energy of accesses of all instances, from their counts [3, W]; addresses are free."""
        limits, rates = self.tables.limits[s], self.tables.rates[s]
        block, size = limits[BLOCK_UNITS] * used, limits[ELEMENTS:]
        written = counts[1] + counts[2]
        if rates[WRITE_PJ] < 0:
            return float(
                (-(-(counts[0] + written) * size // block) * rates[VECTOR_PJ]).sum() * used
            )
        reads_pj = -(-counts[0] * size // block) * rates[VECTOR_PJ]
        return float((reads_pj + -(-written * size // block) * rates[WRITE_PJ]).sum() * used)
