"""The results of a hardware search: numbers for its summary, and lines to print."""

from __future__ import annotations

import math
from typing import Any

from codesign.commands.front import DESIGNS
from codesign.commands.results import Results, explain_failure, feasible_line, timings_table
from codesign.display import plural
from codesign.search.hardware_run import HardwareRun
from codesign.search.objective import PARETO
from codesign.search.output.designs import hardware_design
from codesign.search.output.trials import hardware_trials
from codesign.workload.family import Family


def hardware_results(
    found: HardwareRun,
    elapsed_s: float,
    origin: dict[str, str | int | float],
    family: Family | None = None,
) -> Results:
    """The results of a search.

    Args:
        found: the search.
        elapsed_s: the time that it took in s, including earlier runs that were stopped.
        origin: the origin of the design.
        family: the family that the workloads are of, if they are alternatives.
    """
    model = "+".join(workload.name for workload in found.workloads)
    if family is not None:
        model = family.name
    return Results(
        hardware_trials(found, experiment="search", model=model),
        timings_table([(model, "all", found.outer.method, found.outer.seed, elapsed_s)]),
        None if found.best is None else hardware_design(found, found.best, origin),
        _summary(found, elapsed_s) | _chosen(found, family),
        [*_told_choice(found, family), *_notes(found)],
        _explain(found) if found.best is None else None,
        _following(found),
    )


def _summary(found: HardwareRun, elapsed_s: float) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "trials": len(found.points),
        "feasible_share": found.feasible_share,
        "resumed_trials": found.resumed_trials,
        "elapsed_s": elapsed_s,
        "chip_value": found.chip_value,
        "saving_percent": _saving_percent(found),
    }
    if found.best is None:
        return summary
    if found.weights is not None:
        names = [workload.name for workload in found.workloads]
        summary["edp"] = float(found.edp[found.best])
        summary["weights"] = dict(zip(names, found.weights, strict=True))
    if found.outer.objective != "edp":
        summary["objective"] = found.outer.objective
        summary["objective_value"] = float(found.values[found.best])
    return summary


def _chosen(found: HardwareRun, family: Family | None) -> dict[str, Any]:
    """The network of the best trial, and its quality."""
    if family is None or found.best is None:
        return {}
    name = found.networks[found.best][0].workload.name
    quality = float(family.quality[family.names.index(name)])
    return {"network": name, "quality": quality, "candidates": len(family)}


def _told_choice(found: HardwareRun, family: Family | None) -> list[str]:
    chosen = _chosen(found, family)
    if family is None or not chosen:
        return []
    left = len(family) - len(found.workloads)
    told = f"network: {chosen['network']}, quality {chosen['quality']:g}"
    return [
        f"{told}; of {plural(len(family), 'network')} of enough quality, {left} cannot cost less "
        "than another, whatever the accelerator"
    ]


def _saving_percent(found: HardwareRun) -> float | None:
    """How much less the best one costs than the chip that the search began with, in %."""
    if found.best is None or not found.chip_value or math.isnan(found.chip_value):
        return None
    return 100 * (1 - float(found.values[found.best]) / found.chip_value)


def _notes(found: HardwareRun) -> list[str]:
    trials = len(found.points)
    lines = [feasible_line(round(trials * found.feasible_share), trials)]
    what, unit = {"energy": ("energy", "pJ"), "delay": ("delay", "cycles")}.get(
        found.outer.objective, ("EDP", "pJ·cycles")
    )
    saving = _saving_percent(found)
    if found.has_chip and found.best == 0:
        lines.append(f"no trial has less {what} than {found.chip.hardware.name}, the first trial")
    elif saving is not None and found.best is not None and found.chip_value is not None:
        lines.append(
            f"saves {saving:.3g} % of the {what} of {found.chip.hardware.name}, with which the "
            f"search began: {found.values[found.best]:.6g} instead of {found.chip_value:.6g} {unit}"
        )
    elif found.has_chip:
        lines.append(f"{found.chip.hardware.name} itself has no mapping for some layer")
    if found.is_exhausted:
        lines.append("all feasible accelerators of the space were tried")
    if found.resumed_trials:
        lines.append(f"resumed from trial {found.resumed_trials} of {trials}")
    if found.outer.objective == PARETO:
        front = plural(len(found.front), "accelerator")
        lines.append(f"front: {front} that no other beats in energy, delay and area")
    return lines


def _following(found: HardwareRun) -> list[str]:
    if found.outer.objective == PARETO and len(found.front) > 1:
        return ["codesign compare {folder}/" + DESIGNS + "/*.yaml"]
    return ["codesign show {folder}"]


def _explain(found: HardwareRun) -> str:
    """Why no accelerator was good for all workloads: the reason of the last one."""
    start = f"none of {len(found.points)} accelerators is feasible; the last one: "
    if found.violations[-1] is not None:
        return f"{start}it breaks the constraint on {found.violations[-1]}"
    runs = [r for network in found.networks[-1] for r in network.runs]
    return start + explain_failure(next(r for r in runs if r.best is None))
