"""A network on one accelerator: a mapping search for each of its distinct layers."""

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
"""Finished mapping searches by the task's digest and how it was searched: none runs twice."""


@dataclass(frozen=True)
class Runtime:
    """How a search is run. Nothing that it finds depends on it.

    Args:
        memory: finished mapping searches, to be used again and added to.
        layer_search: what searches the mappings of a layer; with that of `search.resume`, a
            killed search goes on.
        progress: called after every hardware trial with its number, from 1, and the best of
            `HardwareRun.values` so far (NaN until something is feasible).
    """

    memory: Memory = field(default_factory=dict)
    layer_search: LayerSearch = map_layer
    progress: Callable[[int, float], None] | None = None

    def map(self, task: MappingTask, search: Search) -> MappingRun:
        """The mapping search of a task, from memory where it was run before."""
        key = (task.digest, search)
        if key not in self.memory:
            self.memory[key] = self.layer_search(task, search)
        # An equal layer may go by another name there.
        return replace(self.memory[key], task=task)


@dataclass(frozen=True, repr=False)
class NetworkRun(Displayed):
    """A network on one accelerator: one mapping search for each of its distinct layers.

    Where some layer cannot be mapped, `runs` holds that layer's alone: the others were spared.
    """

    workload: Workload
    runs: tuple[MappingRun, ...]

    def summary(self) -> str:
        """Network, accelerator, and EDP."""
        layers = plural(len(self.workload.layers), "distinct layer")
        hardware = self.runs[0].task.hardware.name
        found = f"EDP {self.edp:.4g} pJ·cycles" if self.is_feasible else "a layer has no mapping"
        return f"{self.workload.name} on {hardware}: {found}, {layers}"

    def to_frame(self) -> pd.DataFrame:
        """One row per distinct layer that was searched.

        Columns: `layer, count, feasible, energy_pj, cycles, edp, utilization, trials`, of the best
        mapping and a single execution; NaN where there is none.
        """
        counts = dict(zip(self.workload.layers, self.workload.counts, strict=True))
        return pd.DataFrame([_row(run, counts[run.task.layer]) for run in self.runs])

    @property
    def is_feasible(self) -> bool:
        """Whether every layer has a mapping."""
        return all(run.best is not None for run in self.runs)

    def _best(self, quantity: str) -> NDArray[np.float64]:
        """[layers], a quantity of every layer's best mapping; NaN in an infeasible network."""
        if not self.is_feasible:
            return np.full(len(self.workload.layers), np.nan)
        return np.array([float(getattr(run.costs, quantity)[run.best]) for run in self.runs])

    @property
    def energy_pj(self) -> float:
        """Energy of the whole network, pJ."""
        return self._total("energy_pj")

    @property
    def cycles(self) -> float:
        """Delay of the whole network, layer after layer, cycles."""
        return self._total("cycles")

    @property
    def edp(self) -> float:
        """(Σ energy) · (Σ delay), the study's reading of a model's EDP, pJ·cycles."""
        return self.energy_pj * self.cycles

    @property
    def edp_of_layers(self) -> float:
        """Σ of the layers' EDPs, the other reading, pJ·cycles."""
        return self._total("edp")

    def cost(self, objective: str) -> float:
        """`edp`, `energy` (pJ) or `delay` (cycles) of the whole network."""
        return float(getattr(self, COSTS[objective]))

    @property
    def certificate(self) -> tuple[str, float] | None:
        """`optimal` or `bound`, and a lower bound of the objective, when all mappings were proved.

        Bounds of energies and of delays add up. That of EDP is (Σ √EDP)² over the layers' own: by
        Cauchy and Schwarz no choice of mappings has a lower product of sums. It is met when all
        layers take equal power.
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
        # Equal but for the rounding of sums and roots is equal.
        bound = self.edp if self.edp <= bound * (1 + 1e-14) else bound
        return ("optimal" if self.edp <= bound else "bound"), bound

    def _total(self, quantity: str) -> float:
        # `fsum` is exact, so that the sum is the same on every machine and in a replay.
        return math.fsum(self._best(quantity) * self.workload.counts)


def _row(run: MappingRun, count: int) -> dict[str, object]:
    """A row of `NetworkRun.to_frame`."""
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
    """Searches a mapping for every distinct layer, unless some layer cannot have one.

    Args:
        search: of every layer.
        dataflow, technology, accounting, hints: of every layer's `MappingTask`.
        runtime: how it is run; with a memory that several calls share, equal layers are
            searched once.

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
