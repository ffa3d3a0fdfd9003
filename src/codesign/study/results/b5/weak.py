"""Eyeriss mapped weakly: with the best of a few random mappings per layer (B5)."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.hardware.dataflow import FREE, Dataflow
from codesign.search.network import NetworkRun, map_network
from codesign.search.settings import Search
from codesign.study.running.stage import Setting, add_settings, read_settings, write
from codesign.study.spaces import ROW_STATIONARY


def map_weakly(setting: Setting, search: Search, seeds: Sequence[int]) -> pd.DataFrame:
    """The EDP of Eyeriss with the best of the first n mappings of a search, for every n.

    One row per n, which is the column `trials`. Further columns: `model, method, dataflow, seed,
    edp, edp_of_layers` (pJ·cycles). The free map-space has no hints.
    """
    chip = setting.chip
    flows = {ROW_STATIONARY: chip.dataflow(ROW_STATIONARY), "free": FREE}
    parts = []
    for name, flow in flows.items():
        for seed in seeds:
            place = {"model": setting.workload.name, "method": search.method, "dataflow": name}
            found = _progress(setting, flow, replace(search, seed=seed))
            parts.append(found.assign(**place, seed=seed))
    return pd.concat(parts, ignore_index=True)


def _progress(setting: Setting, flow: Dataflow, search: Search) -> pd.DataFrame:
    chip, most = setting.chip, search.trials
    network = map_network(
        setting.workload, chip.hardware, search, dataflow=flow,
        technology=chip.technology, accounting=setting.accounting,
    )  # fmt: skip
    energy, cycles, layers = (np.zeros(most) for _ in range(3))
    for count, (pj, delay) in zip(network.workload.counts, _incumbents(network, most), strict=True):
        energy, cycles = energy + count * pj, cycles + count * delay
        layers = layers + count * pj * delay
    trials = np.arange(1, most + 1)
    return pd.DataFrame({"trials": trials, "edp": energy * cycles, "edp_of_layers": layers})


def _incumbents(network: NetworkRun, most: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Energy and cycles [most] of every layer's best mapping so far; NaN before the first one."""
    found = []
    for run in network.runs:
        edp = np.where(run.costs.valid, run.costs.edp, math.inf)
        best = np.minimum.accumulate(edp)
        at = np.maximum.accumulate(np.where(edp == best, np.arange(len(edp)), 0))
        is_found = np.isfinite(best)
        energy = np.where(is_found, run.costs.energy_pj[at], np.nan)
        found.append((energy, np.where(is_found, run.costs.cycles[at], np.nan)))
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_settings(parser)
    parser.add_argument("--methods", nargs="+", required=True)
    parser.add_argument("--trials", type=int, required=True, help="most mappings per layer")
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the EDPs."""
    parts = [
        map_weakly(setting, Search(method, options.trials), options.seeds)
        for setting in read_settings(options)
        for method in options.methods
    ]
    write(pd.concat(parts, ignore_index=True), options.output, options, __name__)
