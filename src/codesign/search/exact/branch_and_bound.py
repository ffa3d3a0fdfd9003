"""The optimal mapping of a free map-space: branch and bound with proof.

1. A good mapping from random draws and a little climbing.
2. All spatial splits, each with a lower bound that follows from it alone (`spatial`), best first.
3. For a split, all pairs of an inner and an outer part with a bound that covers every loop order
   (`tiles`, `pairs`).
4. For a pair, all loop nests, placed from inside outwards with a bound at every step (`nests`).
5. What is left is priced by the cost model.

A candidate is dropped only if a bound says that it cannot beat the best mapping known, by more than
rounding, or if another that is kept costs no more.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import numpy as np

from codesign.cost.tables import BLOCK_SIZE, CLUSTER_SIZE, MAC_PJ, VECTOR_PJ
from codesign.errors import InputError
from codesign.search.exact.exhaustive import OBJECTIVES, Certificate, ExactResult, exhaust
from codesign.search.exact.explore import Explorer
from codesign.search.exact.incumbent import TIE, Incumbent
from codesign.search.exact.model import Model
from codesign.search.exact.parts import share
from codesign.search.exact.spatial import Rates, all_splits, least_words
from codesign.search.task import MappingTask


@dataclass(frozen=True)
class SearchCertificate(Certificate):
    """A certificate of branch and bound: what was enumerated, and what each bound dropped.

    Args:
        splits, splits_pruned: spatial splits, and those dropped by their own bound.
        pairs, pairs_pruned: pairs of inner and outer parts, and those dropped by theirs.
        nodes, nodes_pruned: loops placed, and those dropped.
        seconds: how long it took.
    """

    splits: int = 0
    splits_pruned: int = 0
    pairs: int = 0
    pairs_pruned: int = 0
    nodes: int = 0
    nodes_pruned: int = 0
    seconds: float = field(default=0.0, compare=False)


def solve(task: MappingTask, objective: str = "edp", seconds: float | None = None) -> ExactResult:
    """The optimal mapping of a task, or the best found within a time with a lower bound.

    Where a task is too large to list (millions of spatial splits or of register-file tilings), and
    where time runs out, the certificate's kind is `bound`.

    Raises:
        InputError: nothing fits, or an unknown objective.
    """
    if objective not in OBJECTIVES:
        raise InputError(f"objective is {objective!r}, expected {', '.join(OBJECTIVES)}")
    began = time.perf_counter()
    model = Model(task)
    if not model.is_covered:
        return exhaust(task, objective)
    incumbent = Incumbent(model, objective)
    incumbent.climb()
    explorer = Explorer(incumbent, math.inf if seconds is None else began + seconds)
    lower, splits, pruned = _branch(explorer)
    if incumbent.best is None:
        raise InputError(f"{task.layer.name} on {task.hardware.name}: no mapping is valid")
    is_optimal = lower >= incumbent.limit
    certificate = SearchCertificate(
        "optimal" if is_optimal else "bound",
        objective,
        incumbent.value if is_optimal else lower,
        incumbent.priced,
        model.space.size(),
        splits,
        pruned,
        **explorer.counts,
        seconds=time.perf_counter() - began,
    )
    return ExactResult(incumbent.best, certificate)


def _branch(explorer: Explorer) -> tuple[float, int, int]:
    """Goes through all spatial splits.

    Returns:
        A lower bound of the objective, how many splits there are, and how many were dropped.
    """
    incumbent, model = explorer.incumbent, explorer.model
    objective = incumbent.objective
    floor, least_cycles = energy_floor(model), model.macs / model.space.hardware.pes
    least_pes = 0.0
    if objective != "energy_pj" and math.isfinite(incumbent.value):
        per_cycle = floor if objective == "edp" else 1.0
        least_pes = model.macs * per_cycle / incumbent.value * (1 - TIE)
    try:
        split, axes = all_splits(model, least_pes)
    except MemoryError:
        weak = {"edp": floor * least_cycles, "energy_pj": floor, "cycles": least_cycles}
        return min(weak[objective], incumbent.value), 0, 0
    rates = Rates(model, split)
    words = least_words(model, split)
    cycles = rates.cycles.copy()
    for port in rates.ports:
        cycles = np.maximum(cycles, port.least(words))
    energy = rates.energy.least(words)
    bounds = {"edp": energy * cycles, "energy_pj": energy, "cycles": cycles}[objective]
    proven = math.inf
    for at, row in enumerate(np.argsort(bounds, kind="stable")):
        if bounds[row] >= incumbent.limit:
            return min(proven, incumbent.value), len(split), len(split) - at
        if time.perf_counter() >= explorer.deadline:
            return min(proven, float(bounds[row])), len(split), 0
        shared = share(
            model, split[row], rates, words[row], float(cycles[row]), int(row),
            OBJECTIVES.index(objective),
        )  # fmt: skip
        if not explorer.explore(shared, [pair[row] for pair in axes]):
            proven = min(proven, float(bounds[row]))
    return min(proven, incumbent.value), len(split), 0


def energy_floor(model: Model) -> float:
    """No mapping takes less energy, pJ: the operations, and what asks for their operands.

    Every operation asks the innermost level that keeps a dataspace for one word, shared at most
    with all other children of the levels up to it.
    """
    tables = model.tables
    total = model.macs * float(tables.energies[MAC_PJ])
    sharing = 1.0
    missing = set(range(len(model.kind)))
    for s, (along_x, along_y) in enumerate(model.space.hardware.fanouts):
        sharing *= along_x * along_y
        vector = float(tables.rates[s, VECTOR_PJ] / tables.limits[s, BLOCK_SIZE])
        if tables.limits[s, CLUSTER_SIZE] > 1:
            # The accountings differ in what clusters pay; nothing is a bound of both.
            vector = 0.0
        for w in sorted(missing):
            if model.keep[s] >> w & 1:
                missing.discard(w)
                total += model.macs / sharing * vector
    return total
