"""Proven optima: the best mapping of every layer in a map-space."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import pandas as pd

from codesign.cost import Evaluator
from codesign.search.exact import solve
from codesign.search.exact.exhaustive import exhaust
from codesign.search.task import MappingTask
from codesign.study.running.stage import (
    BASELINE_SPACE,
    MapSpaceName,
    Setting,
    add_setting,
    add_space,
    read_setting,
    read_space,
    write,
)
from codesign.study.spaces import ROW_STATIONARY

INFEASIBLE = "infeasible"
"""The value of `certificate` for a layer without a mapping."""

MOST_WORK = 20_000_000
"""The steps of the exact mapper after which the proof for a layer ends with a bound."""


def find_optima(setting: Setting, space: MapSpaceName = BASELINE_SPACE) -> pd.DataFrame:
    """The mapping of least EDP of every layer: one row per layer, with its count.

    All mappings of the row-stationary space are priced; in other map-spaces, the optimum is proven
    by branch and bound. The columns `certificate` (the verdict), `lower_bound_edp`, `priced` and
    `covered` are those of the certificate (`search.exact`).
    """
    workload, chip = setting.workload, setting.chip
    dataflow = chip.dataflow(space.dataflow)
    rows = []
    for layer, count in zip(workload.layers, workload.counts, strict=True):
        task = MappingTask(layer, chip.hardware, chip.technology, dataflow, setting.accounting)
        rows.append(
            {
                "space": space.name,
                "model": workload.name,
                "layer": layer.name,
                "count": count,
                "hardware": chip.hardware.name,
                **_optimum(task),
            }
        )
    return pd.DataFrame(rows)


def _optimum(task: MappingTask) -> dict[str, str | int | float]:
    """The costs of the best mapping, with its proof; NaN if no mapping fits."""
    if task.problem is not None:
        nothing = dict.fromkeys(("energy_pj", "cycles", "edp"), math.nan)
        unknown = {"lower_bound_edp": math.nan, "priced": 0, "covered": 0.0}
        return {**nothing, "certificate": INFEASIBLE, **unknown}
    is_small = task.dataflow.name == ROW_STATIONARY
    result = exhaust(task) if is_small else solve(task, most_work=MOST_WORK)
    costs = Evaluator(task.layer, task.hardware, task.technology, task.accounting).price(
        result.best
    )
    proof = result.certificate
    return {
        "energy_pj": float(costs.energy_pj[0]),
        "cycles": float(costs.cycles[0]),
        "edp": float(costs.edp[0]),
        "certificate": proof.verdict,
        "lower_bound_edp": proof.lower_bound,
        "priced": proof.priced,
        "covered": proof.covered,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    add_space(parser)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the optima."""
    write(
        find_optima(read_setting(options), read_space(options)), options.output, options, __name__
    )
