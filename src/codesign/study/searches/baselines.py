"""The baseline: a network on the baseline accelerator, mapped like candidates in a search."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from codesign.search.mapper import MappingRun
from codesign.search.network import map_network
from codesign.search.output.designs import mapping_design
from codesign.search.settings import Search
from codesign.study.running.designs import write_best
from codesign.study.running.search_options import add_search, read_search
from codesign.study.running.stage import (
    SearchOutcome,
    Setting,
    add_setting,
    read_setting,
    timings_table,
    write,
)
from codesign.study.spaces import ROW_STATIONARY


def map_baseline(
    setting: Setting, search: Search, dataflow: str = ROW_STATIONARY, keeps_design: bool = True
) -> SearchOutcome:
    """The best mapping of every layer in a dataflow of the chip: one row per layer, with its count.

    The design is None if some layer has no mapping, or if it is not to be kept.
    """
    chip, model = setting.chip, setting.workload.name
    network = map_network(
        setting.workload,
        chip.hardware,
        search,
        dataflow=chip.dataflow(dataflow),
        technology=chip.technology,
        accounting=setting.accounting,
    )
    counts = dict(zip(network.workload.layers, network.workload.counts, strict=True))
    rows = [
        {
            "experiment": "baseline",
            "model": model,
            "layer": run.task.layer.name,
            "hardware": chip.hardware.name,
            "method": search.method,
            "seed": search.seed,
            "trials": search.trials,
            "count": counts[run.task.layer],
            "feasible": run.best is not None,
            **_best(run),
        }
        for run in network.runs
    ]
    how = (search.method, search.seed)
    timings = [(model, run.task.layer.name, *how, run.elapsed_s) for run in network.runs]
    origin: dict[str, str | int | float] = {
        "search": "baseline",
        "dataflow": dataflow,
        "method": search.method,
        "seed": search.seed,
    }
    is_kept = keeps_design and network.is_feasible
    design = mapping_design(network, chip, origin) if is_kept else None
    return SearchOutcome(pd.DataFrame(rows), timings_table(timings), design)


def _best(run: MappingRun) -> dict[str, float]:
    """Energy, cycles and EDP of the best mapping; NaN if there is none."""
    if run.best is None:
        return dict.fromkeys(("energy_pj", "cycles", "edp"), float("nan"))
    costs, at = run.costs, run.best
    values = {"energy_pj": costs.energy_pj[at], "cycles": costs.cycles[at], "edp": costs.edp[at]}
    return {name: float(value) for name, value in values.items()}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    add_search(parser)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--timings", type=Path, required=True)
    parser.add_argument("--design", type=Path, required=True, help="output, the mappings")


def run(options: argparse.Namespace) -> None:
    """Writes the costs of layers, the times, and the design."""
    setting = read_setting(options)
    outcome = map_baseline(setting, read_search(options, options.seed))
    write(outcome.trials, options.output, options, __name__)
    write(outcome.timings, options.timings, options, __name__)
    nothing = "Some layer has no mapping on the baseline."
    write_best(outcome.design, options.design, nothing)
