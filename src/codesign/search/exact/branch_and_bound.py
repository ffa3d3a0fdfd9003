"""The optimal mapping of a map-space, with proof, by branch and bound.

1. A good mapping is found by random draws and hill climbing.
2. All spatial splits are listed. Each has a lower bound that depends only on the split (`spatial`).
   They are explored in the order of their bounds.
3. For a split, all pairs of an inner and an outer part are listed, with bounds that hold for every
   loop order (`tiles`, `pairs`).
4. For a pair, all loop nests are built from inside outwards, with a bound at every step (`nests`).
5. The remaining mappings are priced by the cost model.

A candidate is dropped only if its bound shows that it is not better than the best known mapping, by
more than rounding, or if another candidate is kept that does not cost more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from codesign.cost.tables import BLOCK_SIZE, CLUSTER_SIZE, MAC_PJ, PLAIN, VECTOR_PJ, Floats, Ints
from codesign.errors import InputError
from codesign.search.exact.exhaustive import Certificate, ExactResult, exhaust
from codesign.search.exact.explore import Explorer
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import Objective, bounded, goal_of, most_cycles
from codesign.search.exact.incumbent import Incumbent
from codesign.search.exact.parts import share
from codesign.search.exact.spatial import Rates, all_splits, least_words
from codesign.search.task import MappingTask
from codesign.space.filling import filled
from codesign.space.slots import padded_layers


@dataclass(frozen=True)
class SearchCertificate(Certificate):
    """A certificate of branch and bound, with counts of what was enumerated and dropped.

    Args:
        splits, splits_pruned: spatial splits, and those dropped by their own bound.
        pairs, pairs_pruned: pairs of inner and outer parts, and those dropped by their bound.
        nodes, nodes_pruned: loops placed, and those dropped by their bound.
        explored: [n, L, D], the spatial splits that were explored, with factors along X and Y
            multiplied. All other splits were dropped by their bounds, or because they use too few
            PEs. None if the mapper could not list the splits.
        sizes: [n, D], of padded factors, the sizes that the factors of each explored split multiply
            to. All other sizes were dropped by their bounds. None if factors are divisors.
        seconds: the time that the proof took.
    """

    splits: int = 0
    splits_pruned: int = 0
    pairs: int = 0
    pairs_pruned: int = 0
    nodes: int = 0
    nodes_pruned: int = 0
    explored: Ints | None = field(default=None, compare=False)
    sizes: Ints | None = field(default=None, compare=False)
    seconds: float = field(default=0.0, compare=False)


def solve(
    task: MappingTask,
    objective: Objective = "edp",
    seconds: float | None = None,
    most_work: float = math.inf,
) -> ExactResult:
    """The optimal mapping of a task with proof, or the best within a budget with a lower bound.

    The verdict is `bound` if the budget runs out, or if the task has too many spatial splits or
    register-file tilings to list (millions).

    Args:
        task: the task.
        objective: a name in `goal.GOALS`, or the value of a cycle in pJ.
        seconds: a budget of time.
        most_work: a budget of pairs and nodes, which ends at the same place on every machine.

    Raises:
        InputError: no mapping is valid, or the objective is unknown.
    """
    goal = goal_of(objective)
    began = time.perf_counter()
    facts = Facts(task)
    if not facts.is_covered:
        return exhaust(task, objective)
    incumbent = Incumbent(facts, goal)
    incumbent.climb()
    deadline = math.inf if seconds is None else began + seconds
    explore = branch_padded if facts.space.is_padded else branch
    outcome = explore(Explorer(incumbent, deadline, most_work))
    if incumbent.best is None:
        raise InputError(f"{task.layer.name} on {task.hardware.name}: no mapping is valid")
    is_optimal = outcome.lower_bound >= incumbent.limit
    certificate = SearchCertificate(
        "optimal" if is_optimal else "bound",
        str(objective),
        incumbent.value if is_optimal else outcome.lower_bound,
        incumbent.priced,
        facts.space.size(),
        outcome.splits,
        outcome.pruned,
        **outcome.counts,
        explored=outcome.explored,
        sizes=outcome.sizes,
        seconds=time.perf_counter() - began,
    )
    return ExactResult(incumbent.best, certificate)


@dataclass(frozen=True)
class BranchOutcome:
    """The result of a run of branch and bound.

    Args:
        lower_bound: a lower bound on the objective of all mappings; at most the incumbent's value.
        splits, pruned: spatial splits that use enough PEs, and those dropped by their own bound.
        explored: [n, L, D], the splits that were explored; None if there are too many to list.
        counts: as in `Explorer`.
        sizes: [n, D], as in `SearchCertificate`.
    """

    lower_bound: float
    splits: int
    pruned: int
    explored: Ints | None
    counts: dict[str, int]
    sizes: Ints | None = None


def branch(explorer: Explorer) -> BranchOutcome:
    """Explores spatial splits in the order of their bounds, and updates the incumbent."""
    incumbent, facts = explorer.incumbent, explorer.facts
    goal = incumbent.goal
    try:
        split, axes = all_splits(facts, least_pes(facts, goal, incumbent.limit))
    except MemoryError:
        floors = np.array(energy_floor(facts)), np.array(least_cycles(facts))
        weak = bounded(facts.goal(goal), *floors)
        return BranchOutcome(min(float(weak), incumbent.value), 0, 0, None, explorer.counts)
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
    return BranchOutcome(lower, len(split), pruned, split[order[:done]], explorer.counts)


def branch_padded(explorer: Explorer) -> BranchOutcome:
    """Explores the splits of all padded sizes, in the order of their operations.

    Mappings with padded factors are mappings of a larger layer. A bound on it follows from its
    operations alone; sizes below the incumbent by this bound are explored like a layer's own.
    """
    incumbent, facts = explorer.incumbent, explorer.facts
    goal, task = incumbent.goal, facts.task
    fans = tuple(fan for pair in facts.space.hardware.fanouts for fan in pair if fan > 1)
    outcomes: list[BranchOutcome] = []
    listed = [np.empty((0, *facts.pins.fixed.shape), np.int64)]
    sizes = [np.empty((0, len(facts.sizes)), np.int64)]
    proven = math.inf
    for padded in padded_layers(facts.slots):
        macs, floor = math.prod(padded), energy_floor(facts, padded)
        # Padded sizes come with ascending numbers of operations, and so with ascending bounds.
        bound = float(worth(goal, np.array(floor), np.array(macs / facts.space.hardware.pes)))
        if bound >= incumbent.limit:
            break
        if explorer.is_over:
            proven = min(proven, bound)
            break
        bound = float(worth(goal, np.array(floor), np.array(macs / filled(padded, fans))))
        if bound >= incumbent.limit:
            continue
        larger = task.padded(padded)
        if larger.problem is not None:
            continue
        other = explorer.of(Facts(larger))
        outcome = branch(other)
        explorer.take(other)
        proven = min(proven, outcome.lower_bound)
        outcomes.append(outcome)
        if outcome.explored is not None:
            listed.append(outcome.explored)
            sizes.append(np.tile(np.array(padded, np.int64), (len(outcome.explored), 1)))
    is_listed = all(outcome.explored is not None for outcome in outcomes)
    return BranchOutcome(
        min(proven, incumbent.value),
        sum(outcome.splits for outcome in outcomes),
        sum(outcome.pruned for outcome in outcomes),
        np.concatenate(listed) if is_listed else None,
        explorer.counts,
        np.concatenate(sizes) if is_listed else None,
    )


def split_costs(rates: Rates, words: Floats) -> tuple[Floats, Floats]:
    """[B], [B], lower bounds on dynamic energy and cycles of spatial splits, from words [B, J]."""
    cycles = rates.cycles.copy()
    for port in rates.ports:
        cycles = np.maximum(cycles, port.least(words))
    return rates.energy.least(words), cycles


def least_cycles(facts: Facts) -> float:
    """A lower bound on the cycles of any mapping: all PEs are busy all the time."""
    return facts.macs / facts.space.hardware.pes


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
        vector = float(tables.rates[s, VECTOR_PJ] / tables.limits[s, BLOCK_SIZE])
        if tables.limits[s, CLUSTER_SIZE] > 1:
            # The accountings differ in the cost of clusters; 0 is a bound for both.
            vector = 0.0
        for w in sorted(missing):
            if facts.keep[s] >> w & 1:
                missing.discard(w)
                total += macs / sharing * vector
                if s < top and tables.limits[top, CLUSTER_SIZE] == 1:
                    word = float(tables.rates[top, VECTOR_PJ] / tables.limits[top, BLOCK_SIZE])
                    total += _least_words(facts, w, sizes) * word
    return total


def _least_words(facts: Facts, w: int, sizes: Sequence[int]) -> float:
    """The fewest different words of dataspace w: a sumset has at least Σ sizes - n + 1 elements."""
    role = facts.role[w]
    words = math.prod(n for n, r in zip(sizes, role, strict=True) if r == PLAIN)
    for axis in range(PLAIN + 1, int(role.max()) + 1):
        words *= 1 + sum(n - 1 for n, r in zip(sizes, role, strict=True) if r == axis)
    return float(words)
