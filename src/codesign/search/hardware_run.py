"""The result of a hardware search: every trial in order, and what is computed from them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.display import Displayed, plural
from codesign.hardware.architecture import Hardware
from codesign.hardware.files import Chip
from codesign.hardware.point import Point
from codesign.search.joint import JointCost
from codesign.search.network import NetworkRun
from codesign.search.objective import EDP
from codesign.search.pareto import front
from codesign.search.settings import Search
from codesign.workload.workload import Workload


@dataclass(frozen=True, repr=False)
class HardwareRun(Displayed):
    """The result of a hardware search, with all T trials in order.

    Args:
        chip, workloads: the chip with the space, and the workloads.
        outer, inner: the search of the hardware, and the search of every layer's mappings.
        points: [T], the points of the trials.
        networks: [T][workloads], the workloads on the accelerator of each trial; empty for a point
            that breaks a known constraint. Of alternatives, only the cheapest one.
        violations: [T], the name of the known constraint that a point breaks, or None.
        weights: the weights of the workloads; all equal if None.
        has_chip: whether trial 0 is the chip itself.
        is_exhausted: whether the search ended early because all feasible points of the space had
            been tried.
        elapsed_s: the time it took, in seconds.
        alternatives: whether the accelerator runs only one of the workloads.
    """

    chip: Chip
    workloads: tuple[Workload, ...]
    outer: Search
    inner: Search
    points: tuple[Point, ...]
    networks: tuple[tuple[NetworkRun, ...], ...]
    violations: tuple[str | None, ...]
    weights: tuple[float, ...] | None = None
    has_chip: bool = False
    is_exhausted: bool = False
    elapsed_s: float = field(default=0.0, compare=False)
    alternatives: bool = False

    def summary(self) -> str:
        """Networks, chip, least EDP, methods, and number of trials."""
        names = ", ".join(workload.name for workload in self.workloads)
        if self.alternatives:
            names = f"one of {plural(len(self.workloads), 'network')}"
        found = "nothing found" if self.best is None else f"EDP {self.best_edp:.4g} pJ·cycles"
        return (
            f"{names} within {self.chip.hardware.name}: {found} "
            f"({self.outer.method} over {self.inner.method}, {plural(len(self.points), 'trial')})"
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per trial: `trial`, the parameters, `feasible`, `violation`, and joint costs.

        Costs are `energy_pj, cycles, edp, area_mm2`; NaN if a layer has no mapping.
        """
        parameters = pd.DataFrame([point.named for point in self.points])
        costs = pd.DataFrame(
            {
                "feasible": np.isfinite(self.edp),
                "violation": pd.Series(self.violations, dtype="str"),
                "energy_pj": self.criteria[:, 0],
                "cycles": self.criteria[:, 1],
                "edp": self.edp,
                "area_mm2": self.area_mm2,
            }
        )
        parameters.insert(0, "trial", np.arange(len(self.points)))
        return pd.concat([parameters, costs], axis=1)

    @property
    def cost(self) -> JointCost:
        """The function of networks that the search minimised."""
        return JointCost(self.outer.objective, self.weights)

    def joint_cost(self, objective: str) -> NDArray[np.float64]:
        """[T], the weighted geometric mean over workloads of EDP, energy (pJ) or delay (cycles).

        It is NaN if a layer has no mapping.
        """
        return np.array([self.cost.of(networks, objective) for networks in self.networks])

    @property
    def edp(self) -> NDArray[np.float64]:
        """[T], the joint EDP in pJ·cycles; NaN if a layer has no mapping."""
        return self.joint_cost(EDP)

    @property
    def values(self) -> NDArray[np.float64]:
        """[T], the joint cost by the objective of the search; for `pareto`, the joint EDP."""
        return np.array([self.cost.value(networks) for networks in self.networks])

    @property
    def criteria(self) -> NDArray[np.float64]:
        """[T, 3], joint energy in pJ, joint delay in cycles, area in mm²."""
        costs = [self.joint_cost("energy"), self.joint_cost("delay"), self.area_mm2]
        return np.stack(costs, axis=1)

    @property
    def front(self) -> NDArray[np.int64]:
        """The trials that no other trial dominates in energy, delay and area."""
        return front(self.criteria)

    @property
    def area_mm2(self) -> NDArray[np.float64]:
        """[T], the areas in mm²; NaN if a point breaks a known constraint."""
        area = self.chip.technology.area
        return np.array(
            [
                area.mm2(self.hardware(trial)) if networks else np.nan
                for trial, networks in enumerate(self.networks)
            ]
        )

    @property
    def best(self) -> int | None:
        """The best trial by `values`, the first if several are equal; None if none was feasible."""
        values = self.values
        return None if np.isnan(values).all() else int(np.nanargmin(values))

    @property
    def best_edp(self) -> float:
        """The least joint EDP of all trials in pJ·cycles; infinite if none was feasible."""
        return float(np.fmin.reduce(self.edp, initial=np.inf))

    @property
    def best_so_far_edp(self) -> NDArray[np.float64]:
        """[T], the least EDP up to each trial in pJ·cycles; NaN before the first feasible one."""
        return np.fmin.accumulate(self.edp)

    @property
    def feasible_share(self) -> float:
        """The share of trials in which every layer has a mapping."""
        return float(np.isfinite(self.edp).mean())

    @property
    def chip_value(self) -> float | None:
        """The value (as in `values`) of the chip itself; None if it was not tried."""
        return float(self.values[0]) if self.has_chip else None

    @property
    def resumed_trials(self) -> int:
        """How many of the first trials were finished by an earlier process (`search.resume`)."""
        runs = [[run for network in trial for run in network.runs] for trial in self.networks]
        known = [all(run.is_recalled for run in trial) for trial in runs]
        first = known.index(False) if False in known else len(known)
        return first if any(runs[:first]) else 0

    def hardware(self, trial: int) -> Hardware:
        """The accelerator of a trial."""
        return self.networks[trial][0].runs[0].task.hardware
