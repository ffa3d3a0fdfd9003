"""What the exact mapper knows of a task before it searches.

The levels fall into three parts. The *middle* ends with the second outermost level that keeps
anything, the *outer* part is all above it, the *inner* part all below. Levels that keep nothing
belong to the part of the next level out that keeps something. On Eyeriss: three register files
inside; the dummy buffer and the global buffer in the middle; DRAM outside.

A *boundary* (b, w) is a level b that keeps dataspace w and has a parent that does; D(b, w) are the
words that one instance of b receives in the whole run.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from codesign.cost import Costs, Evaluator
from codesign.cost.tables import IRRELEVANT, MACS, PLAIN, READ_WRITE, VECTOR_PJ, Floats, Ints
from codesign.mapping import MappingBatch
from codesign.search.task import MappingTask
from codesign.space.mapping_space import MapSpace
from codesign.space.slots import TEMPORAL


class Model:
    """Constants of a task: D dimensions, W dataspaces, L levels, J boundaries, G groups.

    Attributes:
        sizes: [D]; kind, stride: [W, D], as in `cost.tables`.
        fixed, free: [L, D], temporal factors that the dataflow pins, and where others may go.
        orders: [L, D], pinned positions of the dimensions in a level's order; -1 where free.
        inner, middle: the outermost level of the inner part (-1 without one) and of the middle.
        levels, spaces: [J], the boundaries, innermost first.
        parents: [J], the next level out that keeps the same dataspace.
        group: [D], dimensions that enter every dataspace alike share a group.
        habit: [G, W], how the dimensions of a group enter: -1 not, 0 plain, 1 sliding.
        inner_count: the boundaries of the inner part; those of the middle follow.
        is_covered: whether the bounds hold: two levels keep something, no access pays energy.
    """

    def __init__(self, task: MappingTask) -> None:
        self.space = MapSpace(task.layer, task.hardware, task.dataflow)
        self.space.require_feasible()
        self.evaluator = Evaluator(task.layer, task.hardware, task.technology, task.accounting)
        self.tables = self.evaluator.tables
        self.is_exact = self.evaluator.is_exact
        self.kind, self.stride = self.tables.kind, self.tables.stride
        self.sizes = np.array(task.layer.sizes, np.int64)
        self.written = int(self.tables.totals[READ_WRITE])
        self.slots = self.space.slots
        self.keep = self.slots.keep.astype(np.int64)
        is_temporal = self.slots.kind == TEMPORAL
        self.fixed: Ints = self.slots.fixed[is_temporal]
        self.free: NDArray[np.bool_] = self.slots.free[is_temporal]
        self.orders = self._positions()
        self.capacity = np.array(
            [-1 if v.capacity is None else v.capacity for v in task.hardware.levels], np.int64
        )
        keepers = np.flatnonzero(self.keep)
        self.inner = int(keepers[-3]) if len(keepers) > 2 else -1
        self.middle = int(keepers[-2]) if len(keepers) > 1 else -1
        self.macs = float(self.tables.totals[MACS])
        costs = [self.tables.rates[:, VECTOR_PJ:].min(), self.tables.energies.min()]
        self.is_covered = len(keepers) > 1 and min(costs) >= 0
        self._find_boundaries()
        self._group_dimensions()

    def _positions(self) -> Ints:
        out = np.full(self.fixed.shape, -1, np.int64)
        for level, order in enumerate(self.slots.orders):
            if order is not None:
                out[level, list(order)] = np.arange(len(order))
        return out

    def _find_boundaries(self) -> None:
        found = []
        for b in range(len(self.keep) - 1):
            for w in range(len(self.kind)):
                if self.keep[b] >> w & 1:
                    parent = next(s for s in range(b + 1, len(self.keep)) if self.keep[s] >> w & 1)
                    found.append((b, w, parent))
        table = np.array(found, np.int64).reshape(-1, 3)
        self.levels, self.spaces, self.parents = (np.ascontiguousarray(c) for c in table.T)
        self.inner_count = int((self.levels <= self.inner).sum())

    def _group_dimensions(self) -> None:
        habits = np.minimum(self.kind, 1).T
        unique, group = np.unique(habits, axis=0, return_inverse=True)
        self.group = group.reshape(-1).astype(np.int64)
        self.habit = np.ascontiguousarray(unique.astype(np.int64))

    @property
    def sliding(self) -> NDArray[np.bool_]:
        """bool [D], the dimensions that move some dataspace along a sliding axis."""
        return np.asarray((self.kind > PLAIN).any(axis=0))

    @property
    def parts_fixed(self) -> Ints:
        """[3, D], what the dataflow pins in the inner, the middle and the outer part."""
        edges = [0, self.inner + 1, self.middle + 1, len(self.fixed)]
        return np.array([self.fixed[a:b].prod(axis=0) for a, b in itertools.pairwise(edges)])

    @property
    def parts_free(self) -> NDArray[np.bool_]:
        """bool [3, D], where a part takes other factors."""
        edges = [0, self.inner + 1, self.middle + 1, len(self.fixed)]
        return np.array([self.free[a:b].any(axis=0) for a, b in itertools.pairwise(edges)])

    @property
    def is_simple(self) -> bool:
        """Whether the inner part counts plain dataspaces only, each dimension resting one.

        Then the loop order of an inner level matters only through the dataspace that rests
        during its innermost loops (`tiles`), and dominance between inner parts is exact.
        """
        rests = (self.kind == IRRELEVANT).sum(axis=0)
        below = self.spaces[self.levels < self.inner]
        slides = (self.kind[below] > PLAIN).any()
        loose = all(level.min_utilization == 0 for level in self.space.hardware.levels)
        pinned = (self.orders[: self.inner + 1] >= 0).any() and self.space.dataflow.rules
        return bool((rests <= 1).all() and not slides and loose and not pinned)

    def price(self, batch: MappingBatch) -> Costs:
        """What mappings cost."""
        return self.evaluator.price(batch)

    def holds(self, tiles: Ints) -> NDArray[np.bool_]:
        """[M], whether the inner levels may hold tiles [M, l, D] together: here always."""
        return np.ones(len(tiles), np.bool_)

    def dearer(self, tiles: Ints) -> Floats:
        """[M, l], pJ that a word costs beyond the tables' price where the inner levels hold
        tiles [M, l, D]: here nothing."""
        return np.zeros(tiles.shape[:2])

    def held(self, tile: Ints, level: int) -> Ints:
        """[...], words that a level holds of tiles [..., D]."""
        kept = [w for w in range(len(self.kind)) if self.keep[level] >> w & 1]
        return sum((self.words(tile, w) for w in kept), np.zeros(tile.shape[:-1], np.int64))

    def words(self, tile: Ints, w: int) -> Ints:
        """[...], words of dataspace w in tiles [..., D]."""
        total = np.ones(tile.shape[:-1], np.int64)
        extents: dict[int, Ints] = {}
        for d, kind in enumerate(self.kind[w]):
            if kind == PLAIN:
                total = total * tile[..., d]
            elif kind > PLAIN:
                step = (tile[..., d] - 1) * self.stride[w, d]
                extents[kind] = extents.get(kind, np.ones_like(total)) + step
        for extent in extents.values():
            total = total * extent
        return total

    def fits(self, tile: Ints, level: int) -> NDArray[np.bool_]:
        """[...], whether a level holds its share of tiles [..., D]."""
        if self.capacity[level] < 0:
            return np.ones(tile.shape[:-1], np.bool_)
        return np.asarray(self.held(tile, level) <= self.capacity[level])
