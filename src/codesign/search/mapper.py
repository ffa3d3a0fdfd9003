"""The inner search: the best mapping of a layer on an accelerator, within a budget of trials."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.cost import Costs, Evaluator
from codesign.cost.evaluate import costs_frame
from codesign.display import Displayed
from codesign.mapping import Mapping, MappingBatch
from codesign.search.base import Optimizer, Rejecting, losses
from codesign.search.objective import COSTS, check_objective
from codesign.search.registry import METHODS, check_method, make_optimizer
from codesign.search.settings import INNER, Search
from codesign.search.task import MappingTask
from codesign.space.mapping_space import MapSpace

if TYPE_CHECKING:
    from codesign.search.exact import Certificate


@dataclass(frozen=True, repr=False)
class MappingRun(Displayed):
    """The result of a mapping search, with all T trials in order.

    Args:
        task, search: what was searched, and how.
        points: the mappings of the trials; none if the map-space has no feasible mapping.
        costs: their costs.
        problem: why there is no feasible mapping, or None.
        certificate: the proof, from a method that proves; its only trial is the best mapping.
        draws: [T], from a method that draws raw mappings: the number drawn up to each trial.
        elapsed_s: the time it took, in seconds.
        is_recalled: whether it is from the journal of an earlier process (`search.resume`).
    """

    task: MappingTask
    search: Search
    points: MappingBatch
    costs: Costs
    problem: str | None = None
    certificate: Certificate | None = None
    draws: NDArray[np.int64] | None = None
    elapsed_s: float = field(default=0.0, compare=False)
    is_recalled: bool = field(default=False, compare=False)

    @property
    def best(self) -> int | None:
        """The best trial by the objective; None if no trial was feasible.

        Among equally good trials, it is the one with the least EDP, and among those the first.
        """
        if not self.costs.valid.any():
            return None
        edp = self.costs.edp
        values = np.where(
            self.costs.valid, getattr(self.costs, COSTS[self.search.objective]), np.inf
        )
        return int(np.nanargmin(np.where(values == values.min(), edp, np.nan)))

    @property
    def best_mapping(self) -> Mapping | None:
        """The mapping of the best trial."""
        if self.best is None:
            return None
        names = tuple(level.name for level in self.task.hardware.levels)
        return replace(self.points.mapping(self.best), names=names)

    @property
    def best_edp(self) -> float:
        """The least EDP of all trials in pJ·cycles; infinite if none was feasible."""
        return float(self.costs.edp[self.costs.valid].min(initial=np.inf))

    @property
    def feasible_share(self) -> float:
        """The share of trials that were feasible; 0 if there are no trials."""
        return float(self.costs.valid.mean()) if len(self.points) else 0.0

    @property
    def best_so_far_edp(self) -> NDArray[np.float64]:
        """[T], the least EDP up to each trial in pJ·cycles; NaN before the first feasible one."""
        return np.fmin.accumulate(self.costs.edp)

    def summary(self) -> str:
        """Layer, accelerator, method, trials and the least EDP."""
        found = f"EDP {self.best_edp:.4g} pJ·cycles" if self.best is not None else "nothing found"
        proof = "" if self.certificate is None else f", {self.certificate.verdict}"
        return (
            f"{self.task.layer.name} on {self.task.hardware.name}: {found}{proof} "
            f"({self.search.method}, {len(self.points)} trials)"
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per trial: `trial`, the costs (`cost.costs_frame`), and the mapping's factors."""
        costs = costs_frame(self.costs, self.task.hardware)
        costs.insert(0, "trial", np.arange(len(costs)))
        return pd.concat([costs, self.parameters], axis=1)

    @property
    def parameters(self) -> pd.DataFrame:
        """One row per trial: its factors and loop orders (`mapping_parameters`)."""
        return mapping_parameters(self.points, self.task)


def mapping_parameters(points: MappingBatch, task: MappingTask) -> pd.DataFrame:
    """One row per mapping: factors (`K.GlobalBuffer`, `K.GlobalBuffer.X`) and `order.DRAM`, ….

    An order lists the loops whose size exceeds 1, innermost first.
    """
    letters = task.layer.shape.dimensions
    names = [level.name for level in task.hardware.levels]
    columns: dict[str, object] = {}
    for s, level in enumerate(names):
        for d, letter in enumerate(letters):
            columns[f"{letter}.{level}"] = points.temporal[:, s, d]
            for axis, fanout in enumerate(task.hardware.fanouts[s]):
                if fanout > 1:
                    columns[f"{letter}.{level}.{'XY'[axis]}"] = points.spatial[:, s, axis, d]
    for s, level in enumerate(names):
        columns[f"order.{level}"] = [
            "".join(letters[d] for d in order if bounds[d] > 1)
            for order, bounds in zip(points.order[:, s], points.temporal[:, s], strict=True)
        ]
    return pd.DataFrame(columns)


class LayerSearch(Protocol):
    """A function that searches the mappings of one layer: `map_layer`, or one with its results."""

    def __call__(self, task: MappingTask, search: Search) -> MappingRun:
        """The result of the search."""


def map_layer(task: MappingTask, search: Search = INNER) -> MappingRun:
    """Searches the map-space of a task. Equal arguments give equal trials on every machine.

    The random stream depends only on the seed, the method and the content of the task. So equal
    layers of different networks have equal searches.

    Raises:
        InputError: the method is unknown, mappings do not have the objective, or the dataflow does
            not suit the layer or the hardware.
    """
    check_objective(search.objective, tuple(COSTS))
    method, cost = search.method, COSTS[search.objective]
    check_method(method)
    began = time.perf_counter()
    evaluator = Evaluator(
        task.layer, task.hardware, task.technology, task.accounting, factors=task.dataflow.factors
    )
    space = MapSpace(task.layer, task.hardware, task.dataflow, task.hints)
    certificate, draws = None, None
    if space.problem is not None:
        points = MappingBatch.empty(task.layer.shape, 0, len(task.hardware.levels))
        costs = evaluator.price(points)
    elif METHODS[method].proves:
        result = METHODS[method].build(task, search.objective)
        points, certificate = result.best, result.certificate
        costs = evaluator.price(points)
    else:
        rng = np.random.default_rng([search.seed, *_seeds(f"{method} {task.digest}")])
        optimizer = make_optimizer(method, space, rng, search.trials)
        points, costs = _try(optimizer, evaluator, space, search.trials, cost)
        draws = optimizer.draws[: search.trials] if isinstance(optimizer, Rejecting) else None
    elapsed_s = time.perf_counter() - began
    return MappingRun(task, search, points, costs, space.problem, certificate, draws, elapsed_s)


def _seeds(text: str) -> list[int]:
    digest = hashlib.sha256(text.encode()).digest()
    return [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]


def _try(
    optimizer: Optimizer[MappingBatch],
    evaluator: Evaluator,
    space: MapSpace,
    trials: int,
    cost: str,
) -> tuple[MappingBatch, Costs]:
    """The mappings of all trials, in the order in which they were proposed, with their costs."""
    asked: list[MappingBatch] = []
    answers: list[Costs] = []
    done = 0
    while done < trials:
        points = optimizer.ask()[: trials - done]
        costs = evaluator.price(points)
        values = np.where(costs.valid, getattr(costs, cost), np.nan)
        optimizer.tell(points, losses(values))
        asked.append(points)
        answers.append(costs)
        done += len(points)
    return space.join(asked), Costs.concatenate(answers)
