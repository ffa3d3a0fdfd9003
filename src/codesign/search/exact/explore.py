"""The exploration of one spatial split: pairs of parts, then loop nests, then the cost model."""

from __future__ import annotations

import math
import time

import numpy as np

from codesign.cost.tables import Ints
from codesign.search.exact.facts import Facts
from codesign.search.exact.incumbent import Incumbent
from codesign.search.exact.nests import grow, make_leaves
from codesign.search.exact.pairs import Pairs, make_matching, match
from codesign.search.exact.parts import Parts, Shared, inner_costs, outer_parts
from codesign.search.exact.stack import LEAVES, NODES, PRUNED, make_stack
from codesign.search.exact.tiles import InnerParts, inner_parts

_LEAVES = 1024
_PAIRS = 1 << 17
_NODES = 1 << 20
_OUTER_STEP = 256


class Explorer:
    """Searches spatial splits for mappings that are better than the incumbent.

    Args:
        incumbent: the best known mapping, which is updated.
        deadline: the value of `time.perf_counter` at which it stops.
        most_work: pairs and nodes after which it stops, which is the same on every machine.

    Attributes:
        counts: the numbers of pairs and of nodes (loops placed), and of those dropped by bounds.
    """

    def __init__(
        self, incumbent: Incumbent, deadline: float = math.inf, most_work: float = math.inf
    ) -> None:
        self.incumbent, self.facts = incumbent, incumbent.facts
        self.deadline, self.most_work = deadline, most_work
        self.counts = dict.fromkeys(("pairs", "pairs_pruned", "nodes", "nodes_pruned"), 0)
        self.stack, self.leaves = make_stack(self.facts), make_leaves(self.facts, _LEAVES)
        self.known: dict[bytes, InnerParts] = {}
        self.found = Pairs(np.zeros((_PAIRS, 2), np.int64), np.zeros(_PAIRS))
        self.matching = make_matching(self.facts.boundaries)

    def of(self, facts: Facts) -> Explorer:
        """An explorer of another task, within this one's limit and what is left of its budget."""
        left = self.most_work - self.counts["pairs"] - self.counts["nodes"]
        incumbent = Incumbent(facts, self.incumbent.goal, self.incumbent.value)
        return Explorer(incumbent, self.deadline, left)

    def take(self, other: Explorer) -> None:
        """Adds another explorer's counts to this one's, and keeps its mapping if it is better."""
        for name, count in other.counts.items():
            self.counts[name] += count
        self.incumbent.priced += other.incumbent.priced
        if other.incumbent.best is not None:
            self.incumbent.best = other.incumbent.best
            self.incumbent.value = other.incumbent.value

    @property
    def is_over(self) -> bool:
        """Whether the budget of time or of work is spent."""
        work = self.counts["pairs"] + self.counts["nodes"]
        return work >= self.most_work or time.perf_counter() >= self.deadline

    def explore(self, shared: Shared, axes: list[Ints]) -> bool:
        """Explores all mappings of one spatial split. False if it could not complete this."""
        facts = self.facts
        try:
            inner = self._inner(shared)
            costs = inner_costs(facts, shared, inner)
            if not len(costs.base):
                return True
            most = shared.energy_limit(self.incumbent.limit) - shared.const
            outer = outer_parts(facts, shared, most - float(costs.base.min()))
        except MemoryError:
            return False
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

    def _inner(self, shared: Shared) -> InnerParts:
        """The inner parts whose factors are compatible with a spatial split."""
        facts = self.facts
        within = shared.split[: facts.inner + 1]
        key = within.tobytes()
        if key not in self.known:
            self.known[key] = inner_parts(facts, within)
        parts = self.known[key]
        room = facts.sizes // shared.spread.prod(axis=0)
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
