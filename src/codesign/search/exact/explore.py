"""The exploration of one spatial split: pairs of parts, then loop nests, then the cost model."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import Ints
from codesign.search.exact.capacity import Capacities
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import bounded
from codesign.search.exact.incumbent import Incumbent
from codesign.search.exact.nests import grow, make_leaves
from codesign.search.exact.pairs import Pairs, make_matching, match
from codesign.search.exact.parts import OuterParts, Parts, Shared, inner_costs, outer_parts
from codesign.search.exact.stack import LEAVES, NODES, PRUNED, make_stack
from codesign.search.exact.tiles import InnerParts, inner_parts

_LEAVES = 1024
_PAIRS = 1 << 17
_NODES = 1 << 20
_OUTER_STEP = 256
_KNOWN = 10**5
_TILES = 16


class Explorer:
    """Searches spatial splits for mappings that are better than the incumbent.

    Args:
        incumbent: the best known mapping, which is updated.
        deadline: the value of `time.thread_time` at which it stops.
        most_work: ranges, pairs and nodes after which it stops, the same on every machine.

    Attributes:
        counts: the numbers of ranges (with one choice of innermost loops each), of pairs and of
            nodes (loops placed), and of pairs and nodes that were dropped by their bounds.
    """

    def __init__(
        self, incumbent: Incumbent, deadline: float = math.inf, most_work: float = math.inf
    ) -> None:
        self.incumbent, self.facts = incumbent, incumbent.facts
        self.deadline, self.most_work = deadline, most_work
        self.counts = dict.fromkeys(("ranges", "pairs", "pairs_pruned", "nodes", "nodes_pruned"), 0)
        self.stack, self.leaves = make_stack(self.facts), make_leaves(self.facts, _LEAVES)
        self.known: dict[bytes, InnerParts] = {}
        self.found = Pairs(np.zeros((_PAIRS, 2), np.int64), np.zeros(_PAIRS))
        self.matching = make_matching(self.facts.boundaries)

    def of(self, facts: Facts, budget: float = 1.0) -> Explorer:
        """An explorer of another task, which shares this one's budget, counts and limit.

        `lend` and `take` pass the limit on, there and back.

        Args:
            budget: the share of what is left of the budget.
        """
        incumbent = Incumbent(facts, self.incumbent.goal, self.incumbent.value)
        deadline, most_work = self.deadline, self.most_work
        if budget < 1:
            now = time.thread_time()
            deadline, most_work = now + budget * (deadline - now), budget * most_work
        other = Explorer(incumbent, deadline, most_work)
        other.counts, other.found = self.counts, self.found
        return other

    def lend(self, other: Explorer) -> None:
        """Gives another explorer this one's limit, if it is lower."""
        other.incumbent.value = min(other.incumbent.value, self.incumbent.value)

    def take(self, other: Explorer) -> None:
        """Keeps another explorer's mapping if it is better."""
        if other is self:
            return
        self.incumbent.priced += other.incumbent.priced
        other.incumbent.priced = 0
        if other.incumbent.best is not None and other.incumbent.value < self.incumbent.value:
            self.incumbent.best = other.incumbent.best
            self.incumbent.value = other.incumbent.value

    @property
    def is_over(self) -> bool:
        """Whether the budget of time or of work is spent."""
        work = self.counts["ranges"] + self.counts["pairs"] + self.counts["nodes"]
        return work >= self.most_work or time.thread_time() >= self.deadline

    def explore(
        self, facts: Facts, capacities: Capacities, shared: Shared, axes: list[Ints]
    ) -> bool:
        """Explores all mappings of one spatial split. False if it could not complete this.

        Args:
            facts: the explorer's, `Facts.resized` to the sizes that factors multiply to.
            capacities: the bounds of the task's levels.
        """
        left = facts.sizes // shared.spread.prod(axis=0)
        inner_pj, _ = capacities.inner(shared, left, left)
        most = shared.energy_limit(self.incumbent.limit) - shared.const
        try:
            outer = outer_parts(facts, shared, most - inner_pj)
            if len(outer.tile) > _TILES or self._key(facts, shared) in self.known:
                return self._match(facts, shared, axes, outer, self._inner(facts, shared, left))
            # The inner parts of a few tiles are fewer than those of all sizes.
            outer = outer.some(self._worth(capacities, shared, left, outer))
            tiles, inside = np.unique(outer.tile, axis=0), shared.spread[:2].prod(axis=0)
            for tile in tiles:
                rows = np.flatnonzero((outer.tile == tile).all(axis=1))
                sizes = tile // shared.spread[1] * facts.pins.parts_fixed[2]
                inner = self._inner(facts.resized(sizes), shared, tile // inside)
                if not self._match(facts, shared, axes, outer.some(rows), inner):
                    return False
        except MemoryError:
            return False
        return True

    def _worth(
        self, capacities: Capacities, shared: Shared, left: Ints, outer: OuterParts
    ) -> NDArray[np.int64]:
        """The outer parts that may be below the limit, with inner levels bounded inside each."""
        kept, limit = [], self.incumbent.limit
        for o, tile in enumerate(outer.tile):
            within = tile // (shared.spread[0] * shared.spread[1])
            energy, cycles = capacities.inner(shared, left, within)
            energy += shared.const + float(outer.least[o])
            needed = max(shared.cycles, (shared.port_const + cycles).max(initial=0.0))
            if float(bounded(shared.goal, np.array(energy), np.array(needed))) < limit:
                kept.append(o)
        return np.array(kept, np.int64)

    def _match(
        self, facts: Facts, shared: Shared, axes: list[Ints], outer: OuterParts, inner: InnerParts
    ) -> bool:
        """Explores all pairs of outer and inner parts."""
        costs = inner_costs(facts, shared, inner)
        if not len(costs.base):
            return True
        most = shared.energy_limit(self.incumbent.limit) - shared.const - float(costs.base.min())
        outer = outer.some(np.flatnonzero(outer.least < most))
        parts = Parts(inner, costs, outer)
        if len(inner.tile) > len(self.found.rows):
            count = 2 * len(inner.tile)
            self.found = Pairs(np.zeros((count, 2), np.int64), np.zeros(count))
        counts = self.matching.counts
        at = 0
        while at < len(outer.tile):
            if self.is_over:
                return False
            limit, end = self.incumbent.limit, min(at + _OUTER_STEP, len(outer.tile))
            counts[:] = 0
            at = match(
                facts.boundaries, facts.pins, shared, parts, at, end, limit,
                shared.energy_limit(limit), self.found, self.matching,
            )  # fmt: skip
            found = int(counts[0])
            self.counts["pairs"] += int(counts[1])
            self.counts["pairs_pruned"] += int(counts[2])
            order = np.argsort(self.found.bounds[:found], kind="stable")
            pairs = Pairs(self.found.rows[:found][order], self.found.bounds[:found][order])
            if not self._grow(shared, parts, pairs, axes):
                return False
        return True

    def _key(self, facts: Facts, shared: Shared) -> bytes:
        """What inner parts depend on: the inner spatial factors, and the sizes."""
        return shared.split[: facts.inner + 1].tobytes() + facts.sizes.tobytes()

    def _inner(self, facts: Facts, shared: Shared, room: Ints) -> InnerParts:
        """The inner parts with temporal factors that divide `room` [D].

        Args:
            facts: of sizes that these factors and the inner spatial ones divide.
        """
        key = self._key(facts, shared)
        if key not in self.known:
            if sum(len(parts.tile) for parts in self.known.values()) > _KNOWN:
                self.known.clear()
            self.known[key] = inner_parts(facts, shared.split[: facts.inner + 1])
        parts = self.known[key]
        return parts.some((room % (parts.tile // shared.spread[0]) == 0).all(axis=1))

    def _grow(self, shared: Shared, parts: Parts, pairs: Pairs, axes: list[Ints]) -> bool:
        """Explores all loop nests of pairs. False if the budget ran out."""
        facts, stack, leaves = self.facts, self.stack, self.leaves
        stack.meta[:] = (-1, 0, 0, 0, 0)
        is_done, before = False, (0, 0)
        while not is_done:
            is_done = grow(
                facts.boundaries, facts.pins, shared, parts, pairs, self.incumbent.limit,
                stack.meta[NODES] + _NODES, stack, leaves,
            )  # fmt: skip
            now = (int(stack.meta[NODES]), int(stack.meta[PRUNED]))
            self.counts["nodes"] += now[0] - before[0]
            self.counts["nodes_pruned"] += now[1] - before[1]
            before = now
            leaf_count = int(stack.meta[LEAVES])
            if leaf_count:
                batch = facts.space.blank(leaf_count)
                batch.temporal[:] = leaves.temporal[:leaf_count]
                batch.order[:] = leaves.order[:leaf_count]
                for level, factors in enumerate(axes):
                    batch.spatial[:, level] = factors
                self.incumbent.consider(batch)
            if self.is_over:
                break
        return is_done
