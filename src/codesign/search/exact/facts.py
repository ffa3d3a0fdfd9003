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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.cost import Costs, Evaluator
from codesign.cost.tables import IRRELEVANT, MACS, PLAIN, READ_WRITE, VECTOR_PJ, Floats, Ints
from codesign.mapping import MappingBatch
from codesign.search.task import MappingTask
from codesign.space.mapping_space import MapSpace
from codesign.space.slots import TEMPORAL


class Boundaries(NamedTuple):
    """The boundaries, for kernels: D dimensions, W dataspaces, J boundaries, G groups.

    Args:
        role, stride: [W, D]; axes: [W]; as in `cost.tables`.
        sliding: bool [D], the dimensions that move some dataspace along a sliding axis.
        levels, spaces: [J], the boundaries, innermost first.
        parents: [J], the next level out that keeps the same dataspace.
        group: [D], dimensions that enter every dataspace alike share a group.
        habit: [G, W], how the dimensions of a group enter: -1 not, 0 plain, 1 sliding.
        inner_count: the boundaries of the inner part; those of the middle follow.
        middle: the outermost level of the middle.
        is_exact: whether the accounting is `exact`.
    """

    role: Ints
    stride: Ints
    axes: Ints
    sliding: NDArray[np.bool_]
    levels: Ints
    spaces: Ints
    parents: Ints
    group: Ints
    habit: Ints
    inner_count: int
    middle: int
    is_exact: bool


class Pins(NamedTuple):
    """What the dataflow asks of temporal loops, for kernels; L levels.

    Args:
        fixed, free: [L, D], factors that are pinned, and where others may go.
        orders: [L, D], pinned positions of the dimensions in a level's order; -1 where free.
        parts_fixed, parts_free: [3, D], the same of the inner, the middle and the outer part.
    """

    fixed: Ints
    free: NDArray[np.bool_]
    orders: Ints
    parts_fixed: Ints
    parts_free: NDArray[np.bool_]


class Facts:
    """Constants of a task.

    Attributes:
        sizes: [D].
        role: [W, D], as in `cost.tables`.
        inner, middle: the outermost level of the inner part (-1 without one) and of the middle.
        boundaries, pins: what kernels know of the task.
        is_covered: whether the bounds hold: two levels keep something, no access pays energy.
    """

    def __init__(self, task: MappingTask) -> None:
        self.space = MapSpace(task.layer, task.hardware, task.dataflow)
        self.space.require_feasible()
        self.evaluator = Evaluator(task.layer, task.hardware, task.technology, task.accounting)
        self.tables = self.evaluator.tables
        self.is_exact = self.evaluator.is_exact
        self.role = self.tables.role
        self.sizes = np.array(task.layer.sizes, np.int64)
        self.written = int(self.tables.totals[READ_WRITE])
        self.slots = self.space.slots
        self.keep = self.slots.keep.astype(np.int64)
        self.capacity = np.array(
            [-1 if v.capacity is None else v.capacity for v in task.hardware.levels], np.int64
        )
        keepers = np.flatnonzero(self.keep)
        self.inner = int(keepers[-3]) if len(keepers) > 2 else -1
        self.middle = int(keepers[-2]) if len(keepers) > 1 else -1
        self.macs = float(self.tables.totals[MACS])
        costs = [self.tables.rates[:, VECTOR_PJ:].min(), self.tables.energies.min()]
        self.is_covered = len(keepers) > 1 and min(costs) >= 0
        self.pins = self._find_pins()
        self.boundaries = self._find_boundaries()

    def _find_pins(self) -> Pins:
        is_temporal = self.slots.kind == TEMPORAL
        fixed, free = self.slots.fixed[is_temporal], self.slots.free[is_temporal]
        orders = np.full(fixed.shape, -1, np.int64)
        for level, order in enumerate(self.slots.orders):
            if order is not None:
                orders[level, list(order)] = np.arange(len(order))
        edges = itertools.pairwise([0, self.inner + 1, self.middle + 1, len(fixed)])
        parts = [slice(first, end) for first, end in edges]
        return Pins(
            fixed,
            free,
            orders,
            np.array([fixed[part].prod(axis=0) for part in parts]),
            np.array([free[part].any(axis=0) for part in parts]),
        )

    def _find_boundaries(self) -> Boundaries:
        found = []
        for b in range(len(self.keep) - 1):
            for w in range(len(self.role)):
                if self.keep[b] >> w & 1:
                    parent = next(s for s in range(b + 1, len(self.keep)) if self.keep[s] >> w & 1)
                    found.append((b, w, parent))
        table = np.array(found, np.int64).reshape(-1, 3)
        levels, spaces, parents = (np.ascontiguousarray(column) for column in table.T)
        habit, group = np.unique(np.minimum(self.role, 1).T, axis=0, return_inverse=True)
        return Boundaries(
            self.role,
            self.tables.stride,
            self.tables.axes,
            np.asarray((self.role > PLAIN).any(axis=0)),
            levels,
            spaces,
            parents,
            group.reshape(-1).astype(np.int64),
            np.ascontiguousarray(habit.astype(np.int64)),
            int((levels <= self.inner).sum()),
            self.middle,
            self.is_exact,
        )

    @property
    def is_simple(self) -> bool:
        """Whether the inner part counts plain dataspaces only, each dimension resting one.

        Then the loop order of an inner level matters only through the dataspace that rests
        during its innermost loops (`tiles`), and dominance between inner parts is exact.
        """
        rests = (self.role == IRRELEVANT).sum(axis=0)
        below = self.boundaries.spaces[self.boundaries.levels < self.inner]
        slides = (self.role[below] > PLAIN).any()
        loose = all(level.min_utilization == 0 for level in self.space.hardware.levels)
        pinned = (self.pins.orders[: self.inner + 1] >= 0).any() and self.space.dataflow.rules
        return bool((rests <= 1).all() and not slides and loose and not pinned)

    def price(self, batch: MappingBatch) -> Costs:
        """What mappings cost."""
        return self.evaluator.price(batch)

    def holds(self, tiles: Ints) -> NDArray[np.bool_]:
        """[M], whether the inner levels may hold tiles [M, l, D] together: here always."""
        return np.ones(len(tiles), np.bool_)

    def extra_pj(self, tiles: Ints) -> Floats:
        """[M, l], pJ that a word costs beyond the tables' price where the inner levels hold
        tiles [M, l, D]: here nothing."""
        return np.zeros(tiles.shape[:2])

    def held(self, tile: Ints, level: int) -> Ints:
        """[...], words that a level holds of tiles [..., D]."""
        layer, sizes = self.space.layer, np.moveaxis(tile, -1, 0)
        held = np.zeros(tile.shape[:-1], np.int64)
        for w, space in enumerate(layer.shape.dataspaces):
            if self.keep[level] >> w & 1:
                held = held + layer.words(space, sizes)
        return held

    def fits(self, tile: Ints, level: int) -> NDArray[np.bool_]:
        """[...], whether a level holds its share of tiles [..., D]."""
        if self.capacity[level] < 0:
            return np.ones(tile.shape[:-1], np.bool_)
        return np.asarray(self.held(tile, level) <= self.capacity[level])
