"""A network on one accelerator: one mapping search per distinct layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.display import Displayed, plural
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.hardware.technology import PAT, Technology
from codesign.search.mapper import LayerSearch, MappingRun, map_layer
from codesign.search.objective import COSTS, EDP
from codesign.search.settings import INNER, Search
from codesign.search.task import MappingTask
from codesign.workload.workload import Workload

Memory = dict[tuple[str, Search], MappingRun]
"""Finished mapping searches, by the digest of the task and the search, so that none runs twice."""


@dataclass(frozen=True)
class Runtime:
    """How a search is run. Its results do not depend on this.

    Args:
        memory: finished mapping searches, which are used again; new ones are added.
        layer_search: the function that searches the mappings of a layer. With that of
            `search.resume`, a killed search continues.
        progress: called after every hardware trial with its number, from 1, and the best of
            `HardwareRun.values` so far (NaN before the first feasible trial).
    """

    memory: Memory = field(default_factory=dict)
    layer_search: LayerSearch = map_layer
    progress: Callable[[int, float], None] | None = None

    def map(self, task: MappingTask, search: Search) -> MappingRun:
        """The result of the mapping search of a task, from memory if it was run before."""
        key = (task.digest, search)
        if key not in self.memory:
            self.memory[key] = self.layer_search(task, search)
        # The task in memory may have another name for the same layer.
        return replace(self.memory[key], task=task)


@dataclass(frozen=True, repr=False)
class NetworkRun(Displayed):
    """A network on one accelerator: one mapping search per distinct layer.

    If some layer has no feasible mapping, `runs` has only that layer's run: the others were not
    searched.
    """

    workload: Workload
    runs: tuple[MappingRun, ...]

    def summary(self) -> str:
        """Network, accelerator, EDP, and number of distinct layers."""
        layers = plural(len(self.workload.layers), "distinct layer")
        hardware = self.runs[0].task.hardware.name
        found = f"EDP {self.edp:.4g} pJ·cycles" if self.is_feasible else "a layer has no mapping"
        return f"{self.workload.name} on {hardware}: {found}, {layers}"

    def to_frame(self) -> pd.DataFrame:
        """One row per distinct layer that was searched.

        Columns: `layer, count, feasible, energy_pj, cycles, edp, utilization, trials`, for one
        execution of the best mapping; NaN if there is none.
        """
        counts = dict(zip(self.workload.layers, self.workload.counts, strict=True))
        return pd.DataFrame([_row(run, counts[run.task.layer]) for run in self.runs])

    @property
    def is_feasible(self) -> bool:
        """Whether every layer has a mapping."""
        return all(run.best is not None for run in self.runs)

    def _best(self, quantity: str) -> NDArray[np.float64]:
        """[layers], a quantity of every layer's best mapping; NaN if some layer has none."""
        if not self.is_feasible:
            return np.full(len(self.workload.layers), np.nan)
        return np.array([float(getattr(run.costs, quantity)[run.best]) for run in self.runs])

    @property
    def energy_pj(self) -> float:
        """Energy of the whole network in pJ; NaN if some layer has no mapping."""
        return self._total("energy_pj")

    @property
    def cycles(self) -> float:
        """Delay of the whole network in cycles, layer after layer; NaN if some has no mapping."""
        return self._total("cycles")

    @property
    def edp(self) -> float:
        """(Σ energy) · (Σ delay) in pJ·cycles: the EDP of a network in this study."""
        return self.energy_pj * self.cycles

    @property
    def edp_of_layers(self) -> float:
        """Σ (energy · delay) over the layers in pJ·cycles: the other definition of the EDP."""
        return self._total("edp")

    def cost(self, objective: str) -> float:
        """`edp` (pJ·cycles), `energy` (pJ) or `delay` (cycles) of the whole network."""
        return float(getattr(self, COSTS[objective]))

    @property
    def certificate(self) -> tuple[str, float] | None:
        """The verdict (`optimal` or `bound`) and a lower bound on the objective.

        It is None unless every layer has a mapping with a proof. Bounds on energies and on delays
        add up. The bound on EDP is (Σ √b)² over the bounds b on the layers' EDPs: by the
        Cauchy-Schwarz inequality, no choice of mappings has a lower product of sums. It is
        reached if all layers have the same power.
        """
        proofs = [run.certificate for run in self.runs if run.certificate is not None]
        if not self.is_feasible or len(proofs) < len(self.runs):
            return None
        objective = self.runs[0].search.objective
        if objective != EDP:
            least = math.fsum(
                count * proof.lower_bound
                for count, proof in zip(self.workload.counts, proofs, strict=True)
            )
            found = self.cost(objective)
            return ("optimal", found) if found <= least * (1 + 1e-14) else ("bound", least)
        if len(proofs) == 1:
            bound = proofs[0].lower_bound * self.workload.counts[0] ** 2
        else:
            roots = np.sqrt([proof.lower_bound for proof in proofs]) * self.workload.counts
            bound = math.fsum(roots) ** 2
        # Values that differ only by the rounding of sums and roots are equal.
        bound = self.edp if self.edp <= bound * (1 + 1e-14) else bound
        return ("optimal" if self.edp <= bound else "bound"), bound

    def _total(self, quantity: str) -> float:
        # `fsum` is exact, so the sum is the same on every machine and in a replay.
        return math.fsum(self._best(quantity) * self.workload.counts)


def _row(run: MappingRun, count: int) -> dict[str, object]:
    """One row of `NetworkRun.to_frame`."""
    costs = ("energy_pj", "cycles", "edp", "utilization")
    found = {
        cost: np.nan if run.best is None else getattr(run.costs, cost)[run.best] for cost in costs
    }
    feasible = run.best is not None
    row: dict[str, object] = {"layer": run.task.layer.name, "count": count, "feasible": feasible}
    return row | found | {"trials": len(run.points)}


def map_network(
    workload: Workload,
    hardware: Hardware,
    search: Search = INNER,
    *,
    dataflow: Dataflow = FREE,
    technology: Technology = PAT,
    accounting: str = "timeloop",
    hints: Sequence[Dataflow] = (),
    runtime: Runtime | None = None,
) -> NetworkRun:
    """Searches a mapping for every distinct layer, unless some layer has no feasible one.

    Args:
        workload, hardware: the layers, and the accelerator to map them on.
        search: the search for every layer.
        dataflow, technology, accounting, hints: the fields of every layer's `MappingTask`.
        runtime: how it is run. If several calls share one `memory`, equal layers are searched
            once.

    Raises:
        InputError: see `map_layer`.
    """
    runtime = runtime or Runtime()
    distinct = workload.distinct()
    tasks = [
        MappingTask(layer, hardware, technology, dataflow, accounting, tuple(hints))
        for layer in distinct.layers
    ]
    impossible = [task for task in tasks if task.problem is not None]
    return NetworkRun(
        distinct, tuple(runtime.map(task, search) for task in impossible[:1] or tasks)
    )
