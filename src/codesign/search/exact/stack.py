"""Nodes of the search for loop nests: what the loops placed so far mean to every boundary.

Plain boundaries are counted exactly as soon as a relevant loop closes them, sliding ones by the
cost model's own recursion over the loops placed so far, and by the theorem of `bounds` over those
to come.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.compiled import compiled
from codesign.cost.layout import measure
from codesign.cost.tables import Floats, Ints
from codesign.cost.traffic import MOTION, MOVED, STATE, VOLUME, advance, new_words
from codesign.search.exact.bounds import CLOSED, OPEN, STRONG, cross
from codesign.search.exact.goal import combine
from codesign.search.exact.model import Model
from codesign.workload.shape import MAX_SLIDING_AXES

LEVEL, PLACED, LAST, NEXT_DIMENSION, NEXT_FACTOR, AT_LEVEL, AT_DIMENSION, AT_FACTOR = range(8)
"""Columns of `Stack.nodes`; `AT_…` say which loop led to the node."""

DEPTH, PAIR, LEAVES, NODES, PRUNED = range(5)
"""Entries of `Stack.meta`."""


class Stack(NamedTuple):
    """The state of a search, which can be left and entered again; N nodes deep.

    Args:
        meta: [5]; nodes: [N, 8].
        left: [N, 2, D], factors still to be placed in the middle and the outer part.
        tile: [N, D], the tile inside the next loop.
        lost: [N, J], what loops multiply: irrelevant ones for plain boundaries, all from the
            first plain loop on for sliding ones; state: [N, J], as in `bounds`.
        visited: [N, J], at most as many words are in the union of the boxes seen so far.
        span: [N, J, A], extents of that union.
        window: [N, J, 4, 1 + 2A], the cost model's automaton.
        words: [L, W]; extent: [L, W, A]: the tiles of all boundaries.
    """

    meta: Ints
    nodes: Ints
    left: Ints
    tile: Ints
    lost: Floats
    state: Ints
    visited: Floats
    span: Ints
    window: Ints
    words: Ints
    extent: Ints


def make_stack(model: Model) -> Stack:
    """An empty stack, deep enough for every nest of the model."""
    levels, size = model.fixed.shape
    deep, boundaries = levels * (size + 1) + 2, len(model.levels)
    spaces = len(model.kind)
    return Stack(
        meta=np.array([-1, 0, 0, 0, 0], np.int64),
        nodes=np.zeros((deep, 8), np.int64),
        left=np.ones((deep, 2, size), np.int64),
        tile=np.ones((deep, size), np.int64),
        lost=np.ones((deep, boundaries)),
        state=np.zeros((deep, boundaries), np.int64),
        visited=np.ones((deep, boundaries)),
        span=np.ones((deep, boundaries, MAX_SLIDING_AXES), np.int64),
        window=np.zeros((deep, boundaries, 4, 1 + 2 * MAX_SLIDING_AXES), np.int64),
        words=np.ones((levels, spaces), np.int64),
        extent=np.ones((levels, spaces, MAX_SLIDING_AXES), np.int64),
    )


@compiled
def push(  # type: ignore[no-untyped-def]
    kind, stride, axes, levels, spaces, is_exact, level, d, n, k,
    tile, lost, state, visited, span, window, words, extent,
) -> None:  # fmt: skip
    """Wraps a loop around those of node k, for every boundary inside its level."""
    for j in range(len(levels)):
        if levels[j] >= level:
            continue
        w = spaces[j]
        enters = min(kind[w, d], 1)
        was = state[k, j]
        rest = float(n) if enters < 0 else 1.0
        _, state[k, j] = cross(was, enters, rest, enters == 1, enters == 0, is_exact)
        if axes[w] == 0:
            if was == CLOSED:
                lost[k, j] *= rest
            continue
        if state[k, j] == CLOSED:
            lost[k, j] *= n
            continue
        for a in range(axes[w]):
            window[k, j, MOTION, a] = -window[k, j, MOVED, a]
        if enters == 1:
            axis, step = kind[w, d] - 1, tile[k, d] * stride[w, d]
            window[k, j, MOTION, axis] += step
            window[k, j, MOVED, axis] += step * (n - 1) if is_exact else step
            grown = span[k, j, axis] + step * (n - 1)
            visited[k, j] = visited[k, j] / span[k, j, axis] * grown
            span[k, j, axis] = grown
        if is_exact:
            new = new_words(axes, words, extent, window[k, j], levels[j], w)
            window[k, j, VOLUME, 0] = window[k, j, VOLUME, 0] * n + new * (n - 1)
        else:
            advance(axes, words, extent, window[k, j], levels[j], w, n - 1)
    tile[k, d] *= n


@compiled
def begin(  # type: ignore[no-untyped-def]
    kind, stride, axes, levels, spaces, is_exact, split, middle, inner_factors, inner_orders,
    outer_tile, outer_factor, o, i, stack,
) -> None:  # fmt: skip
    """Makes the root of a pair: the inner part's loops are placed, nothing else is."""
    _, nodes, left, tile, lost, state, visited, span, window, words, extent = stack
    size, inner = tile.shape[1], inner_factors.shape[1]
    for d in range(size):
        tile[0, d] = 1
    for level in range(inner):
        for d in range(size):
            tile[0, d] *= split[level, d] * inner_factors[i, level, d]
        measure(kind, stride, axes, tile[0], words, extent, level)
    for d in range(size):
        inside = tile[0, d]
        for level in range(inner, middle + 1):
            inside *= split[level, d]
        left[0, 0, d] = outer_tile[o, d] // inside
        left[0, 1, d] = outer_factor[o, d]
    measure(kind, stride, axes, outer_tile[o], words, extent, middle)
    for j in range(len(levels)):
        w, level = spaces[j], levels[j]
        lost[0, j] = 1.0
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
    for level in range(inner):
        for d in range(size):
            tile[0, d] *= split[level, d]
        for position in range(size):
            d = inner_orders[i, level, position]
            if inner_factors[i, level, d] > 1:
                push(
                    kind, stride, axes, levels, spaces, is_exact, level, d,
                    inner_factors[i, level, d], 0,
                    tile, lost, state, visited, span, window, words, extent,
                )  # fmt: skip
    enter(nodes, tile, split, 0, inner)


