"""A given mapping, seen as the exact mapper would come upon it."""

from __future__ import annotations

import math

import numpy as np

from codesign.cost.tables import Ints
from codesign.mapping import MappingBatch
from codesign.search.exact.bounds import union_words
from codesign.search.exact.model import Model
from codesign.search.exact.pairs import match
from codesign.search.exact.parts import OuterParts, Shared, bound_outer, inner_values, share
from codesign.search.exact.spatial import Rates, least_words
from codesign.search.exact.stack import begin, bound_node, enter, make_stack, push
from codesign.search.exact.tiles import InnerParts, trace


class Replay:
    """The bounds on a mapping's way through pairs and nests."""

    def __init__(self, model: Model, goal: float) -> None:
        self.model, self.goal = model, goal
        self.stack = make_stack(model)

    def bounds(self, batch: MappingBatch, row: int) -> list[float]:
        """The pair's bound, then those of the nest after each loop, innermost first."""
        model, stack = self.model, self.stack
        temporal = batch.temporal[row].astype(np.int64)
        order = batch.order[row].astype(np.int64)
        split = batch.spatial[row].prod(axis=1, dtype=np.int64)
        rates = Rates(model, split[np.newaxis])
        words = least_words(model, split[np.newaxis])
        cycles = float(rates.cycles[0])
        for port in rates.ports:
            cycles = max(cycles, float(port.least(words)[0]))
        shared = share(model, split, rates, words[0], cycles, 0, self.goal)
        levels, tile = model.inner + 1, np.cumprod(temporal * split, axis=0)
        inner = self._inner(temporal, order, tile, levels)
        inner_words, value, _ = inner_values(model, shared, inner)
        outer = self._outer(tile, temporal, shared)
        found = [self._pair(shared, inner, inner_words, value, outer)]
        begin(
            model.kind, model.stride, model.tables.axes, model.levels, model.spaces,
            model.is_exact, split, model.middle, inner.factors, inner.orders, outer.tile,
            outer.factor, 0, 0, stack,
        )  # fmt: skip
        count = model.inner_count
        price, total = np.zeros(len(model.levels)), np.zeros(len(model.levels))
        price[:count] = value[0] / (inner_words[0] * inner.lost[0])
        price[count:] = (shared.fill + shared.parent)[count:]
        total[:count] = inner_words[0]
        for j in range(count, len(total)):
            total[j] = union_words(
                model.kind, model.stride, model.tables.axes, model.spaces[j], outer.tile[0],
                shared.seen[model.levels[j]],
            )  # fmt: skip
        part = 0
        for level in range(levels, len(split)):
            if level > levels:
                enter(stack.nodes, stack.tile, split, 0, level)
            part = 0 if level <= model.middle else 1
            for d in order[level]:
                n = int(temporal[level, d])
                if n == 1:
                    continue
                stack.left[0, part, d] //= n
                push(
                    model.kind, model.stride, model.tables.axes, model.levels, model.spaces,
                    model.is_exact, level, d, n, 0, stack.tile, stack.lost, stack.state,
                    stack.visited, stack.span, stack.window, stack.words, stack.extent,
                )  # fmt: skip
                bound = bound_node(
                    model.kind, model.tables.axes, model.levels, model.spaces, model.is_exact,
                    model.middle, 0, price, total, float(outer.least[0]), stack.left, stack.lost,
                    stack.state, stack.visited, stack.window, stack.words, part == 1,
                    shared.const, shared.port_const, shared.port_rest, shared.port_rate, cycles,
                    self.goal, np.zeros(len(total)),
                )  # fmt: skip
                found.append(float(bound))
        return found

    def _inner(self, temporal: Ints, order: Ints, tile: Ints, levels: int) -> InnerParts:
        model = self.model
        last = tile[levels - 1] if levels else np.ones_like(model.sizes)
        lost = np.ones((1, model.inner_count))
        state = np.zeros((1, model.inner_count), np.int64)
        factors, orders = temporal[np.newaxis, :levels], order[np.newaxis, :levels]
        if levels:
            trace(
                model.kind, model.levels, model.spaces, factors, orders, model.is_exact, lost,
                state,
            )  # fmt: skip
        return InnerParts(
            last[np.newaxis], tile[np.newaxis, :levels], factors, orders, lost, state,
            np.zeros((1, levels)),
        )  # fmt: skip

    def _outer(self, tile: Ints, temporal: Ints, shared: Shared) -> OuterParts:
        model = self.model
        at = tile[model.middle][np.newaxis]
        factor = temporal[model.middle + 1 :].prod(axis=0)[np.newaxis]
        cost = np.full((1, len(model.habit)), np.inf)
        bound_outer(
            model.kind, model.stride, model.tables.axes, model.levels, model.spaces, model.habit,
            model.group, shared.seen, shared.fill, shared.parent, model.inner_count, at, factor,
            model.is_exact, cost,
        )  # fmt: skip
        return OuterParts(at, factor, cost, cost.min(axis=1))

    def _pair(self, shared, inner, inner_words, value, outer) -> float:  # type: ignore[no-untyped-def]
        model = self.model
        found, bounds = np.zeros((2, 2), np.int64), np.zeros(2)
        counts = np.zeros(3, np.int64)
        match(
            model.spaces, model.habit, model.group, shared.spread, model.parts_fixed,
            model.parts_free, shared.const, math.inf, math.inf, model.is_exact, shared.port_const,
            shared.port_rate, shared.cycles, shared.goal, outer.tile, outer.factor, outer.cost,
            outer.least, 0, 1, inner.tile, np.array([0, 1]), value.sum(axis=1), inner_words,
            inner.lost, value, np.zeros(1), inner.state, value.sum(axis=1),
            np.ones((1, len(model.sizes)), np.int64), np.ones((6, len(model.kind))),
            np.zeros((2, len(model.habit)), np.int64), np.ones(model.inner_count), found, bounds,
            counts,
        )  # fmt: skip
        assert counts[0] == 1, "the pair of a valid mapping is dropped"
        return float(bounds[0])
