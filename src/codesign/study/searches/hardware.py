"""Hardware searches in a hardware space, with mapping searches inside."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from codesign.columns import CHIP_EDP
from codesign.search.hardware import search_hardware
from codesign.search.mapper import LayerSearch, map_layer
from codesign.search.network import Runtime
from codesign.search.output.designs import hardware_design
from codesign.search.output.trials import hardware_trials
from codesign.search.resume import resuming
from codesign.search.settings import Search
from codesign.space.limits import Limits
from codesign.study.running.designs import write_best
from codesign.study.running.search_options import add_searches, read_searches
from codesign.study.running.stage import (
    SearchOutcome,
    Setting,
    add_setting,
    read_setting,
    timings_table,
    write,
)
from codesign.study.spaces import DRAM, HARDWARE


def search_accelerator(
    setting: Setting,
    outer: Search,
    inner: Search,
    limits: Limits | None = None,
    layer_search: LayerSearch = map_layer,
    keeps_design: bool = True,
    space: str = HARDWARE,
) -> SearchOutcome:
    """Searches an accelerator for a network: one row per hardware trial.

    Trial 0 is the chip that names the space, if it is a point of it. `edp` is (sum of energies) ·
    (sum of cycles), which the search minimises. `edp_of_layers` is the other reading of a model's
    EDP, the sum of its layers' EDPs. `chip_edp` is the EDP of the chip in this search: infinite if
    it does not run some layer, NaN if it was not tried.

    Args:
        setting: the model, and the chip with the space.
        outer, inner: the search of accelerators, and that of mappings.
        limits: further known constraints.
        layer_search: the function that searches the mappings of a layer.
        keeps_design: whether to keep the best design.
        space: the name of the hardware space in tables.
    """
    model = setting.workload.name
    run = search_hardware(
        (setting.workload,),
        setting.chip,
        outer,
        inner,
        accounting=setting.accounting,
        limits=limits,
        runtime=Runtime(layer_search=layer_search),
    )
    table = hardware_trials(run, experiment="hardware", space=space, model=model)
    of_chip = np.nan if run.chip_value is None else run.chip_value
    table[CHIP_EDP] = np.inf if run.has_chip and np.isnan(of_chip) else of_chip
    origin: dict[str, str | int | float] = {
        "search": "hardware",
        "method": outer.method,
        "mapper": inner.method,
        "seed": outer.seed,
    }
    return SearchOutcome(
        table,
        timings_table([(model, "all", outer.method, outer.seed, run.elapsed_s)]),
        None if run.best is None or not keeps_design else hardware_design(run, run.best, origin),
    )


def with_dram_bandwidth(setting: Setting, words: float) -> Setting:
    """The setting in which DRAM moves at most `words` per cycle, reads and writes together."""
    template = setting.chip.template
    storage = tuple(
        {**level, "shared_bandwidth": words} if level["name"] == DRAM else level
        for level in template.storage
    )
    chip = replace(setting.chip, template=replace(template, storage=storage))
    return replace(setting, chip=chip)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    add_searches(parser)
    parser.add_argument("--space", default=HARDWARE, help="the name of the space in tables")
    parser.add_argument("--dram-bandwidth", type=float, help="words per cycle; none: no limit")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--timings", type=Path, required=True)
    parser.add_argument("--design", type=Path, required=True, help="output, the best accelerator")


def run(options: argparse.Namespace) -> None:
    """Writes the trials, the times and the best design. It continues a killed run."""
    setting = read_setting(options)
    if options.dram_bandwidth is not None:
        setting = with_dram_bandwidth(setting, options.dram_bandwidth)
    # Designs of Eyeriss are points of the shipped template, which has DRAM without a limit.
    is_shipped = options.dram_bandwidth is None
    with resuming(options.output) as layer_search:
        outer, inner = read_searches(options, options.seed)
        outcome = search_accelerator(
            setting,
            outer,
            inner,
            layer_search=layer_search,
            keeps_design=is_shipped,
            space=options.space,
        )
        # The time before it was killed counts as well.
        outcome.timings["elapsed_s"] += layer_search.recalled_s
        write(outcome.trials, options.output, options, __name__)
        write(outcome.timings, options.timings, options, __name__)
        nothing = (
            "No accelerator of this search could run every layer."
            if is_shipped
            else "Designs with DRAM of another bandwidth than the file's are not kept."
        )
        write_best(outcome.design, options.design, nothing)
