"""Regression trees on bootstrap samples, grown by kernels (Breiman 2001; Hutter et al. 2014).

Hutter, Xu, Hoos, Leyton-Brown: Algorithm runtime prediction: methods & evaluation, Artificial
Intelligence 206, sections 4.3.1 and 4.3.2: a node splits by the best of a random half of the
features, at a random place between two neighbouring values; a leaf remembers the mean and the
variance of its losses.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.compiled import compiled, inlined
from codesign.search.history import Floats, Ints
from codesign.space.stream import next_uniform

LEAF = -1
"""The feature by which a leaf splits."""


class Forest(NamedTuple):
    """B trees of at most M nodes each; node 0 is the root.

    Args:
        feature: [B, M], by which a node splits, or `LEAF`.
        threshold: [B, M]; what is no greater goes left.
        child: [B, M], the left child; the right one is the next.
        weight, total, squares: [B, M], in leaves the number of losses, their sum, and the sum of
            their squares.
    """

    feature: Ints
    threshold: Floats
    child: Ints
    weight: Floats
    total: Floats
    squares: Floats


class Nursery(NamedTuple):
    """Working memory of a tree that grows; T trials, F features.

    Args:
        sorted: [F, T], the trials by every feature.
        order: [F, T], those in the bag; every node has the same stretch of all rows.
        weight: [T], how often a trial is in the bag.
        goes_left: [T]; moved: [T]; choice: [F]; waiting: [T, 3], nodes to split.
    """

    sorted: Ints
    order: Ints
    weight: Floats
    goes_left: Ints
    moved: Ints
    choice: Ints
    waiting: Ints


def plant(trees: int, trials: int) -> Forest:
    """Trees without nodes, for up to so many trials."""
    shape = (trees, 2 * trials + 1)
    integers = (np.full(shape, LEAF), np.zeros(shape, np.int64))
    return Forest(integers[0], np.zeros(shape), integers[1], *(np.zeros(shape) for _ in range(3)))


def prepare(rows: Floats) -> Nursery:
    """Working memory for trees of trials [T, F]."""
    trials, size = rows.shape
    return Nursery(
        sorted=np.ascontiguousarray(np.argsort(rows, axis=0, kind="stable").T),
        order=np.empty((size, trials), np.int64),
        weight=np.empty(trials),
        goes_left=np.empty(trials, np.int64),
        moved=np.empty(trials, np.int64),
        choice=np.arange(size),
        waiting=np.empty((trials + 1, 3), np.int64),
    )


@compiled
def grow(forest, nursery, rows, targets, tries, least, seeds) -> None:  # type: ignore[no-untyped-def]
    """Grows every tree anew, on a bootstrap sample of its own.

    Args:
        rows, targets: [T, F], [T].
        tries: how many features a node looks at.
        least: weight that every leaf has at least.
        seeds: [1], the state of `next_uniform`.
    """
    count, size = rows.shape
    for tree in range(forest.feature.shape[0]):
        for t in range(count):
            nursery.weight[t] = 0.0
        for _ in range(count):
            nursery.weight[int(next_uniform(seeds) * count)] += 1.0
        inside = 0
        for f in range(size):
            inside = 0
            for i in range(count):
                if nursery.weight[nursery.sorted[f, i]] > 0.0:
                    nursery.order[f, inside] = nursery.sorted[f, i]
                    inside += 1
        grow_tree(forest, nursery, rows, targets, tries, least, seeds, tree, inside)


@compiled
def grow_tree(  # type: ignore[no-untyped-def]
    forest, nursery, rows, targets, tries, least, seeds, tree, inside
) -> None:
    """Splits nodes until none can be split."""
    nodes, waiting = 1, 1
    nursery.waiting[0, 0], nursery.waiting[0, 1], nursery.waiting[0, 2] = 0, 0, inside
    while waiting > 0:
        waiting -= 1
        node, first = nursery.waiting[waiting, 0], nursery.waiting[waiting, 1]
        last = nursery.waiting[waiting, 2]
        weight, total, squares = 0.0, 0.0, 0.0
        for i in range(first, last):
            t = nursery.order[0, i]
            weight += nursery.weight[t]
            total += nursery.weight[t] * targets[t]
            squares += nursery.weight[t] * targets[t] ** 2
        forest.weight[tree, node], forest.total[tree, node] = weight, total
        forest.squares[tree, node] = squares
        forest.feature[tree, node] = LEAF
        if weight < 2.0 * least or squares - total * total / weight <= 1e-12 * squares:
            continue
        feature, place = best_split(
            nursery, rows, targets, tries, least, seeds, first, last, weight, total
        )
        if feature == LEAF:
            continue
        below = rows[nursery.order[feature, place - 1], feature]
        above = rows[nursery.order[feature, place], feature]
        threshold = below + next_uniform(seeds) * (above - below)
        forest.feature[tree, node] = feature
        forest.threshold[tree, node] = threshold if threshold < above else below
        forest.child[tree, node] = nodes
        part(nursery, feature, first, place, last)
        for side in range(2):
            nursery.waiting[waiting, 0] = nodes + side
            nursery.waiting[waiting, 1] = first if side == 0 else place
            nursery.waiting[waiting, 2] = place if side == 0 else last
            waiting += 1
        nodes += 2


@compiled
def best_split(  # type: ignore[no-untyped-def]
    nursery, rows, targets, tries, least, seeds, first, last, weight, total
) -> tuple[int, int]:
    """The feature and the place in its order that leave the least variance; `LEAF` for none.

    Features that are constant in the node do not count as tried.
    """
    best, feature, place = total * total / weight * (1.0 + 1e-12), LEAF, 0
    left = tries
    for n in range(len(nursery.choice) - 1, -1, -1):
        j = int(next_uniform(seeds) * (n + 1))
        f = nursery.choice[j]
        nursery.choice[j] = nursery.choice[n]
        nursery.choice[n] = f
        if rows[nursery.order[f, first], f] == rows[nursery.order[f, last - 1], f]:
            continue
        inside, sum_inside = 0.0, 0.0
        for i in range(first, last - 1):
            t = nursery.order[f, i]
            inside += nursery.weight[t]
            sum_inside += nursery.weight[t] * targets[t]
            if inside < least or rows[t, f] == rows[nursery.order[f, i + 1], f]:
                continue
            if weight - inside < least:
                break
            outside = total - sum_inside
            # What a split explains: the sum of squared means, by weight.
            score = sum_inside * sum_inside / inside + outside * outside / (weight - inside)
            if score > best:
                best, feature, place = score, f, i + 1
        left -= 1
        if left == 0:
            break
    return feature, place


@inlined
def part(nursery, feature, first, place, last):  # type: ignore[no-untyped-def]
    """Parts a node's stretch of every order in two, each side still in order."""
    for i in range(first, last):
        nursery.goes_left[nursery.order[feature, i]] = i < place
    for f in range(nursery.order.shape[0]):
        left, right = first, 0
        for i in range(first, last):
            t = nursery.order[f, i]
            # Written to both, so that nothing depends on a branch.
            nursery.moved[right] = t
            nursery.order[f, left] = t
            left += nursery.goes_left[t]
            right += 1 - nursery.goes_left[t]
        for i in range(right):
            nursery.order[f, left + i] = nursery.moved[i]


