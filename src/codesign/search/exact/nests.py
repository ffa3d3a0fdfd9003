"""Loop nests of a pair: the loops of the middle and the outer part, placed from inside outwards.

A depth-first search over nests with a bound at every node. Plain boundaries are counted exactly as
soon as a relevant loop closes them, sliding ones by the cost model's own recursion over the loops
placed so far, and by the theorem of `bounds` over those to come. What is left is a mapping, which
the cost model prices.

Nests that cost the same are visited once:

* Once every boundary in sight is `CLOSED`, each further loop multiplies all of them, in any order.
  The loops left stand in one order at the outermost level of their part, unless children of a
  spatial split there may coincide (`ragged`), which depends on the distances between them.
* In a part of several levels, of which only the outermost keeps anything, a level's outermost loop
  may as well be the next level's innermost loop, unless a spatial split of the same sliding dimension
  lies between, or the next level has a loop over the same dimension.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled
from codesign.cost.layout import measure
from codesign.cost.tables import PLAIN, Floats, Ints
from codesign.cost.traffic import MOTION, MOVED, STATE, VOLUME, advance, new_words
from codesign.search.exact.bounds import CLOSED, OPEN, STRONG, cross, union_words
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
        lost: [N, J], what irrelevant loops multiply; state: [N, J], as in `bounds`.
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


class Leaves(NamedTuple):
    """Complete nests: the pair each belongs to, temporal factors and orders [n, L, D]."""

    pair: Ints
    temporal: NDArray[np.int32]
    order: NDArray[np.int8]


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


def make_leaves(model: Model, count: int) -> Leaves:
    """Room for `count` nests."""
    levels, size = model.fixed.shape
    return Leaves(
        np.zeros(count, np.int64),
        np.ones((count, levels, size), np.int32),
        np.zeros((count, levels, size), np.int8),
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
        if enters < 0 and state[k, j] == CLOSED:
            lost[k, j] *= n
        if enters == PLAIN:
            visited[k, j] *= n
        rest = float(n) if enters < 0 else 1.0
        was = state[k, j]
        _, state[k, j] = cross(was, enters, rest, enters == 1, enters == 0, is_exact)
        if axes[w] == 0 or was == CLOSED or enters == PLAIN:
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
    left, lost, state, visited, window, words, is_outside,
) -> float:  # fmt: skip
    """A lower bound of the traffic's cost in every nest below node k."""
    total = 0.0 if is_outside else outer_least
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
        words_now = total_words[j] * lost[k, j] * rest
        if axes[w] > 0:
            fetched = float(window[k, j, VOLUME, 0])
            if not is_exact and state[k, j] != CLOSED:
                for g in range(1, 1 + 2 * axes[w]):
                    fetched = min(fetched, float(window[k, j, VOLUME, g]))
            fetched += words[level, w]
            # `visited` counts plain loops also, which multiply what is fetched.
            ratio = fetched * total_words[j] / visited[k, j]
            if state[k, j] == CLOSED:
                ratio = 0.0
            words_now = max(words_now, ratio * rest)
        total += price[j] * words_now
    return total


@compiled
def grow(  # type: ignore[no-untyped-def]
    kind, stride, axes, levels, spaces, is_exact, split, middle, fixed, free, orders, sliding,
    ragged, const, limit, inner_factors, inner_orders, outer_tile, outer_factor, outer_least,
    pairs, bounds, values, inner_words, inner_lost, fill, parent, price, total_words, seen,
    stack, leaf_pair, leaf_temporal, leaf_order,
) -> bool:  # fmt: skip
    """Searches the nests of all pairs; returns False when the leaves are full and it must go on.

    Args:
        limit: leaves and nodes whose bound is not below are dropped.
        ragged: bool [2], whether the middle's, the outer part's distances matter.
        price, total_words: [J], working memory.
    """
    meta, nodes, left, tile, lost, state, visited, span, window, words, extent = stack
    size, count, top = tile.shape[1], len(levels), len(split) - 1
    inner_count = inner_words.shape[1]
    meta[LEAVES] = 0
    while True:
        if meta[DEPTH] < 0:
            if meta[PAIR] >= len(pairs):
                return True
            p = meta[PAIR]
            if bounds[p] >= limit:
                meta[PRUNED] += 1
                meta[PAIR] += 1
                continue
            o, i = pairs[p, 0], pairs[p, 1]
            begin(
                kind, stride, axes, levels, spaces, is_exact, split, middle, inner_factors,
                inner_orders, outer_tile, outer_factor, o, i, stack,
            )  # fmt: skip
            meta[DEPTH] = 0
        p = meta[PAIR]
        o, i = pairs[p, 0], pairs[p, 1]
        for j in range(count):
            if j < inner_count:
                total_words[j] = inner_words[i, j]
                price[j] = values[i, j] / (inner_words[i, j] * inner_lost[i, j])
            else:
                price[j] = fill[j] + parent[j]
                total_words[j] = -1.0
        for j in range(inner_count, count):
            total_words[j] = union_of(kind, stride, axes, spaces[j], outer_tile, o, seen, levels[j])
        while meta[DEPTH] >= 0:
            k = meta[DEPTH]
            level = nodes[k, LEVEL]
            if level > top:
                if meta[LEAVES] == len(leaf_pair):
                    return False
                write_leaf(
                    nodes, k, meta[LEAVES], p, inner_factors, inner_orders, i,
                    leaf_pair, leaf_temporal, leaf_order,
                )  # fmt: skip
                meta[LEAVES] += 1
                meta[DEPTH] -= 1
                continue
            part = 0 if level <= middle else 1
            is_last = level == middle or level == top
            settled = orders[level, 0] < 0 and (is_last or not ragged[part])
            for j in range(count):
                if levels[j] < level and state[k, j] != CLOSED:
                    settled = False
            d, n = next_loop(nodes, left, fixed, free, orders, k, level, part, is_last, settled)
            if d < 0:
                if d == -2 or not may_leave(
                    nodes, left, fixed, free, orders, split, sliding, k, level, part, is_last
                ):
                    meta[DEPTH] -= 1
                    continue
            meta[NODES] += 1
            copy_node(nodes, left, tile, lost, state, visited, span, window, k)
            meta[DEPTH] += 1
            if d < 0:
                nodes[k + 1, AT_LEVEL] = -1
                enter(nodes, tile, split, k + 1, level + 1)
                continue
            nodes[k + 1, AT_LEVEL] = level
            nodes[k + 1, AT_DIMENSION] = d
            nodes[k + 1, AT_FACTOR] = n
            nodes[k + 1, PLACED] |= 1 << d
            nodes[k + 1, LAST] = d
            nodes[k + 1, NEXT_DIMENSION] = 0
            nodes[k + 1, NEXT_FACTOR] = 2
            left[k + 1, part, d] //= n
            push(
                kind, stride, axes, levels, spaces, is_exact, level, d, n, k + 1,
                tile, lost, state, visited, span, window, words, extent,
            )  # fmt: skip
            total = const + bound_node(
                kind, axes, levels, spaces, is_exact, middle, k + 1, price, total_words,
                outer_least[o], left, lost, state, visited, window, words, part == 1,
            )  # fmt: skip
            if total >= limit:
                meta[PRUNED] += 1
                meta[DEPTH] -= 1
        meta[PAIR] += 1


