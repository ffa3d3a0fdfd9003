"""Mapping search on the baseline accelerator: every layer of a network, one method, all seeds."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from codesign.search.mapper import LayerSearch, map_layer
from codesign.search.resume import resuming
from codesign.search.tables import mapping_trials
from codesign.search.task import MappingTask
from codesign.study.stage import (
    ROW_STATIONARY,
    Outcome,
    Setting,
    add_setting,
    read_setting,
    timings_table,
    write,
)


def map_layers(
    setting: Setting,
    method: str,
    trials: int,
    seeds: Sequence[int],
    layer_search: LayerSearch = map_layer,
) -> Outcome:
    """Searches mappings of every layer, once a seed, within Eyeriss's dataflow."""
    chip, model = setting.chip, setting.workload.name
    dataflow = chip.dataflow(ROW_STATIONARY)
    tables, timings = [], []
    for layer in setting.workload.layers:
        task = MappingTask(layer, chip.hardware, chip.technology, dataflow, setting.accounting)
        for seed in seeds:
            run = layer_search(task, method, trials, seed)
            tables.append(mapping_trials(run, experiment="mapping", model=model))
            timings.append((model, layer.name, method, seed, run.elapsed_s))
    return Outcome(pd.concat(tables, ignore_index=True), timings_table(timings))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    parser.add_argument("--method", required=True)
    parser.add_argument("--trials", type=int, required=True, help="mappings tried a layer")
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--timings", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the trials and the times; goes on where a killed run ended."""
    setting = read_setting(options)
    with resuming(options.output) as layer_search:
        outcome = map_layers(setting, options.method, options.trials, options.seeds, layer_search)
        write(outcome.trials, options.output, options, __name__)
        write(outcome.timings, options.timings, options, __name__)
