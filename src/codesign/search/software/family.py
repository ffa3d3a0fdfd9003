"""The network of a family that costs least on an accelerator, of at least some quality."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.cost import Costs, Evaluator
from codesign.display import Displayed
from codesign.hardware.files import Chip
from codesign.mapping import MappingBatch
from codesign.search.exact.incumbent import TIE
from codesign.search.mapper import MappingRun, map_layer
from codesign.search.network import NetworkRun
from codesign.search.objective import COSTS, check_objective
from codesign.search.parallel import map_layers
from codesign.search.registry import METHODS, check_method
from codesign.search.resume import ResumedSearch
from codesign.search.settings import INNER, Search
from codesign.search.software.curve import Curve, Floats, Ints, Steps
from codesign.search.software.proven import LayerCurve, bounded_curve, proven_curve
from codesign.search.task import MappingTask
from codesign.workload.family import Family

FRONT, BEATEN, BOUNDED, UNMAPPED = "front", "beaten", "bounded", "no mapping"
"""What a search says of a network: no other beats it in quality and cost; it was mapped, and one
does; one does, because even the bound on its cost is not below; some layer has no mapping."""


@dataclass(frozen=True, repr=False, eq=False)
class SoftwareRun(Displayed):
    """The networks of a family on one accelerator, and the cheapest ones by quality.

    Args:
        family: the networks of enough quality.
        chip, search: the accelerator, and the search of every layer's mappings.
        min_quality: the least quality; None if the search was for the front.
        layers: what is known of every layer of the family.
        runs: [L], the mapping search of every layer that was mapped, by its place.
        bounds: [N], lower bounds on the cost of networks; NaN if the method does not prove.
        costs: [N], their costs by the objective; infinite if they were not mapped.
    """

    family: Family
    chip: Chip
    search: Search
    min_quality: float | None
    layers: tuple[LayerCurve, ...]
    runs: dict[int, MappingRun]
    bounds: Floats
    costs: Floats
    elapsed_s: float = field(default=0.0, compare=False)

    @property
    def front(self) -> Ints:
        """The networks that no other beats in quality and cost, by ascending cost.

        With a least quality, it is only the cheapest network; of equal ones that of most quality.
        """
        order = np.lexsort((-self.family.quality, self.costs))
        order = order[np.isfinite(self.costs[order])]
        if self.min_quality is not None:
            return order[:1]
        best = np.maximum.accumulate(self.family.quality[order])
        return order[self.family.quality[order] > np.append(-np.inf, best[:-1])]

    @property
    def best(self) -> int | None:
        """The cheapest network; None if none has a mapping."""
        front = self.front
        return int(front[0]) if len(front) else None

    @property
    def verdicts(self) -> list[str]:
        """[N], one of `FRONT`, `BEATEN`, `BOUNDED` and `UNMAPPED`."""
        on_front = set(self.front.tolist())
        can = self._can_be_mapped
        return [
            UNMAPPED if not can[row]
            else FRONT if row in on_front
            else BEATEN if math.isfinite(cost)
            else BOUNDED
            for row, cost in enumerate(self.costs)
        ]  # fmt: skip

    @property
    def _can_be_mapped(self) -> NDArray[np.bool_]:
        missing = np.array([layer.task.problem is not None for layer in self.layers])
        return np.asarray((self.family.counts[:, missing] == 0).all(axis=1))

    @property
    def certificate(self) -> tuple[str, float] | None:
        """The verdict on the cheapest network (`optimal` or `bound`), and a bound on its cost.

        No network of enough quality, with any mappings, costs less than the bound. It is None
        without a method that proves, or if nothing was found.
        """
        best = self.best
        if best is None or np.isnan(self.bounds).any():
            return None
        least = float(self.bounds.min())
        found = float(self.costs[best])
        return ("optimal", found) if found * (1 - TIE) <= least else ("bound", least)

    @property
    def problem(self) -> str | None:
        """Why nothing was found; None if something was."""
        if self.best is not None:
            return None
        for layer in self.layers:
            if layer.task.problem is not None:
                name, chip = layer.task.layer.name, layer.task.hardware.name
                return f"every network has a layer without a mapping: {name} on {chip}: " + str(
                    layer.task.problem
                )
        return "no mapping was found for some layer of every network"

    def network_run(self, row: int) -> NetworkRun:
        """A mapped network: for every layer the mapping with which the network costs least."""
        counts = self.family.counts[row]
        has = np.flatnonzero(counts)
        steps = Steps.over([self.layers[at].found for at in has])
        _, step = steps.least(counts[np.newaxis, has], self.search.objective)
        runs = []
        for at, vertex in zip(has, steps.vertices[step[0]], strict=True):
            run, points = self.runs[int(at)], self.layers[at].points[vertex : vertex + 1]
            runs.append(replace(run, points=points, costs=_price(self.layers[at], points)))
        return NetworkRun(self.family.network(row), tuple(runs))

    def summary(self) -> str:
        """Family, accelerator, objective, number of networks and what was found."""
        found = "nothing found" if self.best is None else self.family.names[self.best]
        return (
            f"{self.family.name} on {self.chip.hardware.name}: {found}, "
            f"of {len(self.family)} networks ({self.search.method}, {self.search.objective})"
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per network: `network, quality, verdict, lower_bound, cost`.

        Bound and cost are those of the objective; NaN if they are not known.
        """
        return pd.DataFrame(
            {
                "network": self.family.names,
                "quality": self.family.quality,
                "verdict": self.verdicts,
                "lower_bound": np.where(np.isfinite(self.bounds), self.bounds, np.nan),
                "cost": np.where(np.isfinite(self.costs), self.costs, np.nan),
            }
        )


