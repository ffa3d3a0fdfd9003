"""Proven optima: the best row-stationary mapping of every layer on the baseline."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import pandas as pd

from codesign.cost import Evaluator
from codesign.search.exact.exhaustive import exhaust
from codesign.search.task import MappingTask
from codesign.study.running.stage import ROW_STATIONARY, Setting, add_setting, read_setting, write

INFEASIBLE = "infeasible"
"""The value of `certificate` for a layer without a mapping."""


def find_optima(setting: Setting) -> pd.DataFrame:
    """The mapping of least EDP of every layer: one row per layer, with its count.

    The columns `certificate` (the verdict), `priced` and `covered` are those of the certificate
    (`search.exact`).
    """
    workload, chip = setting.workload, setting.chip
    dataflow = chip.dataflow(ROW_STATIONARY)
    rows = []
    for layer, count in zip(workload.layers, workload.counts, strict=True):
        task = MappingTask(layer, chip.hardware, chip.technology, dataflow, setting.accounting)
        rows.append(
            {
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
        return {**nothing, "certificate": INFEASIBLE, "priced": 0, "covered": 0.0}
    result = exhaust(task)
    costs = Evaluator(task.layer, task.hardware, task.technology, task.accounting).price(
        result.best
    )
    proof = result.certificate
    return {
        "energy_pj": float(costs.energy_pj[0]),
        "cycles": float(costs.cycles[0]),
        "edp": float(costs.edp[0]),
        "certificate": proof.verdict,
        "priced": proof.priced,
        "covered": proof.covered,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the optima."""
    write(find_optima(read_setting(options)), options.output, options, __name__)
