"""The nested search: hardware outside, the mappings of every layer inside (paper, section 4)."""

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
    start: bool = True,
    runtime: Runtime | None = None,
) -> HardwareRun:
    """Searches accelerators within a chip's budget for the least cost over the workloads.

    A point that breaks a known constraint, which only methods propose that do not know any, is
    a trial that fails. That a layer turns out to have no mapping on some accelerator is the
    unknown constraint: that trial fails as well, and the method is told so. A point that comes
    again is a trial again, but nothing is searched for it; when all feasible accelerators of the
    space have been tried, the search ends before its trials are spent.

    Args:
        outer: how accelerators are searched, with what is to be minimised: `edp`, `energy`,
            `delay`, or `pareto` for the front of energy, delay and area.
        inner: how the mappings of every layer are searched. They minimise what the outer search
            does. Repeats of a whole search need another seed in both.
        limits: further known constraints.
        weights: of the workloads, all equal if None (`joint.joint`).
        start: whether the chip itself is trial 0, where it is a point of the space.
        runtime: how it is run; with `search.resume`, a killed search goes on.

    Raises:
        InputError: no workloads, a chip with nothing to search, an unknown method, a method that
            cannot search hardware, weights that are none, or limits that nothing meets.
    """
    began = time.perf_counter()
    if not workloads:
        raise InputError("workloads is empty, expected at least one")
    if weights is not None:
        check_weights(weights, len(workloads))
    cost = JointCost(outer.objective, None if weights is None else tuple(weights))
    inner = inner_of(outer, inner)
    check_method(inner.method)
    space = ChipSpace(chip, [each.distinct() for each in workloads], limits)
    runtime = runtime or Runtime()
    bench = _Bench(tuple(workloads), chip, space, inner, accounting, runtime)
    trials = _Trials(bench, cost, outer.trials)
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
    )  # fmt: skip


def _make_optimizer(outer: Search, space: ChipSpace) -> Optimizer[Any]:
    rng = np.random.default_rng([outer.seed, *outer.method.encode()])
    build: Any = ParetoSearch if outer.objective == PARETO else make_optimizer
    optimizer: Optimizer[Any] = build(outer.method, space, rng, outer.trials)
    return optimizer


@dataclass(frozen=True)
class _Bench:
    """Where accelerators are tried: the networks to map on them, and how to map these."""

    workloads: tuple[Workload, ...]
    chip: Chip
    space: ChipSpace
    inner: Search
    accounting: str
    runtime: Runtime

    def map(self, point: Point) -> Networks:
        """All networks on the accelerator of a point."""
        hardware, dataflow = self.space.hardware(point), self.space.dataflow(point)
        return tuple(
            map_network(
                workload, hardware, self.inner, dataflow=dataflow,
                technology=self.chip.technology, accounting=self.accounting,
                hints=self.chip.hints, runtime=self.runtime,
            )
            for workload in self.workloads
        )  # fmt: skip

    def area_mm2(self, point: Point) -> float:
        """The area of the accelerator of a point, mm²."""
        return self.chip.technology.area.mm2(self.space.hardware(point))


class _Trials:
    """The trials so far, and their budget.

    Args:
        bench: where they are tried.
        cost: what is minimised.
        most: how many there may be.
    """

    def __init__(self, bench: _Bench, cost: JointCost, most: int) -> None:
        self.bench, self.cost, self.most = bench, cost, most
        self.points: list[Point] = []
        self.networks: list[Networks] = []
        self.violations: list[str | None] = []
        self.is_exhausted = False
        self._known: dict[Point, Networks] = {}
        self._best = np.nan

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to try."""
        return self.is_exhausted or len(self.points) >= self.most

    def add(self, batch: Any) -> Floats:
        """Tries points one by one, as many as the budget has left; their losses [B] or [B, 3]."""
        batch = batch[: self.most - len(self.points)]
        losses = []
        for row, violation in enumerate(self.bench.space.broken(batch)):
            point = batch.point(row)
            if point in self._known and len(self._known) == self.bench.space.size:
                self.is_exhausted = True
                break
            losses.append(self._try(point, violation))
        return np.array(losses)

    def _try(self, point: Point, violation: str | None) -> Floats:
        networks: Networks = ()
        if violation is None:
            if point not in self._known:
                self._known[point] = self.bench.map(point)
            networks = self._known[point]
        self.points.append(point)
        self.networks.append(networks)
        self.violations.append(violation)
        value = self.cost.value(networks)
        self._best = np.fmin(self._best, value)
        if self.bench.runtime.progress is not None:
            self.bench.runtime.progress(len(self.points), float(self._best))
        area = self.bench.area_mm2(point) if np.isfinite(value) else np.nan
        return self.cost.loss(networks, area)
