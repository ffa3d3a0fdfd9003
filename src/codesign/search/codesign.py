"""The nested search: hardware outside, the mappings of every layer inside (paper, section 4)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.files import Chip
from codesign.hardware.template import Point
from codesign.search.mapper import LayerSearch
from codesign.search.network import Memory, NetworkRun, map_network
from codesign.search.objective import (
    EDP,
    OBJECTIVES,
    PARETO,
    check_objective,
    check_weights,
    joint,
    mapping_objective,
)
from codesign.search.pareto import ParetoSearch, front
from codesign.search.registry import make_optimizer
from codesign.space.factory import make_hardware_space
from codesign.space.limits import Limits
from codesign.workload.network import Workload

__all__ = ["HardwareRun", "Memory", "NetworkRun", "map_network", "search_hardware"]


@dataclass(frozen=True)
class HardwareRun:
    """The outcome of a co-design search, T hardware trials in order.

    Args:
        points: the trials' parameters, H1–H12 or those of a template.
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
    points: tuple[Point, ...]
    networks: tuple[tuple[NetworkRun, ...], ...]
    violations: tuple[str | None, ...]
    elapsed_s: float = field(default=0.0, compare=False)
    objective: str = EDP
    weights: tuple[float, ...] | None = None

    def joint_cost(self, objective: str) -> NDArray[np.float64]:
        """[T], the weighted geometric mean over workloads of EDP, energy (pJ) or delay (cycles).

        NaN where a layer has no mapping.
        """
        return np.array([_joint(networks, objective, self.weights) for networks in self.networks])

    @property
    def edp(self) -> NDArray[np.float64]:
        """[T], pJ·cycles, the joint EDP."""
        return self.joint_cost(EDP)

    @property
    def values(self) -> NDArray[np.float64]:
        """[T], what the search minimised: the joint cost; in a Pareto search the joint EDP."""
        return self.joint_cost(mapping_objective(self.objective))

    @property
    def criteria(self) -> NDArray[np.float64]:
        """[T, 3], joint energy in pJ, joint delay in cycles, area in mm²."""
        costs = [self.joint_cost("energy"), self.joint_cost("delay"), self.area_mm2]
        return np.stack(costs, axis=1)

    @property
    def front(self) -> NDArray[np.int64]:
        """The trials that no other beats in energy, delay and area at once."""
        return front(self.criteria)

    @property
    def area_mm2(self) -> NDArray[np.float64]:
        """[T], the accelerators' areas, mm²; NaN where a point breaks a known constraint."""
        area = self.chip.technology.area
        return np.array(
            [
                area.mm2(self.hardware(trial)) if networks else np.nan
                for trial, networks in enumerate(self.networks)
            ]
        )

    @property
    def best(self) -> int | None:
        """The best trial by `values`, the first of equals; None when none was feasible."""
        values = self.values
        return None if np.isnan(values).all() else int(np.nanargmin(values))

    @property
    def best_so_far_edp(self) -> NDArray[np.float64]:
        """[T], pJ·cycles; NaN until something is feasible."""
        return np.fmin.accumulate(self.edp)

    def hardware(self, trial: int) -> Hardware:
        """The accelerator of a trial."""
        return self.networks[trial][0].runs[0].task.hardware


def _joint(
    networks: Sequence[NetworkRun], objective: str, weights: Sequence[float] | None
) -> float:
    if not networks:
        return np.nan
    return joint([network.cost(objective) for network in networks], weights)


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
    objective: str = EDP,
    weights: Sequence[float] | None = None,
    limits: Limits | None = None,
    layer_search: LayerSearch | None = None,
) -> HardwareRun:
    """Searches accelerators within a chip's budget for the least cost over the workloads.

    A point that breaks a known constraint, which only methods propose that do not know any, is
    a trial that fails. That a layer turns out to have no mapping on some accelerator is the
    unknown constraint: that trial fails as well, and the method is told so.

    Args:
        progress: called after every trial with its number and the best of `HardwareRun.values`.
        objective: `edp`, `energy`, `delay`, or `pareto` for the front of energy, delay and area.
        weights: of the workloads, all equal if None (`objective.joint`).
        limits: further known constraints.
        layer_search: see `map_network`; with `search.resume`, a killed search goes on.

    Raises:
        InputError: no workloads, a chip without budget, an unknown method, objective or budget,
            weights that are none, or limits that nothing meets.
    """
    if not workloads:
        raise InputError("workloads is empty, expected at least one")
    if trials < 1:
        raise InputError(f"hardware trials is {trials}, expected at least 1")
    check_objective(objective, OBJECTIVES)
    if weights is not None:
        check_weights(weights, len(workloads))
    began = time.perf_counter()
    memory = {} if memory is None else memory
    inner = mapping_objective(objective)
    space = make_hardware_space(chip, [each.distinct() for each in workloads], limits)
    rng = np.random.default_rng([seed, *method.encode()])
    build: Any = ParetoSearch if objective == PARETO else make_optimizer
    optimizer = build(method, space, rng, trials)
    points: list[Point] = []
    networks: list[tuple[NetworkRun, ...]] = []
    broken: list[str | None] = []
    best = np.nan
    while len(points) < trials:
        batch = optimizer.ask()[: trials - len(points)]
        losses = []
        for row, violation in enumerate(space.broken(batch)):
            point = batch.point(row)
            trial = () if violation else tuple(
                map_network(
                    workload, space.hardware(point), space.dataflow(point), chip.technology,
                    inner_method, mapping_trials, seed, accounting, memory, chip.hints, inner,
                    layer_search,
                )
                for workload in workloads
            )  # fmt: skip
            points.append(point)
            networks.append(trial)
            broken.append(violation)
            value = _joint(trial, inner, weights)
            if objective == PARETO:
                costs = [_joint(trial, cost, weights) for cost in ("energy", "delay")]
                is_feasible = np.isfinite(value)
                area = chip.technology.area.mm2(space.hardware(point)) if is_feasible else np.nan
                losses.append(np.log([*costs, area]))
            else:
                losses.append(np.log(value))
            best = np.fmin(best, value)
            if progress is not None:
                progress(len(points), float(best))
        optimizer.tell(batch, np.array(losses))
    return HardwareRun(
        chip, tuple(workloads), method, inner_method, mapping_trials, seed,
        tuple(points), tuple(networks), tuple(broken), time.perf_counter() - began,
        objective, None if weights is None else tuple(weights),
    )  # fmt: skip
