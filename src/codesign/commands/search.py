"""`codesign search`: searches accelerators and the mappings on them together."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codesign.commands.options import (
    METHODS,
    add_command,
    add_cost_options,
    add_search_options,
    add_technology,
    progress_bar,
    read_technology,
    whole,
)

if TYPE_CHECKING:
    from codesign.hardware.files import Chip
    from codesign.search.codesign import HardwareRun
    from codesign.workload import Workload

_DESCRIPTION = """\
Searches accelerators within a budget of PEs and buffers, and on each one the mappings of every
layer, for the least energy-delay product. Several workloads share one accelerator, and the
geometric mean of their products counts.
"""

_EXAMPLES = """\
  codesign search --workload dqn --hardware-space eyeriss-168 --output results/dqn-found
  codesign search --workload resnet mlp --hardware-space eyeriss-168 --method bo \\
      --hardware-trials 100 --mapping-trials 250 --seed 1 --output results/shared
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(
        subparsers, "search", "search accelerators and mappings", _DESCRIPTION, _EXAMPLES
    )
    parser.add_argument(
        "--workload",
        metavar="W",
        nargs="+",
        required=True,
        help="names from config/workloads or YAML files (docs/files.md)",
    )
    parser.add_argument(
        "--hardware-space",
        metavar="H",
        required=True,
        help="a name from config/hardware or a YAML file: its budget and space are searched",
    )
    parser.add_argument(
        "--method", metavar="M", default="tpe", help=f"searches the hardware: {METHODS}"
    )
    parser.add_argument(
        "--hardware-trials", metavar="N", type=whole, default=50, help="accelerators to try"
    )
    parser.add_argument(
        "--inner-method",
        metavar="M",
        default="bo",
        help="searches the mappings of every layer: random, tpe, bo, … or exact, which proves"
        " what it finds",
    )
    parser.add_argument(
        "--mapping-trials",
        metavar="N",
        type=whole,
        default=250,
        help="mappings to try for every layer and accelerator",
    )
    add_search_options(parser)
    add_cost_options(parser)
    add_technology(parser, "the hardware file's")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    from codesign.commands.results import Results, timings_table, write_results
    from codesign.hardware.files import load_chip
    from codesign.search.designs import hardware_design
    from codesign.search.tables import hardware_trials
    from codesign.store.atomic import output_folder
    from codesign.workload import load_workload

    workloads = [load_workload(source) for source in options.workload]
    _require_distinct_names([workload.name for workload in workloads])
    chip = load_chip(options.hardware_space)
    chip = replace(chip, technology=read_technology(options.technology, chip.technology))
    origin = _origin(options)
    metadata = _metadata(options, workloads, chip, origin)
    with output_folder(options.output) as folder:
        found = _search(options, workloads, chip)
        model = "+".join(workload.name for workload in workloads)
        results = Results(
            hardware_trials(found, experiment="search", model=model),
            timings_table([(model, "all", options.method, options.seed, found.elapsed_s)]),
            None if found.best is None else hardware_design(found, found.best, origin),
            {"trials": len(found.points), "elapsed_s": found.elapsed_s},
        )
        code = write_results(results, folder, metadata)
    if found.best is None:
        print(f"codesign: {_explain(found)}", file=sys.stderr)
    return code


def _origin(options: argparse.Namespace) -> dict[str, str | int | float]:
    return {
        "command": "search",
        "method": options.method,
        "hardware_trials": options.hardware_trials,
        "inner_method": options.inner_method,
        "mapping_trials": options.mapping_trials,
        "seed": options.seed,
    }


def _metadata(
    options: argparse.Namespace,
    workloads: list[Workload],
    chip: Chip,
    origin: dict[str, str | int | float],
) -> dict[str, str]:
    """Of the result tables: all that was searched, since names can come to mean other things."""
    from codesign.hardware.writing import budget_fields
    from codesign.store.provenance import run_metadata
    from codesign.workload.writing import workload_fields

    config = {
        **origin,
        "workloads": [workload_fields(workload) for workload in workloads],
        "budget": None if chip.budget is None else budget_fields(chip.budget),
        "space": {name.upper(): values for name, values in chip.domains},
    }
    return run_metadata(config, chip.technology, options.accounting)


def _search(options: argparse.Namespace, workloads: list[Workload], chip: Chip) -> HardwareRun:
    from codesign.search.codesign import search_hardware

    with progress_bar(options.hardware_trials, "accelerators") as bar:

        def progress(trial: int, best_edp: float) -> None:
            bar.update(trial - bar.n)
            bar.set_postfix_str(f"best EDP {best_edp:.4g}")

        return search_hardware(
            workloads,
            chip,
            options.method,
            options.hardware_trials,
            options.inner_method,
            options.mapping_trials,
            options.seed,
            options.accounting,
            progress=progress,
        )


def _require_distinct_names(names: list[str]) -> None:
    from codesign.errors import InputError

    for name in names:
        if names.count(name) > 1:
            raise InputError(f"--workload: {name!r} stands twice")


def _explain(found: HardwareRun) -> str:
    """Why no accelerator was good for all workloads: the last one's reason."""
    from codesign.commands.results import explain_failure

    start = f"none of {len(found.points)} accelerators would do; of the last: "
    if found.violations[-1] is not None:
        return f"{start}it breaks the constraint on {found.violations[-1]}"
    runs = [r for network in found.networks[-1] for r in network.runs]
    return start + explain_failure(next(r for r in runs if r.best is None))
