"""The constants of a task that the exact mapper uses.

The levels are divided into three parts. The outermost level of the *middle* is the second
outermost level that keeps a dataspace. The *outer* part is all further out, the *inner* part ends
with the next level inwards that keeps one. Levels that do not keep any dataspace belong to the part
of the next level outwards that does. On Eyeriss, the inner part is the three register files, the
middle is the dummy buffer and the global buffer, and the outer part is DRAM.

A *boundary* (b, w) is a level b that keeps dataspace w, if a level further out keeps w too. D(b, w)
is the number of words that one instance of b receives in the whole run.
"""

from __future__ import annotations

import copy
import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.accounting import Rules
from codesign.cost import Costs, Evaluator
from codesign.cost.tables import (
    CAPACITY_UNITS,
    ELEMENTS,
    IRRELEVANT,
    LATE_CYCLES,
    LEAK_PJ,
    MACS,
    PLAIN,
    READ_WRITE,
    SHARES,
    VECTOR_PJ,
    Floats,
    Ints,
)
from codesign.mapping import MappingBatch
from codesign.search.exact.goal import Goal
from codesign.search.task import MappingTask
from codesign.space.mapping_space import MapSpace
from codesign.space.slots import TEMPORAL


class Boundaries(NamedTuple):
    """The boundaries, for kernels: D dimensions, W dataspaces, J boundaries, G groups.

    Args:
        role, stride, axes: [W, D], [W, D] and [W], as in `cost.tables`.
        sliding: bool [D], whether a dimension moves some dataspace along a sliding axis.
        levels, spaces: [J], level and dataspace of the boundaries, innermost first.
        parents: [J], the next level outwards that keeps the same dataspace.
        group: [D], the group of a dimension. Dimensions of a group enter all dataspaces alike.
        relevance: [G, W], how a group enters a dataspace: -1 irrelevant, 0 plain, 1 sliding.
        inner_count: the number of boundaries in the inner part; those of the middle come after.
        middle: the outermost level of the middle.
        rules: the switches of the accounting.
    """

    role: Ints
    stride: Ints
    axes: Ints
    sliding: NDArray[np.bool_]
    levels: Ints
    spaces: Ints
    parents: Ints
    group: Ints
    relevance: Ints
    inner_count: int
    middle: int
    rules: Rules


class Pins(NamedTuple):
    """The dataflow's rules for temporal loops, for kernels; L levels.

    Args:
        fixed, free: [L, D], pinned factors, and whether other factors are allowed.
        orders: [L, D], the pinned position of a dimension in a level's order; -1 if free.
        parts_fixed, parts_free: [3, D], `fixed` and `free` for the inner, middle and outer part.
    """

    fixed: Ints
    free: NDArray[np.bool_]
    orders: Ints
    parts_fixed: Ints
    parts_free: NDArray[np.bool_]


class Facts:
    """The constants of a task.

    Attributes:
        task: the task.
        sizes: [D], what the factors multiply to: the sizes of the layer, or padded ones.
        macs: the operations of these sizes.
        role: [W, D], as in `cost.tables`.
        inner, middle: the outermost level of the inner part (-1 without one) and of the middle.
        boundaries, pins: constants for kernels.
        is_covered: whether the bounds hold: at least two levels keep a dataspace, and no
            energy is negative.
    """

    def __init__(self, task: MappingTask) -> None:
        self.task = task
        self.space = MapSpace(task.layer, task.hardware, task.dataflow)
        self.space.require_feasible()
        self.evaluator = Evaluator(task.layer, task.hardware, task.technology, task.accounting)
        self.tables = self.evaluator.tables
        self.rules = self.evaluator.rules
        self.role = self.tables.role
        self.sizes = np.array(task.layer.sizes, np.int64)
        self.written = int(self.tables.totals[READ_WRITE])
        self.slots = self.space.slots
        self.keep = self.slots.keep.astype(np.int64)
        self.capacity = self.tables.limits[:, CAPACITY_UNITS]
        keepers = np.flatnonzero(self.keep)
        self.inner = int(keepers[-3]) if len(keepers) > 2 else -1
        self.middle = int(keepers[-2]) if len(keepers) > 1 else -1
        self.macs = float(self.tables.totals[MACS])
        costs = [self.tables.rates[:, VECTOR_PJ:SHARES].min(), self.tables.energies.min()]
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
        relevance, group = np.unique(np.minimum(self.role, 1).T, axis=0, return_inverse=True)
        return Boundaries(
            self.role,
            self.tables.stride,
            self.tables.axes,
            np.asarray((self.role > PLAIN).any(axis=0)),
            levels,
            spaces,
            parents,
            group.reshape(-1).astype(np.int64),
            np.ascontiguousarray(relevance.astype(np.int64)),
            int((levels <= self.inner).sum()),
            self.middle,
            self.rules,
        )

    @property
    def is_simple(self) -> bool:
        """Whether dominance between inner parts is exact (`tiles`).

        It is if only plain dataspaces have boundaries inside the inner part, every dimension is
        irrelevant to at most one dataspace, no level has a least utilization, and no order of the
        inner part is pinned. Then the loop order of an inner level matters only through the
        dataspace that its innermost loops leave unchanged.
        """
        rests = (self.role == IRRELEVANT).sum(axis=0)
        below = self.boundaries.spaces[self.boundaries.levels < self.inner]
        slides = (self.role[below] > PLAIN).any()
        loose = all(level.min_utilization == 0 for level in self.space.hardware.levels)
        pinned = (self.pins.orders[: self.inner + 1] >= 0).any() and self.space.dataflow.rules
        return bool((rests <= 1).all() and not slides and loose and not pinned)

    def resized(self, sizes: Ints) -> Facts:
        """The same for padded factors that multiply to `sizes` [D]."""
        other = copy.copy(self)
        other.sizes = sizes
        other.macs = float(sizes.prod())
        return other

    def goal(self, per_cycle: float) -> Goal:
        """A goal of `goal.goal_of` with what the accelerator adds to it."""
        late, leak = self.tables.totals[LATE_CYCLES], self.tables.energies[LEAK_PJ]
        return Goal(per_cycle, float(leak), float(late))

    def price(self, batch: MappingBatch) -> Costs:
        """The costs of mappings."""
        return self.evaluator.price(batch)

    is_pooled = False
    """Whether the inner levels share a capacity, so that a tile leaves less for other levels."""

    def holds(self, tiles: Ints) -> NDArray[np.bool_]:
        """[M], whether the inner levels can hold tiles [M, l, D] together; here always True."""
        return np.ones(len(tiles), np.bool_)

    def extra_pj(self, tiles: Ints) -> Floats:
        """[M, l], pJ per word in addition to the energy table's, for inner levels that hold tiles
        [M, l, D]; here 0."""
        return np.zeros(tiles.shape[:2])

    def held(self, tile: Ints, level: int) -> Ints:
        """[...], the words of tiles [..., D] that a level keeps; their bits if there are widths."""
        layer, sizes = self.space.layer, np.moveaxis(tile, -1, 0)
        held = np.zeros(tile.shape[:-1], np.int64)
        for w, space in enumerate(layer.shape.dataspaces):
            if self.keep[level] >> w & 1:
                held = held + layer.words(space, sizes) * self.tables.limits[level, ELEMENTS + w]
        return held

    def fits(self, tile: Ints, level: int) -> NDArray[np.bool_]:
        """[...], whether tiles [..., D] fit into a level."""
        if self.capacity[level] < 0:
            return np.ones(tile.shape[:-1], np.bool_)
        return np.asarray(self.held(tile, level) <= self.capacity[level])
