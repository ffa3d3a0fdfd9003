"""Kernels for regression trees on bootstrap samples (Breiman 2001; Hutter et al. 2014).

They follow Hutter, Xu, Hoos, Leyton-Brown: Algorithm runtime prediction: methods & evaluation,
Artificial Intelligence 206, sections 4.3.1 and 4.3.2. A node is split by the best of a random half
of the features, at a random place between two neighbouring values. A leaf has the mean and the
variance of its losses.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.compiled import compiled, inlined
from codesign.search.history import Floats, Ints
from codesign.space.stream import next_uniform

LEAF = -1
"""In `Forest.feature`, marks a leaf."""


class Forest(NamedTuple):
    """B trees of at most M nodes each; node 0 is the root.

    Args:
        feature: [B, M], the feature by which a node is split, or `LEAF`.
        threshold: [B, M]; values up to it go to the left child.
        child: [B, M], the left child; the right child is the next node.
        weight, total, squares: [B, M], for leaves the number of losses, their sum, and the sum of
            their squares.
    """

    feature: Ints
    threshold: Floats
    child: Ints
    weight: Floats
    total: Floats
    squares: Floats


class Workspace(NamedTuple):
    """Working memory for growing a tree on T trials with F features.

    Args:
        sorted: [F, T], the trials sorted by every feature.
        order: [F, T], the sampled trials sorted by every feature. The trials of a node are in the
            same range of every row.
        weight: [T], how often a trial is in the sample.
        goes_left: [T], whether a trial goes to the left child.
        moved: [T], trials of the right child.
        choice: [F], features in random order.
        waiting: [T, 3], nodes to split, with the ranges of their trials.
    """

    sorted: Ints
    order: Ints
    weight: Floats
    goes_left: Ints
    moved: Ints
    choice: Ints
    waiting: Ints


def empty_forest(trees: int, trials: int) -> Forest:
    """A forest of `trees` trees without nodes, with memory for so many trials."""
    shape = (trees, 2 * trials + 1)
    integers = (np.full(shape, LEAF), np.zeros(shape, np.int64))
    return Forest(integers[0], np.zeros(shape), integers[1], *(np.zeros(shape) for _ in range(3)))


def make_workspace(rows: Floats) -> Workspace:
    """Working memory for growing trees on trials [T, F]."""
    trials, size = rows.shape
    return Workspace(
        sorted=np.ascontiguousarray(np.argsort(rows, axis=0, kind="stable").T),
        order=np.empty((size, trials), np.int64),
        weight=np.empty(trials),
        goes_left=np.empty(trials, np.int64),
        moved=np.empty(trials, np.int64),
        choice=np.arange(size),
        waiting=np.empty((trials + 1, 3), np.int64),
    )


@compiled
def grow(forest, work, rows, targets, tries, least, seeds) -> None:  # type: ignore[no-untyped-def]
    """Grows every tree from scratch, each on its own bootstrap sample.

    Args:
        rows, targets: [T, F] and [T], the trials and their targets.
        tries: the number of features that are tried for a split.
        least: the least weight of a leaf.
        seeds: [1], the state of a random stream (`space.stream`).
    """
    count, size = rows.shape
    for tree in range(forest.feature.shape[0]):
        for t in range(count):
            work.weight[t] = 0.0
        for _ in range(count):
            work.weight[int(next_uniform(seeds) * count)] += 1.0
        inside = 0
        for f in range(size):
            inside = 0
            for i in range(count):
                if work.weight[work.sorted[f, i]] > 0.0:
                    work.order[f, inside] = work.sorted[f, i]
                    inside += 1
        grow_tree(forest, work, rows, targets, tries, least, seeds, tree, inside)


@compiled
def grow_tree(  # type: ignore[no-untyped-def]
    forest, work, rows, targets, tries, least, seeds, tree, inside
) -> None:
    """Grows one tree: splits nodes until none can be split."""
    nodes, waiting = 1, 1
    work.waiting[0, 0], work.waiting[0, 1], work.waiting[0, 2] = 0, 0, inside
    while waiting > 0:
        waiting -= 1
        node, first = work.waiting[waiting, 0], work.waiting[waiting, 1]
        last = work.waiting[waiting, 2]
        weight, total, squares = 0.0, 0.0, 0.0
        for i in range(first, last):
            t = work.order[0, i]
            weight += work.weight[t]
            total += work.weight[t] * targets[t]
            squares += work.weight[t] * targets[t] ** 2
        forest.weight[tree, node], forest.total[tree, node] = weight, total
        forest.squares[tree, node] = squares
        forest.feature[tree, node] = LEAF
        if weight < 2.0 * least or squares - total * total / weight <= 1e-12 * squares:
            continue
        feature, place = best_split(
            work, rows, targets, tries, least, seeds, first, last, weight, total
        )
        if feature == LEAF:
            continue
        below = rows[work.order[feature, place - 1], feature]
        above = rows[work.order[feature, place], feature]
        threshold = below + next_uniform(seeds) * (above - below)
        forest.feature[tree, node] = feature
        forest.threshold[tree, node] = threshold if threshold < above else below
        forest.child[tree, node] = nodes
        part(work, feature, first, place, last)
        for side in range(2):
            work.waiting[waiting, 0] = nodes + side
            work.waiting[waiting, 1] = first if side == 0 else place
            work.waiting[waiting, 2] = place if side == 0 else last
            waiting += 1
        nodes += 2


@compiled
def best_split(  # type: ignore[no-untyped-def]
    work, rows, targets, tries, least, seeds, first, last, weight, total
) -> tuple[int, int]:
    """The feature and the place in its order that leave the least variance; `LEAF` if none does.

    Features that are constant in the node are skipped and do not count as tried.
    """
    best, feature, place = total * total / weight * (1.0 + 1e-12), LEAF, 0
    left = tries
    for n in range(len(work.choice) - 1, -1, -1):
        j = int(next_uniform(seeds) * (n + 1))
        f = work.choice[j]
        work.choice[j] = work.choice[n]
        work.choice[n] = f
        if rows[work.order[f, first], f] == rows[work.order[f, last - 1], f]:
            continue
        inside, sum_inside = 0.0, 0.0
        for i in range(first, last - 1):
            t = work.order[f, i]
            inside += work.weight[t]
            sum_inside += work.weight[t] * targets[t]
            if inside < least or rows[t, f] == rows[work.order[f, i + 1], f]:
                continue
            if weight - inside < least:
                break
            outside = total - sum_inside
            # A split explains the weighted sum of squared means.
            score = sum_inside * sum_inside / inside + outside * outside / (weight - inside)
            if score > best:
                best, feature, place = score, f, i + 1
        left -= 1
        if left == 0:
            break
    return feature, place


@inlined
def part(work, feature, first, place, last):  # type: ignore[no-untyped-def]
    """Divides a node's range of every order into left and right, and keeps each side sorted."""
    for i in range(first, last):
        work.goes_left[work.order[feature, i]] = i < place
    for f in range(work.order.shape[0]):
        left, right = first, 0
        for i in range(first, last):
            t = work.order[f, i]
            # Written to both sides, which avoids a branch.
            work.moved[right] = t
            work.order[f, left] = t
            left += work.goes_left[t]
            right += 1 - work.goes_left[t]
        for i in range(right):
            work.order[f, left + i] = work.moved[i]


