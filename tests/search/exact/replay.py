"""A given mapping, seen as the exact mapper would come upon it."""

from __future__ import annotations

import math

import numpy as np

from codesign.cost.tables import Ints
from codesign.mapping import MappingBatch
from codesign.search.exact.bounds import union_words
from codesign.search.exact.facts import Facts
from codesign.search.exact.pairs import Pairs, make_matching, match
from codesign.search.exact.parts import OuterParts, Parts, Shared, bound_outer, inner_costs, share
from codesign.search.exact.spatial import Rates, least_words
from codesign.search.exact.stack import begin, bound_node, enter, make_stack, push
from codesign.search.exact.tiles import InnerParts, trace


class Replay:
    """The bounds on a mapping's way through pairs and nests."""

    def __init__(self, facts: Facts, goal: float) -> None:
        self.facts, self.goal = facts, goal
        self.stack = make_stack(facts)

    def bounds(self, batch: MappingBatch, row: int) -> list[float]:
        """The pair's bound, then those of the nest after each loop, innermost first."""
        facts, stack = self.facts, self.stack
        temporal = batch.temporal[row].astype(np.int64)
        order = batch.order[row].astype(np.int64)
        split = batch.spatial[row].prod(axis=1, dtype=np.int64)
        rates = Rates(facts, split[np.newaxis])
        words = least_words(facts, split[np.newaxis])
        cycles = float(rates.cycles[0])
        for port in rates.ports:
            cycles = max(cycles, float(port.least(words)[0]))
        shared = share(facts, split, rates, words[0], cycles, 0, self.goal)
        levels, tile = facts.inner + 1, np.cumprod(temporal * split, axis=0)
        inner = self._inner(temporal, order, tile, levels)
        costs = inner_costs(facts, shared, inner)
        outer = self._outer(tile, temporal, shared)
        found = [self._pair(shared, Parts(inner, costs, outer))]
        boundaries = facts.boundaries
        begin(boundaries, split, inner, outer, 0, 0, stack)
        count = boundaries.inner_count
        stack.price[:count] = costs.value[0] / (costs.words[0] * inner.repeats[0])
        stack.price[count:] = (shared.fill + shared.parent)[count:]
        stack.least_words[:count] = costs.words[0]
        for j in range(count, len(boundaries.levels)):
            stack.least_words[j] = union_words(
                boundaries.role, boundaries.stride, boundaries.axes, boundaries.spaces[j],
                outer.tile[0], shared.seen[boundaries.levels[j]],
            )  # fmt: skip
        part = 0
        for level in range(levels, len(split)):
            if level > levels:
                enter(stack, split, 0, level)
            part = 0 if level <= facts.middle else 1
            for d in order[level]:
                n = int(temporal[level, d])
                if n == 1:
                    continue
                stack.left[0, part, d] //= n
                push(boundaries, level, d, n, 0, stack)
                bound = bound_node(
                    boundaries, shared, 0, part == 1, shared.const, float(outer.least[0]), stack
                )
                found.append(float(bound))
        return found

    def _inner(self, temporal: Ints, order: Ints, tile: Ints, levels: int) -> InnerParts:
        facts = self.facts
        last = tile[levels - 1] if levels else np.ones_like(facts.sizes)
        repeats = np.ones((1, facts.boundaries.inner_count))
        state = np.zeros((1, facts.boundaries.inner_count), np.int64)
        factors, orders = temporal[np.newaxis, :levels], order[np.newaxis, :levels]
        if levels:
            for level in range(factors.shape[1]):
                trace(facts.boundaries, factors, orders, level, repeats, state)
        return InnerParts(
            last[np.newaxis], tile[np.newaxis, :levels], factors, orders, repeats, state,
            np.zeros((1, levels)),
        )  # fmt: skip

    def _outer(self, tile: Ints, temporal: Ints, shared: Shared) -> OuterParts:
        facts = self.facts
        at = tile[facts.middle][np.newaxis]
        factor = temporal[facts.middle + 1 :].prod(axis=0)[np.newaxis]
        cost = np.full((1, len(facts.boundaries.relevance)), np.inf)
        bound_outer(facts.boundaries, shared, at, factor, cost)
        return OuterParts(at, factor, cost, cost.min(axis=1))

    def _pair(self, shared: Shared, parts: Parts) -> float:
        facts = self.facts
        pairs, work = (
            Pairs(np.zeros((2, 2), np.int64), np.zeros(2)),
            make_matching(facts.boundaries),
        )
        match(
            facts.boundaries, facts.pins, shared, parts, 0, 1, math.inf, math.inf, pairs, work
        )  # fmt: skip
        assert work.counts[0] == 1, "the pair of a valid mapping is dropped"
        return float(pairs.bounds[0])
