"""Pricing mappings: the public functions of the cost model."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.accounting import Rules, require_accounting, rules_of
from codesign.cost.kernel import CostDetail, Scratch, Totals, make_scratch, price
from codesign.cost.partial.price import PartialScratch, make_partial_scratch, price_partial
from codesign.cost.tables import Floats, Ints, build_tables
from codesign.display import Displayed, plural
from codesign.errors import InputError
from codesign.factors import ANY, DIVISORS
from codesign.hardware.architecture import Hardware
from codesign.hardware.technology import PAT, Technology
from codesign.mapping.batch import MappingBatch
from codesign.mapping.mapping import Mapping
from codesign.workload.layer import Layer
from codesign.workload.workload import Workload

REASONS = (None, "fanout", "capacity")
_CHUNK = 4096


@dataclass(frozen=True, repr=False)
class Costs(Displayed):
    """The costs of B mappings. For an invalid mapping, cycles are 0 and the other costs NaN.

    Args:
        reason: int8 [B], the broken rule as an index into `REASONS`; 0 if the mapping is valid.
        level: int8 [B], the level that breaks the rule; -1 if the mapping is valid.
        cycles: int64 [B], the delay in cycles.
        energy_pj: float64 [B], the energy in pJ.
        utilization: float64 [B], the share of MACs that are busy, over all cycles; what factors
            pad does not count.
    """

    reason: NDArray[np.int8]
    level: NDArray[np.int8]
    cycles: Ints
    energy_pj: Floats
    utilization: Floats

    @classmethod
    def concatenate(cls, parts: Sequence[Costs]) -> Costs:
        """The costs of all parts, in order."""
        return cls(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in cls.__dataclass_fields__
            )
        )

    @property
    def valid(self) -> NDArray[np.bool_]:
        """bool [B], whether the mapping fits the accelerator."""
        return self.reason == 0

    @property
    def edp(self) -> Floats:
        """float64 [B], the energy-delay product in pJ·cycles."""
        return self.energy_pj * self.cycles

    def summary(self) -> str:
        """The numbers of mappings and of valid ones, and the least EDP."""
        least = f", least EDP {self.edp[self.valid].min():.4g} pJ·cycles" if any(self.valid) else ""
        return f"of {plural(len(self.reason), 'mapping')}, {self.valid.sum()} valid{least}"

    def to_frame(self) -> pd.DataFrame:
        """One row per mapping: `valid, reason, level, cycles, energy_pj, edp, utilization`.

        `level` is the index of the level that breaks the rule `reason`.
        """
        return pd.DataFrame(
            {
                "valid": self.valid,
                "reason": [REASONS[code] for code in self.reason],
                "level": [int(level) if level >= 0 else None for level in self.level],
                "cycles": np.where(self.valid, self.cycles, np.nan),
                "energy_pj": self.energy_pj,
                "edp": self.edp,
                "utilization": self.utilization,
            }
        )


class Evaluator:
    """Prices mappings of one layer on one accelerator (`docs/cost-model.md`).

    Args:
        layer, hardware, technology: the layer, the accelerator, and the energy table.
        accounting: a name of `codesign.accounting.ACCOUNTINGS`, or the switches of one.
        threads: the number of threads that share a batch. Results do not depend on it.
        factors: how factors cover the layer's sizes, a name in `codesign.factors`. Only `any`
            matters: other factors run as they are.

    Raises:
        InputError: the accounting is unknown or is not defined for these factors, a level keeps a
            dataspace that the layer does not have, a formula of the energy table fails, or, for
            `exact`, a cluster size does not divide its level's instances.
    """

    def __init__(
        self,
        layer: Layer,
        hardware: Hardware,
        technology: Technology = PAT,
        accounting: str | Rules = "timeloop",
        threads: int = 1,
        factors: str = DIVISORS,
    ) -> None:
        self.layer, self.hardware, self.rules = layer, hardware, rules_of(accounting)
        require_accounting(accounting, factors)
        if self.rules.lockstep:
            _check_clusters(hardware)
        self.threads = threads
        self.tables = build_tables(layer, hardware, technology)
        self._scratch: list[Scratch] | list[PartialScratch]
        if factors == ANY:
            self._price = price_partial
            self._scratch = [make_partial_scratch(self.tables, layer) for _ in range(threads)]
        else:
            self._price = price
            self._scratch = [make_scratch(self.tables) for _ in range(threads)]
        self._no_detail = self._blank_detail(0)

    def price(self, batch: MappingBatch) -> Costs:
        """The costs of a batch. The factors of mappings multiply to the layer's sizes, or to more:
        then all of it runs and is paid unless factors are `any`, and only the layer's own MACs
        count as utilization."""
        return self._costs(self._run(batch, detailed=False)[0])

    def detail(self, batch: MappingBatch) -> tuple[Costs, CostDetail]:
        """The costs of a batch, with the counts and energies that they are made of."""
        totals, detail = self._run(batch, detailed=True)
        if self._price is price:
            _complete(detail, batch, totals)
        return self._costs(totals), detail

    def _costs(self, totals: Totals) -> Costs:
        utilization = np.full(len(totals.reason), np.nan)
        busy = self.layer.macs / self.hardware.pes
        np.divide(busy, totals.cycles, out=utilization, where=totals.reason == 0)
        return Costs(totals.reason, totals.level, totals.cycles, totals.energy_pj, utilization)

    def _run(self, batch: MappingBatch, detailed: bool) -> tuple[Totals, CostDetail]:
        count = len(batch)
        totals = Totals(
            np.zeros(count, np.int8),
            np.zeros(count, np.int8),
            np.zeros(count, np.int64),
            np.zeros(count, np.float64),
        )
        detail = self._blank_detail(count) if detailed else self._no_detail
        if self.threads == 1 or count <= _CHUNK:
            self._run_part(self._scratch[0], batch, totals, detail)
            return totals, detail
        starts = iter(range(0, count, _CHUNK))

        def work(scratch: Scratch | PartialScratch) -> None:
            # A thread that is done takes the next rows: cores are not always equally fast.
            for start in starts:
                rows = slice(start, start + _CHUNK)
                part = Totals._make(array[rows] for array in totals)
                counts = CostDetail._make(array[rows] for array in detail)
                self._run_part(scratch, batch[rows], part, counts)

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(work, self._scratch))
        return totals, detail

    def _run_part(
        self,
        scratch: Scratch | PartialScratch,
        batch: MappingBatch,
        totals: Totals,
        detail: CostDetail,
    ) -> None:
        self._price(
            self.tables,
            scratch,
            batch.temporal,
            batch.order,
            batch.spatial,
            batch.keep,
            self.rules,
            totals,
            detail,
        )

    def _blank_detail(self, count: int) -> CostDetail:
        levels, spaces = len(self.hardware.levels), len(self.layer.shape.dataspaces)
        per_space = (count, levels, spaces)
        counts = [np.zeros(per_space, np.int64) for _ in range(5)]
        energies = [np.zeros(per_space) for _ in range(3)]
        all_counts = [np.zeros(per_space, np.int64) for _ in range(3)]
        of_levels = [np.zeros((count, levels), np.int64) for _ in range(2)]
        steps = np.zeros(count, np.int64)
        return CostDetail._make([*counts, *energies, *all_counts, *of_levels, steps])


def _complete(detail: CostDetail, batch: MappingBatch, totals: Totals) -> None:
    """Fills in what all instances count together, and the steps, where all instances do the same.

    It is done here because the kernel is faster without it.
    """
    instances = detail.instances[:, :, np.newaxis]
    np.multiply(detail.reads, instances, out=detail.all_reads)
    np.multiply(detail.fills, instances, out=detail.all_fills)
    np.multiply(detail.updates, instances, out=detail.all_updates)
    steps = batch.temporal.prod(axis=(1, 2), dtype=np.int64)
    detail.steps[:] = np.where(totals.reason == 0, steps, 0)


def _check_clusters(hardware: Hardware) -> None:
    for level in hardware.levels:
        if level.instances % level.cluster_size:
            raise InputError(
                f"hardware {hardware.name}, level {level.name}: cluster size is "
                f"{level.cluster_size}, expected a divisor of its {level.instances} instances "
                "where clusters are read in lockstep"
            )


def evaluate(
    layer: Layer | Workload,
    hardware: Hardware,
    mappings: Sequence[Mapping],
    technology: Technology = PAT,
    accounting: str = "timeloop",
    factors: str = DIVISORS,
) -> pd.DataFrame:
    """Prices mappings: one row each, `valid, reason, level, cycles, energy_pj, edp, utilization`.

    Args:
        layer: a layer, or a workload with one layer.
        hardware, mappings: the accelerator, and mappings of the layer on it.
        technology, accounting: as in `Evaluator`.
        factors: how factors cover the layer's sizes, as in `Mapping.check`.

    Raises:
        InputError: a mapping is not one of this layer on this hardware, or a workload has
            several layers.
    """
    if isinstance(layer, Workload):
        if len(layer.layers) != 1:
            names = ", ".join(each.name for each in layer.layers)
            raise InputError(f"workload {layer.name}: layers {names}, expected one to evaluate")
        layer = layer.layers[0]
    for mapping in mappings:
        mapping.check(layer, hardware, factors)
    batch = MappingBatch.of(layer.shape, mappings)
    evaluator = Evaluator(layer, hardware, technology, accounting, factors=factors)
    return costs_frame(evaluator.price(batch), hardware)


def costs_frame(costs: Costs, hardware: Hardware) -> pd.DataFrame:
    """Costs as a table, with the names of the broken rule and of its level."""
    names = [level.name for level in hardware.levels]
    levels = [names[level] if level >= 0 else None for level in costs.level]
    return costs.to_frame().assign(level=pd.Series(levels, dtype=object))
