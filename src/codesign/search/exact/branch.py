"""Branch and bound over the spatial splits of one task (steps 2 to 5 of `branch_and_bound`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from codesign.cost.tables import (
    BLOCK_UNITS,
    CLUSTER_SIZE,
    ELEMENTS,
    MAC_PJ,
    PLAIN,
    VECTOR_PJ,
    WRITE_PJ,
    Floats,
    Ints,
)
from codesign.search.exact.explore import Explorer
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import bounded, most_cycles
from codesign.search.exact.parts import share
from codesign.search.exact.spatial import Rates, all_splits, least_loops, least_words


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
    def of(cls, facts: Facts, splits: Ints) -> Explored:
        """Splits of a plain task."""
        count = len(splits)
        return cls(splits, np.tile(facts.sizes, (count, 1)), np.tile(facts.keep, (count, 1)))


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


def branch(explorer: Explorer) -> BranchOutcome:
    """Explores spatial splits in the order of their bounds, and updates the incumbent."""
    incumbent, facts = explorer.incumbent, explorer.facts
    goal = incumbent.goal
    try:
        split, axes = all_splits(facts, least_pes(facts, goal, incumbent.limit))
    except MemoryError:
        weak = min(floor(facts, goal), incumbent.value)
        return BranchOutcome(weak, 0, 0, None, explorer.counts)
    rates = Rates(facts, split)
    words = least_words(facts, split)
    energy, cycles = split_costs(rates, words)
    bounds = bounded(facts.goal(goal), energy, cycles)
    order = np.argsort(bounds, kind="stable")
    proven, done = math.inf, 0
    for row in order:
        if bounds[row] >= incumbent.limit:
            break
        if explorer.is_over:
            proven = min(proven, float(bounds[row]))
            break
        shared = share(facts, split[row], rates, words[row], float(cycles[row]), int(row), goal)
        if not explorer.explore(shared, [pair[row] for pair in axes]):
            proven = min(proven, float(bounds[row]))
        done += 1
    rest = bounds[order[done:]]
    pruned = int((rest >= incumbent.limit).sum())
    lower = min(proven, incumbent.value)
    explored = Explored.of(facts, split[order[:done]])
    return BranchOutcome(lower, len(split), pruned, explored, explorer.counts)


def price_splits(explorer: Explorer) -> BranchOutcome:
    """Prices one mapping per spatial split of a task of which only the outermost level keeps
    anything. All others with this split cost the same: every step asks that level for its words."""
    incumbent, facts = explorer.incumbent, explorer.facts
    try:
        split, axes = all_splits(facts, least_pes(facts, incumbent.goal, incumbent.limit))
    except MemoryError:
        return BranchOutcome(floor(facts, incumbent.goal), 0, 0, None, explorer.counts)
    batch = facts.space.blank(len(split))
    batch.temporal[:] = facts.pins.fixed
    left, place = least_loops(facts, split)
    for d in range(len(facts.sizes)):
        batch.temporal[:, place[d], d] *= left[:, d].astype(np.int32)
    for level, factors in enumerate(axes):
        batch.spatial[:, level] = factors
    incumbent.consider(batch)
    return BranchOutcome(incumbent.value, len(split), 0, Explored.of(facts, split), explorer.counts)


def split_costs(rates: Rates, words: Floats) -> tuple[Floats, Floats]:
    """[B], [B], lower bounds on dynamic energy and cycles of spatial splits, from words [B, J]."""
    cycles = rates.cycles.copy()
    for port in rates.ports:
        cycles = np.maximum(cycles, port.least(words))
    return rates.energy.least(words), cycles


def floor(facts: Facts, goal: float, sizes: Sequence[int] = (), pes: int | None = None) -> float:
    """A lower bound on the objective of all mappings: `energy_floor`, and PEs that never wait.

    Args:
        goal: the goal, a number of `goal.goal_of`.
        sizes: [D], sizes instead of the layer's.
        pes: the most PEs that are busy; all of them by default.
    """
    sizes = list(sizes) or facts.sizes.tolist()
    cycles = math.prod(sizes) / (pes or facts.space.hardware.pes)
    energy = np.array(energy_floor(facts, sizes))
    return float(bounded(facts.goal(goal), energy, np.array(cycles)))


def least_pes(facts: Facts, goal: float, limit: float) -> float:
    """The least number of PEs of a mapping with an objective below `limit`, by `energy_floor`."""
    if math.isinf(limit):
        return 0.0
    most = most_cycles(facts.goal(goal), limit, energy_floor(facts))
    return facts.macs / most if most > 0 else math.inf


def energy_floor(facts: Facts, sizes: Sequence[int] = ()) -> float:
    """A lower bound on the dynamic energy in pJ: the operations, and accesses of words.

    In `docs/cost-model.md`, section 8, these are MACs · e_mac and parts of `access`. Every
    operation accesses one word of a dataspace in the innermost level that keeps it. The access is
    shared at most with all other children of the levels up to that one. Every word of a dataspace
    is accessed once in the outermost level, if that is another one.

    Args:
        sizes: [D], sizes instead of the layer's.
    """
    tables, sizes = facts.tables, list(sizes) or facts.sizes.tolist()
    macs = float(math.prod(sizes))
    total = macs * float(tables.energies[MAC_PJ])
    sharing = 1.0
    missing = set(range(len(facts.role)))
    top = len(facts.keep) - 1
    for s, (along_x, along_y) in enumerate(facts.space.hardware.fanouts):
        sharing *= along_x * along_y
        for w in sorted(missing):
            if facts.keep[s] >> w & 1:
                missing.discard(w)
                total += macs / sharing * _least_access_pj(facts, s, w)
                if s < top:
                    total += _least_words(facts, w, sizes) * _least_access_pj(facts, top, w)
    return total


def _least_access_pj(facts: Facts, level: int, w: int) -> float:
    """A lower bound on the energy of an access to an element of dataspace w at a level, pJ.

    It is a read, or for the dataspace of outputs at least a write. The accountings differ in the
    cost of clusters; 0 is a bound for all of them.
    """
    tables = facts.tables
    if tables.limits[level, CLUSTER_SIZE] > 1:
        return 0.0
    read, write = tables.rates[level, VECTOR_PJ], tables.rates[level, WRITE_PJ]
    block_pj = min(read, write) if w == facts.written and write >= 0 else read
    element = tables.limits[level, ELEMENTS + w]
    return float(block_pj / tables.limits[level, BLOCK_UNITS] * element)


def _least_words(facts: Facts, w: int, sizes: Sequence[int]) -> float:
    """The fewest different words of dataspace w: a sumset has at least Σ sizes - n + 1 elements."""
    role = facts.role[w]
    words = math.prod(n for n, r in zip(sizes, role, strict=True) if r == PLAIN)
    for axis in range(PLAIN + 1, int(role.max()) + 1):
        words *= 1 + sum(n - 1 for n, r in zip(sizes, role, strict=True) if r == axis)
    return float(words)
