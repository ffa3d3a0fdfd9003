"""Mapping searches in a map-space: every layer of a network, with one method and all seeds."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.cost import Costs
from codesign.search.mapper import LayerSearch, MappingRun, map_layer
from codesign.search.output.trials import mapping_trials
from codesign.search.resume import resuming
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.study.running.search_options import add_search, read_search
from codesign.study.running.stage import (
    BASELINE_SPACE,
    MapSpaceName,
    SearchOutcome,
    Setting,
    add_setting,
    add_space,
    read_setting,
    read_space,
    timings_table,
    write,
)


def map_layers(
    setting: Setting,
    search: Search,
    seeds: Sequence[int],
    space: MapSpaceName = BASELINE_SPACE,
    improving_only: bool = False,
    layer_search: LayerSearch = map_layer,
) -> SearchOutcome:
    """Searches mappings of every layer, once per seed, without hints.

    Args:
        setting: the model and the accelerator.
        search: the search, whose seed is replaced.
        seeds: the seeds.
        space: the map-space: its name, and the dataflow.
        improving_only: whether to keep only the trials of `improving`.
        layer_search: the function that searches the mappings of a layer.
    """
    chip, model = setting.chip, setting.workload.name
    dataflow = chip.dataflow(space.dataflow)
    tables, timings = [], []
    for layer in setting.workload.layers:
        task = MappingTask(layer, chip.hardware, chip.technology, dataflow, setting.accounting)
        for seed in seeds:
            run = layer_search(task, replace(search, seed=seed))
            kept = improving(run) if improving_only else np.arange(len(run.points))
            tables.append(_table(run, kept, model, space.name))
            timings.append((model, layer.name, search.method, seed, run.elapsed_s))
    return SearchOutcome(pd.concat(tables, ignore_index=True), timings_table(timings))


def improving(run: MappingRun) -> NDArray[np.int64]:
    """The trials with a lower EDP than all trials before, and the last trial."""
    so_far = run.best_so_far_edp
    before = np.concatenate([[np.inf], np.nan_to_num(so_far[:-1], nan=np.inf)])
    return np.union1d(np.flatnonzero(so_far < before), np.arange(len(so_far))[-1:])


def _table(run: MappingRun, kept: NDArray[np.int64], model: str, space: str) -> pd.DataFrame:
    """`mapping_trials` of the trials `kept`, with their original numbers."""
    if run.problem is not None or len(kept) == len(run.points):
        return mapping_trials(run, experiment="mapping", space=space, model=model)
    costs = Costs(*(getattr(run.costs, field)[kept] for field in Costs.__dataclass_fields__))
    draws = None if run.draws is None else run.draws[kept]
    part = replace(run, points=run.points[kept], costs=costs, draws=draws)
    table = mapping_trials(part, experiment="mapping", space=space, model=model)
    return table.assign(trial=kept)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    add_space(parser)
    add_search(parser)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument(
        "--improving-only", action="store_true", help="keep only trials that improve on all before"
    )
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--timings", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the trials and the times. It continues a killed run."""
    setting = read_setting(options)
    if options.improving_only:
        # These searches are short, and a journal would be much larger than their output.
        _search(setting, options, map_layer)
    else:
        with resuming(options.output) as layer_search:
            _search(setting, options, layer_search)


def _search(setting: Setting, options: argparse.Namespace, layer_search: LayerSearch) -> None:
    outcome = map_layers(
        setting, read_search(options), options.seeds, read_space(options), options.improving_only,
        layer_search,
    )  # fmt: skip
    write(outcome.trials, options.output, options, __name__)
    write(outcome.timings, options.timings, options, __name__)
