"""The loop nests of a pair: the loops of the middle and the outer part, from inside outwards.

This is a depth-first search over nests, with a bound at every node (`stack`). The cost model prices
the mappings that are not dropped.

Nests with equal costs are visited once:

* Once every boundary inside a level is `CLOSED`, each further loop multiplies all of them, in any
  order. So the remaining loops are placed in one order at the outermost level of their part. This
  is not done if children of a spatial split there may coincide (`ragged`), which depends on the
  distances between them.
* If only the outermost level of a part keeps a dataspace, the outermost loop of another level is
  equivalent to the innermost loop of the next level. This is not so if a spatial split of the same
  sliding dimension is between them, or if a level further out has a loop over the same dimension.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled, inlined
from codesign.cost.tables import Ints
from codesign.search.exact.bounds import CLOSED, union_words
from codesign.search.exact.facts import Facts
from codesign.search.exact.stack import (
    AT_DIMENSION,
    AT_FACTOR,
    AT_LEVEL,
    DEPTH,
    LAST,
    LEAVES,
    LEVEL,
    NEXT_DIMENSION,
    NEXT_FACTOR,
    NODES,
    PAIR,
    PLACED,
    PRUNED,
    begin,
    bound_node,
    copy_node,
    enter,
    push,
)

LEAVE, ALL_TRIED = -1, -2


class Leaves(NamedTuple):
    """Complete nests: the number of the pair [n], temporal factors and orders [n, L, D]."""

    pair: Ints
    temporal: NDArray[np.int32]
    order: NDArray[np.int8]


def make_leaves(facts: Facts, count: int) -> Leaves:
    """Memory for `count` nests."""
    levels, size = facts.pins.fixed.shape
    return Leaves(
        np.zeros(count, np.int64),
        np.ones((count, levels, size), np.int32),
        np.zeros((count, levels, size), np.int8),
    )


@compiled
def grow(  # type: ignore[no-untyped-def]
    boundaries, pins, shared, parts, pairs, limit, most_nodes, stack, leaves
) -> bool:
    """Explores the nests of all pairs, and fills `leaves` with those that are not dropped.

    Returns False if it must be called again to continue: if `leaves` is full, or if `most_nodes`
    nodes have been made.

    Args:
        parts: a `parts.Parts`.
        pairs: a `pairs.Pairs`.
        limit: pairs and nodes are dropped if their bound is not below this.
        most_nodes: the number of nodes at which it returns.
        stack: the state of the search.
    """
    inner, costs, outer = parts
    levels, middle, split = boundaries.levels, boundaries.middle, shared.split
    meta, nodes, left, state = stack.meta, stack.nodes, stack.left, stack.state
    count, top = len(levels), len(split) - 1
    inner_count = boundaries.inner_count
    meta[LEAVES] = 0
    while True:
        if meta[DEPTH] < 0:
            if meta[PAIR] >= len(pairs.rows):
                return True
            p = meta[PAIR]
            if pairs.bounds[p] >= limit:
                meta[PRUNED] += 1
                meta[PAIR] += 1
                continue
            begin(boundaries, split, inner, outer, pairs.rows[p, 0], pairs.rows[p, 1], stack)
            meta[DEPTH] = 0
        p = meta[PAIR]
        o, i = pairs.rows[p, 0], pairs.rows[p, 1]
        for j in range(inner_count):
            stack.least_words[j] = costs.words[i, j]
            stack.price[j] = costs.value[i, j] / (costs.words[i, j] * inner.repeats[i, j])
        for j in range(inner_count, count):
            stack.price[j] = shared.fill[j] + shared.parent[j]
            stack.least_words[j] = union_words(
                boundaries.role, boundaries.stride, boundaries.axes, boundaries.spaces[j],
                outer.tile[o], shared.seen[levels[j]],
            )  # fmt: skip
        while meta[DEPTH] >= 0:
            k = meta[DEPTH]
            level = nodes[k, LEVEL]
            if meta[NODES] >= most_nodes:
                return False
            if level > top:
                if meta[LEAVES] == len(leaves.pair):
                    return False
                write_leaf(nodes, k, p, inner, i, leaves, meta[LEAVES])
                meta[LEAVES] += 1
                meta[DEPTH] -= 1
                continue
            part = 0 if level <= middle else 1
            is_last = level in (middle, top)
            settled = pins.orders[level, 0] < 0 and (is_last or not shared.ragged[part])
            for j in range(count):
                if levels[j] < level and state[k, j] != CLOSED:
                    settled = False
            d, n = next_loop(nodes, left, pins, k, level, part, is_last, settled)
            is_over = d == ALL_TRIED or (
                d == LEAVE
                and not may_leave(boundaries, pins, split, stack, k, level, part, is_last)
            )
            if is_over:
                meta[DEPTH] -= 1
                continue
            meta[NODES] += 1
            copy_node(stack, k)
            meta[DEPTH] += 1
            if d < 0:
                nodes[k + 1, AT_LEVEL] = -1
                enter(stack, split, k + 1, level + 1)
                continue
            nodes[k + 1, AT_LEVEL] = level
            nodes[k + 1, AT_DIMENSION] = d
            nodes[k + 1, AT_FACTOR] = n
            nodes[k + 1, PLACED] |= 1 << d
            nodes[k + 1, LAST] = d
            nodes[k + 1, NEXT_DIMENSION] = 0
            nodes[k + 1, NEXT_FACTOR] = 2
            left[k + 1, part, d] //= n
            push(boundaries, level, d, n, k + 1, stack)
            const = shared.const + costs.extra[i]
            total = bound_node(boundaries, shared, k + 1, part == 1, const, outer.least[o], stack)
            if total >= limit:
                meta[PRUNED] += 1
                meta[DEPTH] -= 1
        meta[PAIR] += 1


@inlined
def next_loop(nodes, left, pins, k, level, part, is_last, settled):  # type: ignore[no-untyped-def]
    """The next loop to try at node k, as dimension and factor.

    In place of a dimension, `LEAVE` says to go on to the next level, and `ALL_TRIED` to go back.
    """
    fixed, free, orders = pins.fixed, pins.free, pins.orders
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
        return np.int64(LEAVE), np.int64(1)
    return np.int64(ALL_TRIED), np.int64(1)


@inlined
def may_leave(  # type: ignore[no-untyped-def]
    boundaries, pins, split, stack, k, level, part, is_last
) -> bool:
    """Whether node k may go on to the next level."""
    nodes, left = stack.nodes, stack.left
    fixed, free, orders = pins.fixed, pins.free, pins.orders
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
    return (boundaries.sliding[last] and split[level + 1, last] > 1) or left[k, part, last] > 1


@inlined
def write_leaf(nodes, k, pair, inner, i, leaves, row) -> None:  # type: ignore[no-untyped-def]
    """Writes the nest that leads to node k into row `row` of `leaves`."""
    temporal, order = leaves.temporal, leaves.order
    levels, size = temporal.shape[1], temporal.shape[2]
    leaves.pair[row] = pair
    for level in range(levels):
        for d in range(size):
            temporal[row, level, d] = 1
            order[row, level, d] = d
            if level < inner.factors.shape[1]:
                temporal[row, level, d] = inner.factors[i, level, d]
                order[row, level, d] = inner.orders[i, level, d]
    level, placed = -1, 0
    for step in range(1, k + 1):
        if nodes[step, AT_LEVEL] < 0:
            continue
        if nodes[step, AT_LEVEL] != level:
            level, placed = nodes[step, AT_LEVEL], 0
        d = nodes[step, AT_DIMENSION]
        temporal[row, level, d] = nodes[step, AT_FACTOR]
        at = placed
        while order[row, level, at] != d:
            at += 1
        while at > placed:
            order[row, level, at] = order[row, level, at - 1]
            at -= 1
        order[row, level, placed] = d
        placed += 1
