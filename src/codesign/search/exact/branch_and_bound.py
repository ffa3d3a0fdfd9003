"""The optimal mapping of a map-space, with proof, by branch and bound.

1. A good mapping is found by random draws and hill climbing.
2. All spatial splits are listed, with a lower bound that depends only on the split (`spatial`) and
   then one that knows what levels can hold (`capacity`; `couplings` with padded factors). They are
   explored in the order of their bounds; with padded factors, with all sizes that a split divides
   (`branch`).
3. For a split, all pairs of an inner and an outer part are listed, with bounds that hold for every
   loop order (`tiles`, `pairs`).
4. For a pair, all loop nests are built from inside outwards, with a bound at every step (`nests`).
5. The remaining mappings are priced by the cost model.

Where levels may bypass dataspaces, 2 to 5 are done for all choices of what they keep (`variants`).

A candidate is dropped only if its bound shows that it is not better than the best known mapping, by
more than rounding, or if another candidate is kept that does not cost more.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from codesign.errors import InputError
from codesign.search.exact.branch import Explored
from codesign.search.exact.exhaustive import (
    Certificate,
    ExactResult,
    exhaust,
    require_whole_steps,
)
from codesign.search.exact.explore import Explorer
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import Objective, goal_of
from codesign.search.exact.incumbent import Incumbent
from codesign.search.exact.variants import explore_variants
from codesign.search.task import MappingTask


@dataclass(frozen=True)
class SearchCertificate(Certificate):
    """A certificate of branch and bound, with counts of what was enumerated and dropped.

    Args:
        splits, splits_pruned: spatial splits, and those dropped by their own bound.
        ranges: ranges of tilings, with one choice of innermost loops each.
        pairs, pairs_pruned: pairs of inner and outer parts, and those dropped by their bound.
        nodes, nodes_pruned: loops placed, and those dropped by their bound.
        explored: the spatial splits that were explored. All others were dropped by their bounds, or
            because they use too few PEs. None if the mapper could not list the splits.
        seconds: the time that the proof took.
    """

    splits: int = 0
    splits_pruned: int = 0
    ranges: int = 0
    pairs: int = 0
    pairs_pruned: int = 0
    nodes: int = 0
    nodes_pruned: int = 0
    explored: Explored | None = field(default=None, compare=False)
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
        seconds: a budget of CPU time.
        most_work: a budget of ranges, pairs and nodes, which ends at the same place on every
            machine.

    Raises:
        InputError: no mapping is valid, or the objective is unknown.
    """
    require_whole_steps(task)
    goal = goal_of(objective)
    began, started = time.perf_counter(), time.thread_time()
    facts = Facts(task)
    if not facts.is_covered:
        return exhaust(task, objective)
    incumbent = Incumbent(facts, goal)
    incumbent.climb()
    deadline = math.inf if seconds is None else started + seconds
    outcome = explore_variants(Explorer(incumbent, deadline, most_work))
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
        seconds=time.perf_counter() - began,
    )
    return ExactResult(incumbent.best, certificate)
