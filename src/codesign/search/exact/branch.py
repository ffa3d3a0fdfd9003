"""Branch and bound over the spatial splits of one task (steps 2 to 5 of `branch_and_bound`).

A node of the search is a spatial split with sizes to which its factors multiply; without padded
factors, these are the layer's. Nodes are explored in the order of their bounds:

1. A split is listed with the bound of `spatial`, for the least sizes that it divides.
2. When it is its turn, it gets a bound that knows what levels can hold. That is the bound of
   `capacity` for one choice of sizes. With padded factors, it is the bound of `couplings` for these
   sizes and all larger ones.
3. When it is its turn again, its sizes get the bound for themselves only, and the next larger sizes
   follow, with the bound of `spatial`: at their turn, these go through 2 and 3 as well.
4. When it is the turn of sizes with their own bound, they are explored.

So at any time, no mapping that is not explored costs less than the first node's bound.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from codesign.cost.tables import Floats, Ints
from codesign.search.exact.capacity import Capacities
from codesign.search.exact.couplings import Couplings
from codesign.search.exact.explore import Explorer
from codesign.search.exact.facts import Facts
from codesign.search.exact.floors import Floors
from codesign.search.exact.goal import bounded
from codesign.search.exact.parts import share
from codesign.search.exact.spatial import Rates, least_words
from codesign.search.exact.splits import Sizes, Splits, has_room, least_loops, list_splits

_BLOCK = 64

WAITING, OPEN, OWN = range(3)
"""Stages of a node: as listed; with the bound of step 2; with the bound of its sizes only."""


class Explored(NamedTuple):
    """The spatial splits that a search explored. All others were dropped by their bounds.

    Args:
        splits: [n, L, D], the splits, with factors along X and Y multiplied.
        sizes: [n, D], what the factors multiply to: the layer's sizes, or padded ones.
        keep: [n, L], what levels keep, with bit w set for dataspace w.
    """

    splits: Ints
    sizes: Ints
    keep: Ints

    @classmethod
    def of(cls, facts: Facts, splits: list[Ints], sizes: list[Ints]) -> Explored:
        """Splits with their sizes, of a task without a choice of what levels keep."""
        levels, size, count = len(facts.keep), len(facts.sizes), len(splits)
        return cls(
            np.array(splits, np.int64).reshape(count, levels, size),
            np.array(sizes, np.int64).reshape(count, size),
            np.tile(facts.keep, (count, 1)),
        )

    @classmethod
    def join(cls, parts: Iterable[Explored]) -> Explored:
        """The splits of several tasks, of which there is at least one."""
        return cls._make(map(np.concatenate, zip(*parts, strict=True)))


@dataclass(frozen=True)
class BranchOutcome:
    """The result of a run of branch and bound.

    Args:
        lower_bound: a lower bound on the objective of all mappings; at most the incumbent's value.
        splits, pruned: spatial splits that use enough PEs, and those dropped by their own bound.
        explored: the splits that were explored; None if there are too many to list.
        counts: as in `Explorer`.
    """

    lower_bound: float
    splits: int
    pruned: int
    explored: Explored | None
    counts: dict[str, int]


class _Node(NamedTuple):
    """Sizes of a split, in the order of their bounds.

    Args:
        bound: a lower bound on the objective: for these sizes and all that follow from it; at the
            stage `OWN`, for these sizes only.
        number: the number of the node, which makes the order definite.
        split: the row of the split.
        place: for every dimension, the size as an index in the sizes that the split divides.
        stage: the stage, as above.
        first: larger sizes follow of dimensions from this one on.
    """

    bound: float
    number: int
    split: int
    place: tuple[int, ...]
    stage: int
    first: int


class Branch:
    """The search over all spatial splits of a task without a choice of what levels keep.

    Args:
        explorer: explores single splits, and has the incumbent, which is updated.
    """

    def __init__(self, explorer: Explorer) -> None:
        self.explorer, self.facts = explorer, explorer.facts
        self.goal = explorer.incumbent.goal
        self.floors = Floors(self.facts, self.goal)
        self.capacities = Capacities(self.facts)
        self.couplings = Couplings(self.facts, self.goal) if self.facts.space.is_padded else None
        self.listed: Splits | None = None
        self.is_listed = True
        self.order = np.zeros(0, np.int64)
        self.at, self.number = 0, 0
        self.queue: list[_Node] = []
        self.unsettled = math.inf
        self.splits: list[Ints] = []
        self.explored_sizes: list[Ints] = []

    @property
    def least(self) -> float:
        """A lower bound on the objective of all mappings that are still to be explored."""
        if self.listed is None:
            return self.floors.least if self.is_listed else math.inf
        first = self.queue[0].bound if self.queue else math.inf
        return min(first, self._listed_bound)

    @property
    def _listed_bound(self) -> float:
        """The bound of the next split that has only the bound that it was listed with."""
        assert self.listed is not None
        if self.at >= len(self.order):
            return math.inf
        return float(self.listed.bounds[self.order[self.at]])

    def step(self) -> None:
        """Takes the next step of the search: lists, bounds or explores what has the least bound."""
        if self.listed is None:
            self._list()
        elif self.queue and self.queue[0].bound <= self._listed_bound:
            self._follow(heapq.heappop(self.queue))
        else:
            self._refine()

    def outcome(self) -> BranchOutcome:
        """The outcome of the steps so far."""
        lower = min(self.least, self.unsettled, self.explorer.incumbent.value)
        count = 0 if self.listed is None else self.listed.count
        explored = Explored.of(self.facts, self.splits, self.explored_sizes)
        done = len({split.tobytes() for split in self.splits})
        return BranchOutcome(
            lower,
            count,
            count - min(done, count),
            explored if self.is_listed else None,
            self.explorer.counts,
        )

    def _list(self) -> None:
        limit = self.explorer.incumbent.limit
        try:
            self.sizes = Sizes(self.facts)
            self.listed = list_splits(
                self.facts,
                self.sizes,
                lambda sizes, pes: self.floors.is_below(limit, sizes, pes),
                self._bound,
                limit,
            )
        except MemoryError:
            self.is_listed = False
            self.unsettled = self.floors.least
            return
        self.order = np.argsort(self.listed.bounds, kind="stable")

    def _bound(self, split: Ints, sizes: Ints) -> Floats:
        """[B], bounds of splits [B, L, D] that do not know what levels can hold."""
        rates = Rates(self.facts, split, sizes)
        costs = rates.costs(least_words(self.facts, split, sizes))
        return bounded(self.facts.goal(self.goal), *costs)

    def _refine(self) -> None:
        """Makes nodes of the next splits; without padded factors, with the bound of `capacity`."""
        assert self.listed is not None
        rows = self.order[self.at : self.at + _BLOCK]
        self.at += len(rows)
        least, bounds = (0,) * len(self.facts.sizes), self.listed.bounds[rows].tolist()
        if self.couplings is not None:
            for row, bound in zip(rows.tolist(), bounds, strict=True):
                self._push(bound, row, least, WAITING)
            return
        split, sizes = self.listed.factors(rows), self.listed.sizes[rows]
        rates = Rates(self.facts, split, sizes)
        for n, (row, bound) in enumerate(zip(rows.tolist(), bounds, strict=True)):
            held = self._capacity_bound(split[n], sizes[n], rates, n)
            self._push(max(bound, held), row, least, OPEN)

    def _capacity_bound(self, split: Ints, sizes: Ints, rates: Rates, row: int) -> float:
        energy, cycles = self.capacities.costs(split, sizes, rates, row)
        if math.isinf(energy):
            return math.inf
        goal = self.facts.goal(self.goal)
        return float(bounded(goal, np.array(energy), np.array(cycles)))

    def _couple(self, node: _Node, split: Ints, sizes: Ints, is_exact: bool) -> float:
        """The bound of a node, raised to that of `couplings`."""
        assert self.couplings is not None
        before = self.couplings.effort
        bound = self.couplings.least(split, sizes, self.explorer.incumbent.limit, is_exact)
        self.explorer.counts["ranges"] += self.couplings.effort - before
        return max(bound, node.bound)

    def _push(
        self, bound: float, split: int, place: tuple[int, ...], stage: int, first: int = 0
    ) -> None:
        if bound < self.explorer.incumbent.limit:
            self.number += 1
            heapq.heappush(self.queue, _Node(bound, self.number, split, place, stage, first))

    def _follow(self, node: _Node) -> None:
        assert self.listed is not None
        split = self.listed.factors(np.array([node.split]))
        spread = split[0].prod(axis=0)
        options = [self.sizes.of(d, int(s)) for d, s in enumerate(spread)]
        sizes = np.array([[n[at] for n, at in zip(options, node.place, strict=True)]], np.int64)
        if node.stage == WAITING:
            bound = self._couple(node, split[0], sizes[0], is_exact=False)
            self._push(bound, node.split, node.place, OPEN, node.first)
        elif node.stage == OPEN:
            self._open(node, split, options)
            if has_room(self.facts, split, sizes)[0]:
                bound = node.bound
                if self.couplings is not None:
                    bound = self._couple(node, split[0], sizes[0], is_exact=True)
                self._push(bound, node.split, node.place, OWN)
        else:
            self._explore(node, split[0], sizes[0], Rates(self.facts, split, sizes))

    def _open(self, node: _Node, split: Ints, options: list[Ints]) -> None:
        """Makes nodes of the sizes that come next: each with one size larger by one step."""
        further = []
        for d in range(node.first, len(options)):
            if node.place[d] + 1 < len(options[d]):
                further.append((d, (*node.place[:d], node.place[d] + 1, *node.place[d + 1 :])))
        if not further:
            return
        sizes = np.array(
            [[n[at] for n, at in zip(options, place, strict=True)] for _, place in further],
            np.int64,
        )
        bounds = self._bound(np.repeat(split, len(further), axis=0), sizes)
        for (d, place), bound in zip(further, bounds, strict=True):
            self._push(max(float(bound), node.bound), node.split, place, WAITING, d)

    def _explore(self, node: _Node, split: Ints, sizes: Ints, rates: Rates) -> None:
        assert self.listed is not None
        facts, axes = self.facts.resized(sizes), self.listed.axes(node.split)
        if len(facts.boundaries.levels) == 0:
            self._price(split, sizes, axes)
            is_done = True
        else:
            words = least_words(facts, split[np.newaxis], sizes[np.newaxis])
            _, cycles = rates.costs(words)
            shared = share(facts, split, rates, words[0], float(cycles[0]), 0, self.goal)
            is_done = self.explorer.explore(facts, self.capacities, shared, axes)
        if not is_done:
            self.unsettled = min(self.unsettled, node.bound)
        self.splits.append(split)
        self.explored_sizes.append(sizes)

    def _price(self, split: Ints, sizes: Ints, axes: list[Ints]) -> None:
        """Prices one mapping of a split, if only the outermost level keeps anything. All others
        with these sizes cost the same: every step asks that level for its words."""
        facts = self.facts
        batch = facts.space.blank(1)
        batch.temporal[:] = facts.pins.fixed
        left, place = least_loops(facts, split[np.newaxis], sizes[np.newaxis])
        for d in range(len(facts.sizes)):
            batch.temporal[:, place[d], d] *= left[:, d].astype(np.int32)
        for level, factors in enumerate(axes):
            batch.spatial[:, level] = factors
        self.explorer.incumbent.consider(batch)


def search(branches: Iterator[Branch] | list[Branch], explorer: Explorer) -> BranchOutcome:
    """Searches several tasks together, always on where the bound is least.

    Args:
        branches: the searches of the tasks.
        explorer: has the incumbent of all, which is updated, and the budget.
    """
    incumbent = explorer.incumbent
    queue = [(branch.least, n, branch) for n, branch in enumerate(branches)]
    everything = [branch for _, _, branch in queue]
    heapq.heapify(queue)
    while queue and queue[0][0] < incumbent.limit and not explorer.is_over:
        _, n, branch = queue[0]
        explorer.lend(branch.explorer)
        branch.step()
        explorer.take(branch.explorer)
        heapq.heapreplace(queue, (branch.least, n, branch))
    outcomes = [branch.outcome() for branch in everything]
    lower = min([incumbent.value, *(outcome.lower_bound for outcome in outcomes)])
    parts = [outcome.explored for outcome in outcomes if outcome.explored is not None]
    return BranchOutcome(
        lower,
        sum(outcome.splits for outcome in outcomes),
        sum(outcome.pruned for outcome in outcomes),
        Explored.join(parts) if len(parts) == len(outcomes) and parts else None,
        explorer.counts,
    )


def branch(explorer: Explorer) -> BranchOutcome:
    """Searches the task of an explorer, which has no choice of what levels keep."""
    return search([Branch(explorer)], explorer)
