"""The nested search: hardware outside, mappings of every layer inside (section 4 of the paper)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from codesign.errors import InputError
from codesign.hardware.files import Chip
from codesign.hardware.point import Point
from codesign.search.base import Optimizer
from codesign.search.hardware_run import HardwareRun
from codesign.search.history import Floats
from codesign.search.joint import JointCost, check_weights
from codesign.search.network import NetworkRun, Runtime, map_network
from codesign.search.objective import PARETO
from codesign.search.pareto import ParetoSearch
from codesign.search.registry import check_method, make_optimizer
from codesign.search.settings import INNER, OUTER, Search, inner_of
from codesign.space.chip_space import ChipSpace
from codesign.space.limits import Limits
from codesign.workload.workload import Workload

Networks = tuple[NetworkRun, ...]


def search_hardware(
    workloads: Sequence[Workload],
    chip: Chip,
    outer: Search = OUTER,
    inner: Search = INNER,
    *,
    accounting: str = "timeloop",
    limits: Limits | None = None,
    weights: Sequence[float] | None = None,
    alternatives: bool = False,
    start: bool = True,
    runtime: Runtime | None = None,
) -> HardwareRun:
    """Searches the hardware space of a chip for the accelerator of least cost for the workloads.

    A trial fails if its point breaks a known constraint; only methods that do not know constraints
    propose such points. A trial also fails if some layer has no mapping on the accelerator. This
    is the unknown constraint, and the method is told of the failure. A point that is proposed
    again is a trial again, but its mappings are not searched again. The search ends early if all
    feasible points of the space have been tried.

    Args:
        workloads: the workloads to run on the accelerator.
        chip: the chip with the hardware space.
        outer: the search of accelerators. Its objective is `edp`, `energy`, `delay`, or `pareto`
            for the front of energy, delay and area.
        inner: the search of every layer's mappings. It gets the objective of the outer search. To
            repeat the whole search with other random numbers, change both seeds.
        accounting: the accounting of the cost model, `timeloop` or `exact`.
        limits: further known constraints.
        weights: the weights of the workloads; all equal if None (`joint.joint`).
        alternatives: whether the accelerator runs only one of the workloads. A trial then has the
            cost of the cheapest one, and only that one is kept.
        start: whether trial 0 is the chip itself, if it is a point of the space.
        runtime: how it is run. With `search.resume`, a killed search continues.

    Raises:
        InputError: there are no workloads, the chip has nothing to search, a method is unknown or
            cannot search this space, weights are bad, or no point meets the limits.
    """
    began = time.perf_counter()
    if not workloads:
        raise InputError("workloads is empty, expected at least one")
    if weights is not None:
        check_weights(weights, len(workloads))
    if alternatives and weights is not None:
        raise InputError("weights are given, expected none for workloads that are alternatives")
    cost = JointCost(outer.objective, None if weights is None else tuple(weights), alternatives)
    inner = inner_of(outer, inner)
    check_method(inner.method)
    space = ChipSpace(chip, [each.distinct() for each in workloads], limits)
    runtime = runtime or Runtime()
    mapper = _PointMapper(tuple(workloads), chip, space, inner, accounting, runtime)
    trials = _Trials(mapper, cost, outer.trials)
    optimizer = _make_optimizer(outer, space)
    own = space.own() if start else None
    if own is not None:
        optimizer.tell(own, trials.add(own))
    while not trials.is_over:
        batch = optimizer.ask()
        losses = trials.add(batch)
        if len(losses):
            optimizer.tell(batch[: len(losses)], losses)
    return HardwareRun(
        chip, tuple(workloads), outer, inner,
        tuple(trials.points), tuple(trials.networks), tuple(trials.violations),
        cost.weights, own is not None, trials.is_exhausted, time.perf_counter() - began,
        alternatives,
    )  # fmt: skip


def _make_optimizer(outer: Search, space: ChipSpace) -> Optimizer[Any]:
    rng = np.random.default_rng([outer.seed, *outer.method.encode()])
    build: Any = ParetoSearch if outer.objective == PARETO else make_optimizer
    optimizer: Optimizer[Any] = build(outer.method, space, rng, outer.trials)
    return optimizer


@dataclass(frozen=True)
class _PointMapper:
    """Maps all workloads on the accelerators of points."""

    workloads: tuple[Workload, ...]
    chip: Chip
    space: ChipSpace
    inner: Search
    accounting: str
    runtime: Runtime

    def map(self, point: Point) -> Networks:
        """The result of mapping every workload on the accelerator of a point."""
        hardware, dataflow = self.space.hardware(point), self.chip.dataflow_at(point)
        return tuple(
            map_network(
                workload, hardware, self.inner, dataflow=dataflow,
                technology=self.chip.technology, accounting=self.accounting,
                hints=self.chip.hints, runtime=self.runtime,
            )
            for workload in self.workloads
        )  # fmt: skip

    def area_mm2(self, point: Point) -> float:
        """The area of the accelerator of a point in mm²."""
        return self.chip.technology.area.mm2(self.space.hardware(point))


class _Trials:
    """The trials so far, within a budget.

    Args:
        mapper: maps the workloads for each trial.
        cost: the cost to minimise.
        most: the budget of trials.
    """

    def __init__(self, mapper: _PointMapper, cost: JointCost, most: int) -> None:
        self.mapper, self.cost, self.most = mapper, cost, most
        self.points: list[Point] = []
        self.networks: list[Networks] = []
        self.violations: list[str | None] = []
        self.is_exhausted = False
        self._known: dict[Point, Networks] = {}
        self._best = np.nan

    @property
    def is_over(self) -> bool:
        """Whether the budget is spent or all feasible points have been tried."""
        return self.is_exhausted or len(self.points) >= self.most

    def add(self, batch: Any) -> Floats:
        """Tries the points one by one while the budget lasts, and returns losses [B] or [B, 3]."""
        batch = batch[: self.most - len(self.points)]
        losses = []
        for row, violation in enumerate(self.mapper.space.broken(batch)):
            point = batch.point(row)
            if point in self._known and len(self._known) == self.mapper.space.size:
                self.is_exhausted = True
                break
            losses.append(self._try(point, violation))
        return np.array(losses)

    def _try(self, point: Point, violation: str | None) -> Floats:
        networks: Networks = ()
        if violation is None:
            if point not in self._known:
                self._known[point] = self.cost.chosen(self.mapper.map(point))
            networks = self._known[point]
        self.points.append(point)
        self.networks.append(networks)
        self.violations.append(violation)
        value = self.cost.value(networks)
        self._best = np.fmin(self._best, value)
        if self.mapper.runtime.progress is not None:
            self.mapper.runtime.progress(len(self.points), float(self._best))
        area = self.mapper.area_mm2(point) if np.isfinite(value) else np.nan
        return self.cost.loss(networks, area)
