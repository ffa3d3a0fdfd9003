"""The nested search: hardware outside, the mappings of every layer inside (paper, section 4)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.hardware.eyeriss import EyerissPoint
from codesign.hardware.files import Chip
from codesign.hardware.technology import PAT, Technology
from codesign.search.mapper import MappingRun, map_layer
from codesign.search.registry import make_optimizer
from codesign.search.task import MappingTask
from codesign.space.hardware_space import (
    VIOLATIONS,
    HardwareBatch,
    HardwareSpace,
    dataflow_of,
)
from codesign.workload.network import Workload

Memory = dict[tuple[str, str, int, int], MappingRun]
"""Finished mapping searches by (task digest, method, trials, seed), so that none runs twice."""


@dataclass(frozen=True)
class NetworkRun:
    """A network on one accelerator: one mapping search for each of its distinct layers.

    Where some layer cannot be mapped, `runs` holds that layer's alone: the others were spared.
    """

    workload: Workload
    runs: tuple[MappingRun, ...]

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

    @property
    def certificate(self) -> tuple[str, float] | None:
        """`optimal` or `bound`, and a lower bound of `edp`, when all mappings were proved.

        The bound is (Σ √EDP)² over the layers' own: by Cauchy and Schwarz no choice of mappings
        has a lower product of sums. It is met when all layers take equal power.
        """
        proofs = [run.certificate for run in self.runs if run.certificate is not None]
        if not self.is_feasible or len(proofs) < len(self.runs):
            return None
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


def map_network(
    workload: Workload,
    hardware: Hardware,
    dataflow: Dataflow = FREE,
    technology: Technology = PAT,
    method: str = "tpe",
    trials: int = 250,
    seed: int = 0,
    accounting: str = "timeloop",
    memory: Memory | None = None,
    hints: Sequence[Dataflow] = (),
) -> NetworkRun:
    """Searches a mapping for every distinct layer, unless some layer cannot have one.

    Raises:
        InputError: see `map_layer`.
    """
    memory = {} if memory is None else memory
    distinct = workload.distinct()
    tasks = [
        MappingTask(layer, hardware, technology, dataflow, accounting, tuple(hints))
        for layer in distinct.layers
    ]
    runs = []
    impossible = [task for task in tasks if task.problem is not None]
    for task in impossible[:1] or tasks:
        key = (task.digest, method, trials, seed)
        if key not in memory:
            memory[key] = map_layer(task, method, trials, seed)
        # An equal layer may go by another name there.
        runs.append(replace(memory[key], task=task))
    return NetworkRun(distinct, tuple(runs))


@dataclass(frozen=True)
class HardwareRun:
    """The outcome of a co-design search, T hardware trials in order.

    Args:
        points: the trials' H1–H12.
        networks: [T][workloads], each workload on each accelerator; nothing for a point that
            breaks a known constraint.
        violations: [T], the known constraint that a point breaks, or None.
    """

    chip: Chip
    workloads: tuple[Workload, ...]
    method: str
    inner_method: str
    mapping_trials: int
    seed: int
    points: tuple[EyerissPoint, ...]
    networks: tuple[tuple[NetworkRun, ...], ...]
    violations: tuple[str | None, ...]
    elapsed_s: float = field(default=0.0, compare=False)

    @property
    def edp(self) -> NDArray[np.float64]:
        """[T], pJ·cycles, the geometric mean over workloads; NaN where a layer has no mapping."""
        return np.array([_joint_edp(networks) for networks in self.networks])

    @property
    def best(self) -> int | None:
        """The trial of least EDP; None when none was feasible."""
        edp = self.edp
        return None if np.isnan(edp).all() else int(np.nanargmin(edp))

    @property
    def best_so_far_edp(self) -> NDArray[np.float64]:
        """[T], pJ·cycles; NaN until something is feasible."""
        return np.fmin.accumulate(self.edp)

    def hardware(self, trial: int) -> Hardware:
        """The accelerator of a trial."""
        return self.networks[trial][0].runs[0].task.hardware


def _joint_edp(networks: Sequence[NetworkRun]) -> float:
    if not networks:
        return np.nan
    return float(np.exp(np.mean([np.log(network.edp) for network in networks])))


def search_hardware(
    workloads: Sequence[Workload],
    chip: Chip,
    method: str = "tpe",
    trials: int = 50,
    inner_method: str = "tpe",
    mapping_trials: int = 250,
    seed: int = 0,
    accounting: str = "timeloop",
    memory: Memory | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> HardwareRun:
    """Searches accelerators within a chip's budget for the least EDP over the workloads.

    A point that breaks a known constraint, which only methods propose that do not know any, is
    a trial that fails. That a layer turns out to have no mapping on some accelerator is the
    unknown constraint: that trial fails as well, and the method is told so.

    Args:
        progress: called after every trial with its number and the best EDP so far.

    Raises:
        InputError: no workloads, a chip without budget, an unknown method or budget.
    """
    if not workloads:
        raise InputError("workloads is empty, expected at least one")
    if trials < 1:
        raise InputError(f"hardware trials is {trials}, expected at least 1")
    began = time.perf_counter()
    memory = {} if memory is None else memory
    space = HardwareSpace(chip, [workload.distinct() for workload in workloads])
    rng = np.random.default_rng([seed, *method.encode()])
    optimizer = make_optimizer(method, space, rng, trials)
    points: list[EyerissPoint] = []
    networks: list[tuple[NetworkRun, ...]] = []
    broken: list[str | None] = []
    best = np.nan
    while len(points) < trials:
        batch: HardwareBatch = optimizer.ask()[: trials - len(points)]
        losses = []
        for row, code in enumerate(space.violations(batch)):
            point = batch.point(row)
            trial = () if code else tuple(
                map_network(
                    workload, space.hardware(point), dataflow_of(point), chip.technology,
                    inner_method, mapping_trials, seed, accounting, memory, chip.hints,
                )
                for workload in workloads
            )  # fmt: skip
            points.append(point)
            networks.append(trial)
            broken.append(VIOLATIONS[code])
            edp = _joint_edp(trial)
            losses.append(np.log(edp))
            best = np.fmin(best, edp)
            if progress is not None:
                progress(len(points), float(best))
        optimizer.tell(batch, np.array(losses))
    return HardwareRun(
        chip, tuple(workloads), method, inner_method, mapping_trials, seed,
        tuple(points), tuple(networks), tuple(broken), time.perf_counter() - began,
    )  # fmt: skip