@inlined
def leaf_of(forest, tree, rows, row):  # type: ignore[no-untyped-def]
    """The leaf of a tree for a row [F] of `rows`."""
    node = 0
    while forest.feature[tree, node] != LEAF:
        is_right = rows[row, forest.feature[tree, node]] > forest.threshold[tree, node]
        node = forest.child[tree, node] + is_right
    return node


@compiled
def add_to_leaves(forest, rows, target) -> None:  # type: ignore[no-untyped-def]
    """Adds one trial, rows [1, F], to its leaf in every tree, with weight 1."""
    for tree in range(forest.feature.shape[0]):
        leaf = leaf_of(forest, tree, rows, 0)
        forest.weight[tree, leaf] += 1.0
        forest.total[tree, leaf] += target
        forest.squares[tree, leaf] += target * target


@compiled
def average(forest, rows, least_variance, means, variances) -> None:  # type: ignore[no-untyped-def]
    """Fills means and variances [B] of the mixture of the trees (ibid., 4.3.2).

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
    """Fills `chances` [B] with the mean target of leaves, each with one more target `prior`."""
    trees = forest.feature.shape[0]
    for row in range(len(rows)):
        total = 0.0
        for tree in range(trees):
            leaf = leaf_of(forest, tree, rows, row)
            total += (forest.total[tree, leaf] + prior) / (forest.weight[tree, leaf] + 1.0)
        chances[row] = total / trees
