"""The outcome of a hardware search: every trial in order, and what follows from them."""

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
    """The outcome of a co-design search, T hardware trials in order.

    Args:
        chip, workloads: what was searched, and for which networks.
        outer, inner: how the hardware was searched, and the mappings of every layer.
        points: the trials' parameters, H1–H12 or those of a template.
        networks: [T][workloads], each workload on each accelerator; nothing for a point that
            breaks a known constraint.
        violations: [T], the known constraint that a point breaks, or None.
        weights: of the workloads, all equal if None.
        has_chip: whether trial 0 is the chip itself, as its file has it.
        is_exhausted: whether the search ended before its trials were spent, because all feasible
            accelerators of the space had been tried.
        elapsed_s: how long it took, in seconds.
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

    def summary(self) -> str:
        """Networks, chip, method, trials and the least EDP."""
        names = ", ".join(workload.name for workload in self.workloads)
        found = "nothing found" if self.best is None else f"EDP {self.best_edp:.4g} pJ·cycles"
        return (
            f"{names} within {self.chip.hardware.name}: {found} "
            f"({self.outer.method} over {self.inner.method}, {plural(len(self.points), 'trial')})"
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per trial: `trial`, the parameters, `feasible`, `violation`, joint costs, area.

        Costs are `energy_pj, cycles, edp, area_mm2`; NaN where a layer has no mapping.
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
        """What the search minimised, of any networks."""
        return JointCost(self.outer.objective, self.weights)

    def joint_cost(self, objective: str) -> NDArray[np.float64]:
        """[T], the weighted geometric mean over workloads of EDP, energy (pJ) or delay (cycles).

        NaN where a layer has no mapping.
        """
        return np.array([self.cost.of(networks, objective) for networks in self.networks])

    @property
    def edp(self) -> NDArray[np.float64]:
        """[T], pJ·cycles, the joint EDP; NaN where a layer has no mapping."""
        return self.joint_cost(EDP)

    @property
    def values(self) -> NDArray[np.float64]:
        """[T], what the search minimised: the joint cost; in a Pareto search the joint EDP."""
        return np.array([self.cost.value(networks) for networks in self.networks])

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
    def best_edp(self) -> float:
        """The least joint EDP of all trials, pJ·cycles; infinite when none was feasible."""
        return float(np.fmin.reduce(self.edp, initial=np.inf))

    @property
    def best_so_far_edp(self) -> NDArray[np.float64]:
        """[T], pJ·cycles; NaN until something is feasible."""
        return np.fmin.accumulate(self.edp)

    @property
    def feasible_share(self) -> float:
        """The share of the trials on which every layer has a mapping."""
        return float(np.isfinite(self.edp).mean())

    @property
    def chip_value(self) -> float | None:
        """What the chip itself costs, as `values`, mapped as every trial; None if not tried."""
        return float(self.values[0]) if self.has_chip else None

    @property
    def resumed_trials(self) -> int:
        """With how many trials the search began that an earlier process had finished already."""
        runs = [[run for network in trial for run in network.runs] for trial in self.networks]
        known = [all(run.is_recalled for run in trial) for trial in runs]
        first = known.index(False) if False in known else len(known)
        return first if any(runs[:first]) else 0

    def hardware(self, trial: int) -> Hardware:
        """The accelerator of a trial."""
        return self.networks[trial][0].runs[0].task.hardware
