"""Trials of searches as tables with one row per trial: `trials.parquet` (`docs/files.md`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from codesign import columns
from codesign.cost import REASONS
from codesign.search.hardware_run import HardwareRun
from codesign.search.joint import joint
from codesign.search.mapper import MappingRun
from codesign.search.network import NetworkRun
from codesign.search.objective import EDP, PARETO


def mapping_trials(run: MappingRun, **labels: str) -> pd.DataFrame:
    """The trials of a mapping search, with `labels` (experiment, model, …) as first columns.

    If there is no feasible mapping, the table has one row with the reason. For a method that
    draws raw mappings, there is a column `draws`: the number drawn up to each trial.
    """
    costs = run.costs
    if run.problem is not None:
        frame = _outcomes(np.array([False]), [run.problem], *(np.array([np.nan]) for _ in range(4)))
        parameters = pd.DataFrame()
    else:
        violations = [REASONS[code] for code in costs.reason]
        cycles = np.where(costs.valid, costs.cycles.astype(float), np.nan)
        frame = _outcomes(
            costs.valid, violations, costs.energy_pj, cycles, costs.edp, run.best_so_far_edp
        )
        if run.draws is not None:
            frame[columns.DRAWS] = run.draws
        parameters = run.parameters
    names: dict[str, str | int] = {
        "layer": run.task.layer.name,
        "hardware": run.task.hardware.name,
        "method": run.search.method,
        "seed": run.search.seed,
    }
    return _labelled(pd.concat([frame, parameters], axis=1), {**labels, **names})


def hardware_trials(run: HardwareRun, **labels: str) -> pd.DataFrame:
    """The trials of a hardware search. Energy and cycles are sums over all workloads."""
    energy, cycles, edp_of_layers = (
        np.array([total(trial) if trial else np.nan for trial in run.networks])
        for total in (_energy_pj, _cycles, _edp_of_layers)
    )
    feasible = ~np.isnan(run.edp)
    violations = [
        broken
        or next((r.problem or "no mapping" for n in trial for r in n.runs if r.best is None), None)
        for broken, trial in zip(run.violations, run.networks, strict=True)
    ]
    frame = _outcomes(feasible, violations, energy, cycles, run.edp, run.best_so_far_edp)
    frame[columns.EDP_OF_LAYERS] = edp_of_layers
    frame[columns.AREA] = run.area_mm2
    if run.alternatives:
        chosen = [trial[0].workload.name if trial else None for trial in run.networks]
        frame[columns.NETWORK] = pd.Series(chosen, dtype="str")
    if run.outer.objective not in (EDP, PARETO):
        frame[columns.OBJECTIVE] = run.values
        frame[columns.BEST_OBJECTIVE] = np.fmin.accumulate(run.values)
    if run.outer.objective == PARETO:
        frame[columns.ON_FRONT] = np.isin(np.arange(len(frame)), run.front)
    parameters = pd.DataFrame([point.named for point in run.points])
    names: dict[str, str | int] = {
        "layer": "all",
        "hardware": run.chip.hardware.name,
        "method": run.outer.method,
        "inner_method": run.inner.method,
        "seed": run.outer.seed,
    }
    return _labelled(pd.concat([frame, parameters], axis=1), {**labels, **names})


def _energy_pj(trial: Sequence[NetworkRun]) -> float:
    return sum(network.energy_pj for network in trial)


def _cycles(trial: Sequence[NetworkRun]) -> float:
    return sum(network.cycles for network in trial)


def _edp_of_layers(trial: Sequence[NetworkRun]) -> float:
    return joint([network.edp_of_layers for network in trial])


def _outcomes(
    feasible: np.ndarray,
    violations: list[str | None],
    energy_pj: np.ndarray,
    cycles: np.ndarray,
    edp: np.ndarray,
    best_edp: np.ndarray,
) -> pd.DataFrame:
    return pd.DataFrame(
        dict(
            zip(
                columns.OUTCOMES,
                (
                    np.arange(len(feasible)),
                    feasible,
                    pd.Series(violations, dtype="str"),
                    energy_pj,
                    cycles,
                    edp,
                    best_edp,
                ),
                strict=True,
            )
        )
    )


def _labelled(frame: pd.DataFrame, labels: dict[str, str | int]) -> pd.DataFrame:
    for position, (name, value) in enumerate(labels.items()):
        if name not in columns.LABELS:
            raise ValueError(f"label {name!r}, expected one of {', '.join(columns.LABELS)}")
        frame.insert(position, name, value)
    return frame
