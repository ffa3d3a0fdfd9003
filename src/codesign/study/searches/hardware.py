"""Hardware searches within the budget of the baseline, with mapping searches inside."""

from __future__ import annotations

import argparse
from pathlib import Path

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


def search_accelerator(
    setting: Setting,
    outer: Search,
    inner: Search,
    limits: Limits | None = None,
    layer_search: LayerSearch = map_layer,
    keeps_design: bool = True,
) -> SearchOutcome:
    """Searches an accelerator for a network: one row per hardware trial.

    `edp` is (sum of energies) · (sum of cycles), which the search minimises. `edp_of_layers` is
    the other reading of a model's EDP, the sum of its layers' EDPs.
    """
    model = setting.workload.name
    run = search_hardware(
        (setting.workload,),
        setting.chip,
        outer,
        inner,
        accounting=setting.accounting,
        limits=limits,
        start=False,
        runtime=Runtime(layer_search=layer_search),
    )
    table = hardware_trials(run, experiment="hardware", model=model)
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    add_searches(parser)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--timings", type=Path, required=True)
    parser.add_argument("--design", type=Path, required=True, help="output, the best accelerator")


def run(options: argparse.Namespace) -> None:
    """Writes the trials, the times and the best design. It continues a killed run."""
    setting = read_setting(options)
    with resuming(options.output) as layer_search:
        outer, inner = read_searches(options, options.seed)
        outcome = search_accelerator(setting, outer, inner, layer_search=layer_search)
        # The time before it was killed counts as well.
        outcome.timings["elapsed_s"] += layer_search.recalled_s
        write(outcome.trials, options.output, options, __name__)
        write(outcome.timings, options.timings, options, __name__)
        nothing = "No accelerator of this search could run every layer."
        write_best(outcome.design, options.design, nothing)