@compiled
def enter(nodes, tile, split, k, level) -> None:  # type: ignore[no-untyped-def]
    """Node k starts on the loops of a level."""
    nodes[k, LEVEL] = level
    nodes[k, PLACED] = 0
    nodes[k, LAST] = -1
    nodes[k, NEXT_DIMENSION] = 0
    nodes[k, NEXT_FACTOR] = 2
    if level < len(split):
        for d in range(tile.shape[1]):
            tile[k, d] *= split[level, d]


@compiled
def bound_node(  # type: ignore[no-untyped-def]
    kind, axes, levels, spaces, is_exact, middle, k, price, total_words, outer_least,
    left, lost, state, visited, window, words, is_outside, const, port_const, port_rest,
    port_rate, cycles, goal, crossing,
) -> float:  # fmt: skip
    """A lower bound of the objective in every nest below node k."""
    total = const if is_outside else const + outer_least
    for j in range(len(levels)):
        w, level = spaces[j], levels[j]
        if level == middle and not is_outside:
            continue
        rest, all_left = 1.0, 1.0
        for d in range(left.shape[2]):
            factor = left[k, 0, d] * left[k, 1, d] if level < middle else left[k, 1, d]
            all_left *= factor
            if kind[w, d] < 0:
                rest *= factor
        if state[k, j] != CLOSED and state[k, j] != STRONG:
            rest = 1.0
        if axes[w] == 0:
            words_now = total_words[j] * lost[k, j] * rest
        elif state[k, j] == CLOSED:
            words_now = (words[level, w] + window[k, j, VOLUME, 0]) * lost[k, j] * all_left
        else:
            fetched = float(window[k, j, VOLUME, 0])
            if not is_exact:
                for g in range(1, 1 + 2 * axes[w]):
                    fetched = min(fetched, float(window[k, j, VOLUME, g]))
            fetched += words[level, w]
            words_now = total_words[j] * max(1.0, fetched / visited[k, j]) * rest
        total += price[j] * words_now
        crossing[j] = words_now
    needed = cycles
    for port in range(len(port_const)):
        at_port = port_const[port]
        if is_outside:
            at_port -= port_rest[port]
        for j in range(len(levels)):
            if is_outside or levels[j] < middle:
                at_port += port_rate[port, j] * crossing[j]
        needed = max(needed, at_port)
    return combine(goal, total, needed)


@compiled
def copy_node(nodes, left, tile, lost, state, visited, span, window, k) -> None:  # type: ignore[no-untyped-def]
    """Node k + 1 becomes like node k."""
    for c in range(nodes.shape[1]):
        nodes[k + 1, c] = nodes[k, c]
    for d in range(tile.shape[1]):
        tile[k + 1, d] = tile[k, d]
        left[k + 1, 0, d] = left[k, 0, d]
        left[k + 1, 1, d] = left[k, 1, d]
    for j in range(lost.shape[1]):
        lost[k + 1, j] = lost[k, j]
        state[k + 1, j] = state[k, j]
        visited[k + 1, j] = visited[k, j]
        for a in range(span.shape[2]):
            span[k + 1, j, a] = span[k, j, a]
        for row in range(window.shape[2]):
            for g in range(window.shape[3]):
                window[k + 1, j, row, g] = window[k, j, row, g]
