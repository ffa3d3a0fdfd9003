"""All mappings of one spatial split: pairs, then nests, then the cost model."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import Floats, Ints
from codesign.search.exact.incumbent import Incumbent
from codesign.search.exact.nests import grow, make_leaves
from codesign.search.exact.pairs import match
from codesign.search.exact.parts import OuterParts, Shared, inner_values, outer_parts
from codesign.search.exact.stack import LEAVES, NODES, PRUNED, make_stack
from codesign.search.exact.tiles import InnerParts, inner_parts

_LEAVES = 1024
_PAIRS = 1 << 17
_NODES = 1 << 20
_OUTER_STEP = 256


class Explorer:
    """Searches spatial splits for mappings better than the incumbent.

    Args:
        deadline: a reading of `time.perf_counter` at which it stops.
        most_work: pairs and nodes after which it stops, which is the same on every machine.

    Attributes:
        counts: pairs of inner and outer parts, loops placed, and how many bounds dropped.
    """

    def __init__(
        self, incumbent: Incumbent, deadline: float = math.inf, most_work: float = math.inf
    ) -> None:
        self.incumbent, self.model = incumbent, incumbent.model
        self.deadline, self.most_work = deadline, most_work
        self.counts = dict.fromkeys(("pairs", "pairs_pruned", "nodes", "nodes_pruned"), 0)
        self.stack, self.leaves = make_stack(self.model), make_leaves(self.model, _LEAVES)
        self.known: dict[bytes, InnerParts] = {}
        self.found = np.zeros((_PAIRS, 2), np.int64)
        self.bounds = np.zeros(_PAIRS)

    @property
    def is_over(self) -> bool:
        """Whether time or work are used up."""
        work = self.counts["pairs"] + self.counts["nodes"]
        return work >= self.most_work or time.perf_counter() >= self.deadline

    def explore(self, shared: Shared, axes: list[Ints]) -> bool:
        """All mappings of one spatial split; False where it could not go through all."""
        model = self.model
        try:
            inner = self._inner(shared)
            inner_words, value, extra = inner_values(model, shared, inner)
            base = value.sum(axis=1) + extra
            if not len(base):
                return True
            most = shared.energy_limit(self.incumbent.limit) - shared.const - float(base.min())
            outer = outer_parts(model, shared, most)
        except MemoryError:
            return False
        if len(inner.tile) > len(self.found):
            self.found = np.zeros((2 * len(inner.tile), 2), np.int64)
            self.bounds = np.zeros(len(self.found))
        fixed, free = model.parts_fixed, model.parts_free
        new = (np.diff(inner.tile, axis=0) != 0).any(axis=1)
        starts = np.flatnonzero(np.concatenate([[True], new, [True]]))
        least_base = np.minimum.reduceat(base, starts[:-1])
        quotient = np.ones((1, len(model.sizes)), np.int64)
        summary = np.ones((6, len(model.kind)))
        present = np.zeros((2, len(model.habit)), np.int64)
        factors = np.ones(model.inner_count)
        counts = np.zeros(3, np.int64)
        at = 0
        while at < len(outer.tile):
            if self.is_over:
                return False
            limit = self.incumbent.limit
            at = match(
                model.spaces, model.habit, model.group, shared.spread, fixed, free, shared.const,
                shared.energy_limit(limit), limit, model.is_exact, shared.port_const,
                shared.port_rate, shared.cycles, shared.goal, outer.tile, outer.factor, outer.cost,
                outer.least, at, min(at + _OUTER_STEP, len(outer.tile)), inner.tile, starts,
                least_base, inner_words, inner.lost, value, extra, inner.state, base, quotient,
                summary, present, factors, self.found, self.bounds, counts,
            )  # fmt: skip
            self.counts["pairs"] += int(counts[1])
            self.counts["pairs_pruned"] += int(counts[2])
            found = int(counts[0])
            counts[1:] = 0
            order = np.argsort(self.bounds[:found], kind="stable")
            ready = (self.found[:found][order], self.bounds[:found][order])
            parts = (inner, inner_words, value, extra, outer)
            if not self._grow(shared, parts, ready, axes):
                return False
        return True

    def _inner(self, shared: Shared) -> InnerParts:
        """The inner parts whose factors go with a spatial split."""
        model = self.model
        within = shared.split[: model.inner + 1]
        key = within.tobytes()
        if key not in self.known:
            self.known[key] = inner_parts(model, within)
        parts = self.known[key]
        room = model.sizes // shared.spread.prod(axis=0)
        return parts[(room % (parts.tile // shared.spread[0]) == 0).all(axis=1)]

    def _grow(
        self,
        shared: Shared,
        parts: tuple[InnerParts, Floats, Floats, Floats, OuterParts],
        found: tuple[Ints, Floats],
        axes: list[Ints],
    ) -> bool:
        """All nests of the pairs found; False when time is up."""
        model, stack, leaves = self.model, self.stack, self.leaves
        inner, inner_words, value, extra, outer = parts
        pairs, bounds = found
        count = len(model.levels)
        price, total_words, crossing = np.zeros(count), np.zeros(count), np.zeros(count)
        stack.meta[:] = (-1, 0, 0, 0, 0)
        ragged = self._ragged(shared.split)
        is_done, before = False, (0, 0)
        while not is_done:
            is_done = grow(
                model.kind, model.stride, model.tables.axes, model.levels, model.spaces,
                model.is_exact, shared.split, model.middle, model.fixed, model.free, model.orders,
                model.sliding, ragged, shared.const, self.incumbent.limit,
                stack.meta[NODES] + _NODES, inner.factors, inner.orders, outer.tile, outer.factor,
                outer.least, pairs, bounds, value, extra, inner_words, inner.lost, shared.fill,
                shared.parent, shared.port_const, shared.port_rest, shared.port_rate, shared.cycles,
                shared.goal, price, total_words, crossing, shared.seen, stack, *leaves,
            )  # fmt: skip
            now = (int(stack.meta[NODES]), int(stack.meta[PRUNED]))
            self.counts["nodes"] += now[0] - before[0]
            self.counts["nodes_pruned"] += now[1] - before[1]
            before = now
            leaf_count = int(stack.meta[LEAVES])
            if leaf_count:
                batch = model.space.blank(leaf_count)
                batch.temporal[:] = leaves.temporal[:leaf_count]
                batch.order[:] = leaves.order[:leaf_count]
                for level, factors in enumerate(axes):
                    batch.spatial[:, level] = factors
                self.incumbent.consider(batch)
            if self.is_over:
                break
        return is_done

    def _ragged(self, split: Ints) -> NDArray[np.bool_]:
        """bool [2], whether the middle and the outer part must try every split among levels.

        Children of a split above a part's innermost level may coincide, or the dataflow pins
        something at its levels.
        """
        model = self.model
        out = np.zeros(2, np.bool_)
        edges = (model.inner + 1, model.middle + 1, len(split))
        for part, (first, end) in enumerate(itertools.pairwise(edges)):
            fixed, free = model.fixed[first:end], model.free[first:end]
            out[part] = (fixed[:-1] > 1).any() or (free != free[-1]).any()
            for level in range(first + 1, end):
                for kinds in model.kind:
                    for axis in range(1, int(kinds.max()) + 1):
                        out[part] |= (split[level, kinds == axis] > 1).sum() > 1
        return out
