"""One accelerator for several models, and the EDP of each model on it (B5)."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from codesign.hardware.files import Chip
from codesign.search.hardware import search_hardware
from codesign.search.hardware_run import HardwareRun
from codesign.search.network import Runtime, map_network
from codesign.search.settings import Search
from codesign.study.running.search_options import add_searches, read_searches
from codesign.study.running.stage import read_chip, read_workload, write
from codesign.study.spaces import ROW_STATIONARY
from codesign.workload import Workload

OWN, JOINT, OTHERS, EYERISS = "own", "joint", "others", "eyeriss"
"""What an accelerator was found for: this model, all models, all other models; or Eyeriss."""


def share_accelerators(
    models: Sequence[Workload], chip: Chip, outer: Search, inner: Search, accounting: str
) -> pd.DataFrame:
    """The EDP of every model on accelerators found for itself, for all, and for all others.

    All searches have the budget of `chip`, and begin with it and the same start-up trials, whose
    mappings are searched once. Outer and inner searches have the same seed. Columns: `hardware,
    model, found_for, seed, edp` (pJ·cycles).
    """
    runtime = Runtime()
    search = partial(
        search_hardware, chip=chip, outer=outer, inner=inner, accounting=accounting,
        runtime=runtime,
    )  # fmt: skip
    mapped = partial(
        map_network, search=inner, technology=chip.technology, accounting=accounting,
        runtime=runtime,
    )  # fmt: skip

    def edp_on(run: HardwareRun, model: Workload) -> float:
        if run.best is None:
            return math.nan
        flow = chip.template.dataflow(run.points[run.best])
        hardware = run.hardware(run.best)
        return mapped(model, hardware, dataflow=flow, hints=chip.hints).edp

    together = search(models)
    rows = []
    for number, model in enumerate(models):
        others = [*models[:number], *models[number + 1 :]]
        flow = chip.dataflow(ROW_STATIONARY)
        rows += [
            (model.name, OWN, edp_on(search([model]), model)),
            (model.name, JOINT, edp_on(together, model)),
            (model.name, OTHERS, edp_on(search(others), model) if others else math.nan),
            (model.name, EYERISS, mapped(model, chip.hardware, dataflow=flow).edp),
        ]
    table = pd.DataFrame(rows, columns=["model", "found_for", "edp"])
    return table.assign(hardware=chip.hardware.name, seed=outer.seed)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--layers", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--hardware", required=True, help="the chip with the budget")
    parser.add_argument("--technology", required=True)
    parser.add_argument("--accounting", required=True)
    add_searches(parser)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the EDPs."""
    chip = read_chip(options.hardware, options.technology)
    models = [read_workload(path) for path in options.layers]
    searches = read_searches(options, options.seed)
    table = share_accelerators(models, chip, *searches, options.accounting)
    write(table, options.output, options, __name__)
