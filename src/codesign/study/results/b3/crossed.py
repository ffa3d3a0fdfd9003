"""{Eyeriss, found hardware} × {row-stationary, free mapping}: the mapping of every combination.

All are mapped with the same method and number of trials. So only the hardware and the freedom of
its mappings differ.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.hardware.files import Chip
from codesign.search.network import NetworkRun, map_network
from codesign.search.settings import Search
from codesign.store.design import Design
from codesign.study.results.b3.combinations import EYERISS, FILTER_PINNED, FOUND
from codesign.study.results.r8.anatomy import PINNED
from codesign.study.running.designs import read_best
from codesign.study.running.search_options import add_search, read_search
from codesign.study.running.stage import Setting, add_setting, read_setting, write
from codesign.study.spaces import ROW_STATIONARY


def cross(
    setting: Setting, designs: Sequence[Design], search: Search, seeds: Sequence[int]
) -> pd.DataFrame:
    """Maps a network on Eyeriss and on every found accelerator, within dataflows and freely.

    Args:
        setting: the model and the baseline.
        designs: the found accelerators, each with its seed in `origin`.
        search: the mapping search of every layer, whose seed is replaced.
        seeds: the seeds for mapping Eyeriss.

    Returns:
        One row per seed, hardware and dataflow: `model, seed, hardware, dataflow, feasible,
        problem, energy_pj, cycles, edp`. If some layer has no mapping, costs are NaN, and
        `problem` is the reason.
    """
    chip = setting.chip
    row_stationary = chip.dataflow(ROW_STATIONARY)
    cases: list[tuple[int, str, Hardware, Dataflow]] = [
        (seed, EYERISS, chip.hardware, flow) for seed in seeds for flow in (row_stationary, FREE)
    ]
    for design in designs:
        seed = int(design.origin["seed"])
        flows = (row_stationary, _pinned(design, chip), FREE)
        cases += [(seed, FOUND, design.hardware, flow) for flow in flows]
    rows = []
    for seed, hardware, accelerator, flow in cases:
        run = map_network(
            setting.workload,
            accelerator,
            replace(search, seed=seed),
            dataflow=flow,
            technology=chip.technology,
            accounting=setting.accounting,
            hints=chip.hints if flow.name != ROW_STATIONARY else (),
        )
        labels = {"model": setting.workload.name, "seed": seed, "hardware": hardware}
        rows.append(labels | {"dataflow": flow.name} | _costs(run))
    return pd.DataFrame(rows)


def _pinned(design: Design, chip: Chip) -> Dataflow:
    """The dataflow of a found accelerator with H11 = H12 = 1."""
    if design.point.template != "eyeriss":
        raise InputError(f"design {design.name}: its hardware has no H11 and H12")
    flow = chip.template.dataflow(design.point.having(H11=PINNED, H12=PINNED))
    return Dataflow(FILTER_PINNED, flow.rules)


def _costs(run: NetworkRun) -> dict[str, Any]:
    problems = [search.problem or "no mapping" for search in run.runs if search.best is None]
    return {
        "feasible": run.is_feasible,
        "problem": problems[0] if problems else None,
        "energy_pj": run.energy_pj,
        "cycles": run.cycles,
        "edp": run.edp,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    parser.add_argument("--designs", type=Path, nargs="+", required=True, help="one per seed")
    add_search(parser)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the runs of one model."""
    designs = [design for path in options.designs if (design := read_best(path)) is not None]
    runs = cross(read_setting(options), designs, read_search(options), options.seeds)
    write(runs, options.output, options, __name__)
