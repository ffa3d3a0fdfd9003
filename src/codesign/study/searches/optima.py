"""Proven optima: the best row-stationary mapping there is, for every layer on the baseline."""

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
"""Stands in place of a certificate's kind where a layer has no mapping at all."""


def find_optima(setting: Setting) -> pd.DataFrame:
    """Every layer's mapping of least EDP: one row a layer, with how often it occurs.

    `certificate` is the kind of the proof (`search.exact`), `priced` and `covered` how many
    mappings it priced and how many of the map-space these stand for.
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
    """Costs of the best mapping and what proves it; NaN where nothing fits."""
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