def search_software(
    family: Family,
    chip: Chip,
    search: Search = INNER,
    *,
    min_quality: float | None = None,
    dataflow: str = "free",
    accounting: str = "timeloop",
    jobs: int = 1,
    known: ResumedSearch | None = None,
) -> SoftwareRun:
    """The network of least cost on an accelerator, of at least some quality; or the whole front.

    Every distinct layer of the family is mapped at most once. With the method `exact`, the result
    is proven: each network's mappings are chosen for the cost of the whole network (`curve`), and
    layers are mapped only as long as the bound of some network with them is below the cost of all
    known networks of at least its quality.

    Args:
        family: the networks and their qualities.
        chip: the accelerator, with its energy table and dataflows.
        search: the search of every layer's mappings. Its objective is also that of networks.
        min_quality: the least quality; without it, the front of quality and cost is found.
        dataflow: the name of a dataflow of the chip.
        accounting: the accounting of the cost model.
        jobs: layers to search at the same time; not with `exact`. Results do not depend on this.
        known: a journal of finished mapping searches; not with `exact`.

    Raises:
        InputError: no network has enough quality, or see `map_layer`.
    """
    began = time.perf_counter()
    check_objective(search.objective, tuple(COSTS))
    check_method(search.method)
    if min_quality is not None:
        family = family.at_least(min_quality)
    terms = (chip.hardware, chip.technology, chip.dataflow(dataflow), accounting, chip.hints)
    tasks = [MappingTask(layer, *terms) for layer in family.layers]
    found = _Found(family, tasks, search, min_quality is None)
    if METHODS[search.method].proves:
        found.prove()
    else:
        found.map_all(jobs, known)
    found.explain()
    return SoftwareRun(
        family, chip, search, min_quality, tuple(found.layers), found.runs, found.bounds,
        found.costs, time.perf_counter() - began,
    )  # fmt: skip


class _Found:
    """What is known of the networks of a family while it is searched."""

    def __init__(
        self, family: Family, tasks: list[MappingTask], search: Search, wants_front: bool
    ) -> None:
        self.family, self.tasks, self.search = family, tasks, search
        self.wants_front = wants_front
        self.layers: list[LayerCurve] = []
        self.runs: dict[int, MappingRun] = {}
        self.bounds = np.full(len(family), np.nan)
        self.costs = np.full(len(family), np.inf)

    def map_all(self, jobs: int, known: ResumedSearch | None) -> None:
        """Maps every layer that has a mapping with a method of trials."""
        feasible = [n for n, task in enumerate(self.tasks) if task.problem is None]
        runs = map_layers([self.tasks[n] for n in feasible], self.search, jobs, known)
        self.runs = dict(zip(feasible, runs, strict=True))
        self.layers = [_tried(task, self.runs.get(n)) for n, task in enumerate(self.tasks)]
        self.costs = self._least([layer.found for layer in self.layers])

    def prove(self) -> None:
        """Maps layers exactly until no network can be better than the known ones."""
        self.layers = [bounded_curve(task) for task in self.tasks]
        while True:
            self.bounds = self._least([layer.floor for layer in self.layers])
            self.costs = self._least([layer.found for layer in self.layers])
            row = self._next()
            if row is None:
                return
            for at in np.flatnonzero(self.family.counts[row]):
                if not self.layers[at].is_known:
                    self.layers[at] = proven_curve(self.tasks[at])
                    self.runs[int(at)] = _proven_run(self.layers[at], self.search)

    def explain(self) -> None:
        """Keeps the search of a layer that has no mapping, if there is no other search."""
        for at, task in enumerate(self.tasks):
            if not self.runs and task.problem is not None:
                self.runs[at] = map_layer(task, self.search)

    def _next(self) -> int | None:
        """The network of least bound that is not mapped and may be better than all known ones."""
        is_open = np.isinf(self.costs) & np.isfinite(self.bounds) & (self.bounds < self._goals())
        rows = np.flatnonzero(is_open)
        return int(rows[np.argmin(self.bounds[rows])]) if len(rows) else None

    def _goals(self) -> Floats:
        """[N], what each network has to be below: the least known cost of at least its quality."""
        if not self.wants_front:
            return np.full(len(self.family), self.costs.min() * (1 - TIE))
        order = np.argsort(-self.family.quality, kind="stable")
        least = np.minimum.accumulate(self.costs[order])
        # Networks of equal quality compete with each other.
        last = np.searchsorted(-self.family.quality[order], -self.family.quality, side="right") - 1
        return np.asarray(least[last] * (1 - TIE))

    def _least(self, curves: list[Curve]) -> Floats:
        return Steps.over(curves).least(self.family.counts, self.search.objective)[0]


def _tried(task: MappingTask, run: MappingRun | None) -> LayerCurve:
    """A layer with the best mapping of a search by trials as its only known one."""
    nothing = Curve(np.zeros(0), np.zeros(0))
    best = None if run is None else run.best
    if run is None or best is None:
        empty = MappingBatch.empty(task.layer.shape, 0, len(task.hardware.levels))
        return LayerCurve(task, nothing, nothing, empty)
    energy, cycles = run.costs.energy_pj[best], float(run.costs.cycles[best])
    found = Curve(np.array([energy]), np.array([cycles]))
    return LayerCurve(task, nothing, found, run.points[best : best + 1], runs=1)


def _proven_run(layer: LayerCurve, search: Search) -> MappingRun:
    """The mappings of a proven curve as the trials of a search."""
    return MappingRun(layer.task, search, layer.points, _price(layer, layer.points))


def _price(layer: LayerCurve, points: MappingBatch) -> Costs:
    task = layer.task
    evaluator = Evaluator(
        task.layer, task.hardware, task.technology, task.accounting, factors=task.dataflow.factors
    )
    return evaluator.price(points)