@inlined
def leaf_of(forest, tree, rows, row):  # type: ignore[no-untyped-def]
    """The leaf of a tree that a row [F] of `rows` falls into."""
    node = 0
    while forest.feature[tree, node] != LEAF:
        is_right = rows[row, forest.feature[tree, node]] > forest.threshold[tree, node]
        node = forest.child[tree, node] + is_right
    return node


@compiled
def add_to_leaves(forest, rows, target) -> None:  # type: ignore[no-untyped-def]
    """Adds one trial, rows [1, F], to its leaf in every tree, as if it were once in every bag."""
    for tree in range(forest.feature.shape[0]):
        leaf = leaf_of(forest, tree, rows, 0)
        forest.weight[tree, leaf] += 1.0
        forest.total[tree, leaf] += target
        forest.squares[tree, leaf] += target * target


@compiled
def average(forest, rows, least_variance, means, variances) -> None:  # type: ignore[no-untyped-def]
    """Fills means and variances [B] of the trees' mixture (ibid., 4.3.2).

    The variance is the mean of the leaves' variances, each at least `least_variance`, plus the
    variance of the leaves' means.
    """
    trees = forest.feature.shape[0]
    for row in range(len(rows)):
        total, squares, within = 0.0, 0.0, 0.0
        for tree in range(trees):
            leaf = leaf_of(forest, tree, rows, row)
            mean = forest.total[tree, leaf] / forest.weight[tree, leaf]
            variance = forest.squares[tree, leaf] / forest.weight[tree, leaf] - mean * mean
            total += mean
            squares += mean * mean
            within += max(variance, least_variance)
        means[row] = total / trees
        variances[row] = within / trees + max(squares / trees - means[row] ** 2, 0.0)


@compiled
def share(forest, rows, prior, chances) -> None:  # type: ignore[no-untyped-def]
    """Fills chances [B] with the leaves' mean target, one more of value `prior` in each."""
    trees = forest.feature.shape[0]
    for row in range(len(rows)):
        total = 0.0
        for tree in range(trees):
            leaf = leaf_of(forest, tree, rows, row)
            total += (forest.total[tree, leaf] + prior) / (forest.weight[tree, leaf] + 1.0)
        chances[row] = total / trees
