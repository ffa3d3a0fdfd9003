"""The nodes of the search for loop nests: the effect of the loops so far on every boundary.

Plain boundaries are counted exactly as soon as a relevant loop closes them. For sliding ones, the
recursion of the cost model is used for the loops so far, and the theorem of `bounds` for further
loops.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.accounting import DIRECTION, POSITION
from codesign.compiled import compiled, inlined
from codesign.cost.layout import measure_all
from codesign.cost.tables import Floats, Ints
from codesign.cost.traffic import (
    MOTION,
    MOVED,
    STATE,
    VOLUME,
    advance,
    is_kept,
    new_words,
    remember,
)
from codesign.search.exact.bounds import CLOSED, OPEN, RUN, STRONG, cross
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import combine
from codesign.workload.shape import MAX_SLIDING_AXES

LEVEL, PLACED, LAST, NEXT_DIMENSION, NEXT_FACTOR, AT_LEVEL, AT_DIMENSION, AT_FACTOR = range(8)
"""Columns of `Stack.nodes`. The columns `AT_…` have the loop that led to the node."""

DEPTH, PAIR, LEAVES, NODES, PRUNED = range(5)
"""Entries of `Stack.meta`."""


class Stack(NamedTuple):
    """The state of a search, which can be interrupted; at most N nodes deep.

    Args:
        meta, nodes: [5] and [N, 8], with the entries and columns above.
        left: [N, 2, D], factors that are not placed yet, of the middle and of the outer part.
        tile: [N, D], the tile inside the next loop.
        repeats: [N, J], the product of loops that multiply the words: irrelevant ones for plain
            boundaries, all from the first plain loop on for sliding ones.
        state: [N, J], as in `bounds`.
        visited: [N, J], an upper bound on the words in the union of the boxes so far.
        span: [N, J, A], extents of that union.
        window: [N, J, 5, 1 + 2A], the automaton of the cost model.
        words, extent: [L, W] and [L, W, A], the tiles of all boundaries.
        price: [J], pJ per word of the pair's boundaries.
        least_words: [J], words that the boundaries receive, before loops further out multiply them.
        crossing: [J], working memory of `bound_node`.
    """

    meta: Ints
    nodes: Ints
    left: Ints
    tile: Ints
    repeats: Floats
    state: Ints
    visited: Floats
    span: Ints
    window: Ints
    words: Ints
    extent: Ints
    price: Floats
    least_words: Floats
    crossing: Floats


def make_stack(facts: Facts) -> Stack:
    """A stack that is deep enough for every nest of the task."""
    levels, size = facts.pins.fixed.shape
    deep, boundaries = levels * (size + 1) + 2, len(facts.boundaries.levels)
    spaces = len(facts.role)
    return Stack(
        meta=np.array([-1, 0, 0, 0, 0], np.int64),
        nodes=np.zeros((deep, 8), np.int64),
        left=np.ones((deep, 2, size), np.int64),
        tile=np.ones((deep, size), np.int64),
        repeats=np.ones((deep, boundaries)),
        state=np.zeros((deep, boundaries), np.int64),
        visited=np.ones((deep, boundaries)),
        span=np.ones((deep, boundaries, MAX_SLIDING_AXES), np.int64),
        window=np.zeros((deep, boundaries, 5, 1 + 2 * MAX_SLIDING_AXES), np.int64),
        words=np.ones((levels, spaces), np.int64),
        extent=np.ones((levels, spaces, MAX_SLIDING_AXES), np.int64),
        price=np.zeros(boundaries),
        least_words=np.zeros(boundaries),
        crossing=np.zeros(boundaries),
    )


@compiled
def push(boundaries, level, d, n, k, stack) -> None:  # type: ignore[no-untyped-def]
    """Adds a loop of size n over dimension d to node k, for every boundary inside its level."""
    role, stride, axes = boundaries.role, boundaries.stride, boundaries.axes
    levels, spaces, rules = boundaries.levels, boundaries.spaces, boundaries.rules
    tile, repeats, state, visited = stack.tile, stack.repeats, stack.state, stack.visited
    span, window, words, extent = stack.span, stack.window, stack.words, stack.extent
    for j in range(len(levels)):
        if levels[j] >= level:
            continue
        w = spaces[j]
        enters = min(role[w, d], 1)
        was = state[k, j]
        rest = float(n) if enters < 0 else 1.0
        _, state[k, j] = cross(was, enters, rest, enters == 1, enters == 0, rules.window)
        if axes[w] == 0:
            if was == CLOSED:
                repeats[k, j] *= rest
            continue
        if state[k, j] == CLOSED:
            repeats[k, j] *= n
            continue
        for a in range(axes[w]):
            window[k, j, MOTION, a] = -window[k, j, MOVED, a]
        if enters == 1:
            axis, step = role[w, d] - 1, tile[k, d] * stride[w, d]
            window[k, j, MOTION, axis] += step
            window[k, j, MOVED, axis] += step * (n - 1) if rules.window == POSITION else step
            grown = span[k, j, axis] + step * (n - 1)
            visited[k, j] = visited[k, j] / span[k, j, axis] * grown
            span[k, j, axis] = grown
        if rules.window == DIRECTION:
            advance(axes, words, extent, window[k, j], levels[j], w, n - 1)
            continue
        if was == OPEN or (was == RUN and not rules.rests):
            remember(axes, window[k, j], w)
        new = words[levels[j], w]
        if rules.window == POSITION or is_kept(axes, window[k, j], w, rules.rests):
            new = new_words(axes, words, extent, window[k, j], levels[j], w)
        window[k, j, VOLUME, 0] = window[k, j, VOLUME, 0] * n + new * (n - 1)
    tile[k, d] *= n


@compiled
def begin(boundaries, split, inner, outer, o, i, stack) -> None:  # type: ignore[no-untyped-def]
    """Makes the root node of a pair, in which only the loops of the inner part are placed."""
    role, stride, axes = boundaries.role, boundaries.stride, boundaries.axes
    levels, spaces, middle = boundaries.levels, boundaries.spaces, boundaries.middle
    left, tile, words, extent = stack.left, stack.tile, stack.words, stack.extent
    repeats, state, visited = stack.repeats, stack.state, stack.visited
    span, window = stack.span, stack.window
    size, count = tile.shape[1], inner.factors.shape[1]
    root = np.int64(0)  # with a constant, `push` would be compiled a second time
    for d in range(size):
        tile[0, d] = 1
    for level in range(count):
        for d in range(size):
            tile[0, d] *= split[level, d] * inner.factors[i, level, d]
        measure_all(role, stride, axes, tile[0], words, extent, level)
    for d in range(size):
        inside = tile[0, d]
        for level in range(count, middle + 1):
            inside *= split[level, d]
        left[0, 0, d] = outer.tile[o, d] // inside
        left[0, 1, d] = outer.factor[o, d]
    measure_all(role, stride, axes, outer.tile[o], words, extent, middle)
    for j in range(len(levels)):
        w, level = spaces[j], levels[j]
        repeats[0, j] = 1.0
        state[0, j] = OPEN
        visited[0, j] = words[level, w]
        for a in range(axes[w]):
            span[0, j, a] = extent[level, w, a]
            window[0, j, MOVED, a] = 0
        for g in range(1 + 2 * axes[w]):
            window[0, j, VOLUME, g] = 0
            window[0, j, STATE, g] = g
    for d in range(size):
        tile[0, d] = 1
    for level in range(count):
        for d in range(size):
            tile[0, d] *= split[level, d]
        for position in range(size):
            d = inner.orders[i, level, position]
            if inner.factors[i, level, d] > 1:
                push(boundaries, level, d, inner.factors[i, level, d], root, stack)
    enter(stack, split, root, count)


@inlined
def enter(stack, split, k, level) -> None:  # type: ignore[no-untyped-def]
    """Sets node k to the beginning of a level: no loop of the level is placed."""
    nodes, tile = stack.nodes, stack.tile
    nodes[k, LEVEL] = level
    nodes[k, PLACED] = 0
    nodes[k, LAST] = -1
    nodes[k, NEXT_DIMENSION] = 0
    nodes[k, NEXT_FACTOR] = 2
    if level < len(split):
        for d in range(tile.shape[1]):
            tile[k, d] *= split[level, d]


@inlined
def bound_node(boundaries, shared, k, is_outside, const, outer_least, stack) -> float:  # type: ignore[no-untyped-def]
    """A lower bound on the objective of all nests below node k.

    Args:
        is_outside: whether the loops at the node are in the outer part.
        const: pJ of the pair that do not depend on the loops.
        outer_least: the least pJ of the middle's boundaries.
    """
    role, axes, middle = boundaries.role, boundaries.axes, boundaries.middle
    levels, spaces, rules = boundaries.levels, boundaries.spaces, boundaries.rules
    left, repeats, state, visited = stack.left, stack.repeats, stack.state, stack.visited
    window, words, crossing = stack.window, stack.words, stack.crossing
    port_const, port_rate = shared.port_const, shared.port_rate
    total = const if is_outside else const + outer_least
    for j in range(len(levels)):
        w, level = spaces[j], levels[j]
        if level == middle and not is_outside:
            continue
        rest, all_left = 1.0, 1.0
        for d in range(left.shape[2]):
            factor = left[k, 0, d] * left[k, 1, d] if level < middle else left[k, 1, d]
            all_left *= factor
            if role[w, d] < 0:
                rest *= factor
        if state[k, j] != CLOSED and state[k, j] != STRONG:
            rest = 1.0
        if axes[w] == 0:
            words_now = stack.least_words[j] * repeats[k, j] * rest
        elif state[k, j] == CLOSED:
            words_now = (words[level, w] + window[k, j, VOLUME, 0]) * repeats[k, j] * all_left
        else:
            fetched = float(window[k, j, VOLUME, 0])
            if rules.window == DIRECTION:
                for g in range(1, 1 + 2 * axes[w]):
                    fetched = min(fetched, float(window[k, j, VOLUME, g]))
            fetched += words[level, w]
            words_now = stack.least_words[j] * max(1.0, fetched / visited[k, j]) * rest
        total += stack.price[j] * words_now
        crossing[j] = words_now
    needed = shared.cycles
    for port in range(len(port_const)):
        at_port = port_const[port]
        if is_outside:
            at_port -= shared.port_rest[port]
        for j in range(len(levels)):
            if is_outside or levels[j] < middle:
                at_port += port_rate[port, j] * crossing[j]
        needed = max(needed, at_port)
    return combine(shared.goal, total, needed)


@inlined
def copy_node(stack, k) -> None:  # type: ignore[no-untyped-def]
    """Copies node k to node k + 1."""
    nodes, left, tile, span, window = stack.nodes, stack.left, stack.tile, stack.span, stack.window
    repeats, state, visited = stack.repeats, stack.state, stack.visited
    for c in range(nodes.shape[1]):
        nodes[k + 1, c] = nodes[k, c]
    for d in range(tile.shape[1]):
        tile[k + 1, d] = tile[k, d]
        left[k + 1, 0, d] = left[k, 0, d]
        left[k + 1, 1, d] = left[k, 1, d]
    for j in range(repeats.shape[1]):
        repeats[k + 1, j] = repeats[k, j]
        state[k + 1, j] = state[k, j]
        visited[k + 1, j] = visited[k, j]
        for a in range(span.shape[2]):
            span[k + 1, j, a] = span[k, j, a]
        for row in range(window.shape[2]):
            for g in range(window.shape[3]):
                window[k + 1, j, row, g] = window[k, j, row, g]
