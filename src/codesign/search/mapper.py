"""The inner search: one layer, one accelerator, the best mapping within a budget of trials."""

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
from codesign.search.base import Optimizer, Rejecting
from codesign.search.objective import COSTS, check_objective
from codesign.search.registry import METHODS, check_method, make_optimizer
from codesign.search.settings import INNER, Search
from codesign.search.task import MappingTask
from codesign.space.mapping_space import MapSpace

if TYPE_CHECKING:
    from codesign.search.exact import Certificate


@dataclass(frozen=True, repr=False)
class MappingRun(Displayed):
    """The outcome of a mapping search: every trial in order, T of them.

    Args:
        task, search: what was searched, and how.
        points: the mappings tried; none when the space has no feasible mapping.
        costs: what they cost.
        problem: why there is no feasible mapping, or None.
        certificate: of a method that proves what it finds, whose only trial is the result.
        draws: [T], of a method that draws mappings in vain: those it had drawn when it asked for
            each trial.
        elapsed_s: how long it took, in seconds.
        is_recalled: whether it was taken from the journal of an earlier process
            (`search.resume`).
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
        """The trial that is best by the objective; None when none was feasible.

        Of equals it is the one of least EDP, and of those the first.
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
        """The least EDP of all trials, pJ·cycles; infinite when none was feasible."""
        return float(self.costs.edp[self.costs.valid].min(initial=np.inf))

    @property
    def feasible_share(self) -> float:
        """The share of the trials that were feasible; 0 without any trial."""
        return float(self.costs.valid.mean()) if len(self.points) else 0.0

    @property
    def best_so_far_edp(self) -> NDArray[np.float64]:
        """[T], pJ·cycles; NaN until something is feasible."""
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
        """The trials' factors and loop orders by name, one row a trial."""
        return mapping_parameters(self.points, self.task)


def mapping_parameters(points: MappingBatch, task: MappingTask) -> pd.DataFrame:
    """Factors (`K.GlobalBuffer`, `K.GlobalBuffer.X`) and orders (`order.DRAM`) of mappings.

    An order lists the loops of more than one iteration, innermost first.
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
    """What searches the mappings of one layer: `map_layer`, or what gives the same."""

    def __call__(self, task: MappingTask, search: Search) -> MappingRun:
        """The finished search."""


def map_layer(task: MappingTask, search: Search = INNER) -> MappingRun:
    """Searches the map-space of a task; the same arguments give the same trials anywhere.

    The random stream depends on the seed, the method and the content of the task alone, so
    that equal layers of different networks are the same search.

    Raises:
        InputError: an unknown method, an objective that mappings do not have, or a task that
            does not make sense.
    """
    check_objective(search.objective, tuple(COSTS))
    method, cost = search.method, COSTS[search.objective]
    check_method(method)
    began = time.perf_counter()
    evaluator = Evaluator(task.layer, task.hardware, task.technology, task.accounting)
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
        rng = np.random.default_rng([search.seed, *_words(f"{method} {task.digest}")])
        optimizer = make_optimizer(method, space, rng, search.trials)
        points, costs = _try(optimizer, evaluator, space, search.trials, cost)
        draws = optimizer.draws[: search.trials] if isinstance(optimizer, Rejecting) else None
    elapsed_s = time.perf_counter() - began
    return MappingRun(task, search, points, costs, space.problem, certificate, draws, elapsed_s)


def _words(text: str) -> list[int]:
    digest = hashlib.sha256(text.encode()).digest()
    return [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]


def _try(
    optimizer: Optimizer[MappingBatch],
    evaluator: Evaluator,
    space: MapSpace,
    trials: int,
    cost: str,
) -> tuple[MappingBatch, Costs]:
    """As many mappings as there are trials, in the order asked for, with what they cost."""
    asked: list[MappingBatch] = []
    answers: list[Costs] = []
    done = 0
    while done < trials:
        points = optimizer.ask()[: trials - done]
        costs = evaluator.price(points)
        values = np.where(costs.valid, getattr(costs, cost), np.nan)
        optimizer.tell(points, np.log(values))
        asked.append(points)
        answers.append(costs)
        done += len(points)
    return space.join(asked), Costs.concatenate(answers)