@compiled
def union_of(kind, stride, axes, w, outer_tile, o, seen, level) -> float:  # type: ignore[no-untyped-def]
    """`bounds.union_words` of a boundary of the middle."""
    from_rows = outer_tile[o]
    return union_words(kind, stride, axes, w, from_rows, seen[level])


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


@compiled
def next_loop(nodes, left, fixed, free, orders, k, level, part, is_last, settled):  # type: ignore[no-untyped-def]
    """The next loop to be tried at node k; (-1, 1) to leave the level, (-2, 1) when all was."""
    size = left.shape[2]
    while nodes[k, NEXT_DIMENSION] < size:
        d, n = nodes[k, NEXT_DIMENSION], nodes[k, NEXT_FACTOR]
        rest = left[k, part, d]
        if is_last:
            n = max(n, rest)
        is_barred = nodes[k, PLACED] >> d & 1 or (settled and not is_last)
        last = nodes[k, LAST]
        if last >= 0 and orders[level, 0] >= 0 and orders[level, d] < orders[level, last]:
            is_barred = True
        if n > rest or is_barred:
            nodes[k, NEXT_DIMENSION] += 1
            nodes[k, NEXT_FACTOR] = 2
            continue
        nodes[k, NEXT_FACTOR] = n + 1
        if rest % n or n % fixed[level, d] or (n > fixed[level, d] and not free[level, d]):
            continue
        if settled:
            nodes[k, NEXT_DIMENSION] = size + 1
        return d, n
    if nodes[k, NEXT_DIMENSION] == size:
        nodes[k, NEXT_DIMENSION] += 1
        return np.int64(-1), np.int64(1)
    return np.int64(-2), np.int64(1)


@compiled
def may_leave(nodes, left, fixed, free, orders, split, sliding, k, level, part, is_last) -> bool:  # type: ignore[no-untyped-def]
    """Whether node k may go on with the next level."""
    for d in range(left.shape[2]):
        if is_last and left[k, part, d] > 1:
            return False
        if fixed[level, d] > 1 and not nodes[k, PLACED] >> d & 1:
            return False
    last = nodes[k, LAST]
    if is_last or last < 0 or fixed[level, last] > 1:
        return True
    if orders[level + 1, 0] >= 0 or orders[level, 0] >= 0 or not free[level + 1, last]:
        return True
    return (sliding[last] and split[level + 1, last] > 1) or left[k, part, last] > 1


@compiled
def write_leaf(nodes, k, row, pair, inner_factors, inner_orders, i, leaf_pair, leaf_temporal, leaf_order) -> None:  # type: ignore[no-untyped-def]
    """Writes the nest that leads to node k."""
    levels, size = leaf_temporal.shape[1], leaf_temporal.shape[2]
    leaf_pair[row] = pair
    for level in range(levels):
        for d in range(size):
            leaf_temporal[row, level, d] = 1
            leaf_order[row, level, d] = d
            if level < inner_factors.shape[1]:
                leaf_temporal[row, level, d] = inner_factors[i, level, d]
                leaf_order[row, level, d] = inner_orders[i, level, d]
    level, placed = -1, 0
    for step in range(1, k + 1):
        if nodes[step, AT_LEVEL] < 0:
            continue
        if nodes[step, AT_LEVEL] != level:
            level, placed = nodes[step, AT_LEVEL], 0
        d = nodes[step, AT_DIMENSION]
        leaf_temporal[row, level, d] = nodes[step, AT_FACTOR]
        at = placed
        while leaf_order[row, level, at] != d:
            at += 1
        while at > placed:
            leaf_order[row, level, at] = leaf_order[row, level, at - 1]
            at -= 1
        leaf_order[row, level, placed] = d
        placed += 1
