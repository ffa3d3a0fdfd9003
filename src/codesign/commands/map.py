"""`codesign map`: searches mappings of a layer or a network on one accelerator."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.commands.options import (
    MAPPERS,
    add_command,
    add_cost_options,
    add_objective,
    add_search_options,
    add_technology,
    progress_bar,
    read_technology,
    told_objective,
    whole,
)
from codesign.search.settings import INNER, Search

if TYPE_CHECKING:
    from codesign.hardware.files import Chip
    from codesign.search.network import NetworkRun
    from codesign.workload import Workload

_DESCRIPTION = """\
Searches, for every layer of a network, the mapping of least energy-delay product (or energy, or
delay) on a given accelerator: tile sizes, spatial split and loop orders.
"""

_EXAMPLES = """\
  codesign map --workload resnet --layer ResNet-K4 --hardware eyeriss-168 --output results/k4
  codesign map --workload resnet18 --hardware eyeriss-168 --dataflow row-stationary \\
      --method bo --trials 500 --seed 3 --jobs 4 --output results/resnet18
  codesign map --workload resnet --layer ResNet-K1 --hardware eyeriss-168 --explain
  codesign map --workload my-network.yaml --hardware my-chip.yaml --output results/mine
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(
        subparsers, "map", "search mappings on one accelerator", _DESCRIPTION, _EXAMPLES
    )
    parser.add_argument(
        "--workload",
        metavar="W",
        required=True,
        help="a name from config/workloads or a YAML file (docs/files.md)",
    )
    parser.add_argument("--layer", metavar="L", help="one of its layers (default: all of them)")
    parser.add_argument(
        "--hardware",
        metavar="H",
        required=True,
        help="a name from config/hardware or a YAML file (docs/files.md)",
    )
    parser.add_argument(
        "--dataflow",
        metavar="D",
        default="free",
        help="free, row-stationary, or another one that the hardware file defines",
    )
    parser.add_argument(
        "--method",
        metavar="M",
        default=INNER.method,
        help=f"search method: {MAPPERS}, or exact, which proves what it finds",
    )
    parser.add_argument(
        "--trials",
        metavar="N",
        type=whole,
        default=INNER.trials,
        help="mappings to try for every layer",
    )
    add_objective(
        parser, ("edp", "energy", "delay"), "energy-delay product, energy or delay of every layer"
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="search nothing: say what mappings break, what every level must hold, and what to "
        "change where there is no mapping",
    )
    add_search_options(parser, is_output_required=False)
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=whole,
        default=1,
        help="layers to search at the same time; results do not depend on it",
    )
    add_cost_options(parser)
    add_technology(parser, "the hardware file's")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    from codesign.errors import InputError

    if options.explain:
        return _explain(options)
    if options.output is None:
        raise InputError("map: --output is missing, expected the folder for the results")
    return _map(options)


def _explain(options: argparse.Namespace) -> int:
    from codesign.commands.explain import explain_layer
    from codesign.commands.results import NOTHING_FOUND
    from codesign.hardware.files import load_chip

    chip = load_chip(options.hardware)
    chip = replace(chip, technology=read_technology(options.technology, chip.technology))
    layers = _read_workload(options).distinct().layers
    is_brief = len(layers) > 1
    told = [
        explain_layer(layer, chip, options.dataflow, options.seed, is_brief) for layer in layers
    ]
    print(("\n" if all(is_mapped for _, is_mapped in told) else "\n\n").join(t for t, _ in told))
    return 0 if all(is_mapped for _, is_mapped in told) else NOTHING_FOUND


def _map(options: argparse.Namespace) -> int:
    from codesign.commands.results import (
        Results,
        explain_failure,
        join_trials,
        timings_table,
        write_results,
    )
    from codesign.hardware.files import load_chip
    from codesign.search.objective import COSTS
    from codesign.search.output.designs import mapping_design
    from codesign.search.output.trials import mapping_trials
    from codesign.store.atomic import output_folder

    workload = _read_workload(options)
    chip = load_chip(options.hardware)
    chip = replace(chip, technology=read_technology(options.technology, chip.technology))
    origin = _origin(options)
    metadata = _metadata(options, workload, chip, origin)
    began = time.perf_counter()
    with output_folder(options.output) as folder:
        network = _search(options, workload, chip)
        name, runs = workload.name, network.runs
        trials = [mapping_trials(r, experiment="map", model=name) for r in runs]
        times = [
            (name, r.task.layer.name, r.search.method, r.search.seed, r.elapsed_s) for r in runs
        ]
        summary: dict[str, Any] = {
            "trials": sum(len(r.points) for r in runs),
            "elapsed_s": time.perf_counter() - began,
        }
        if network.certificate is not None:
            bound = f"lower_bound_{COSTS[options.objective]}"
            summary["certificate"], summary[bound] = network.certificate
        design = mapping_design(network, chip, origin) if network.is_feasible else None
        results = Results(join_trials(trials), timings_table(times), design, summary)
        code = write_results(results, folder, metadata)
        _write_certificate(network, folder)
    for failed in (r for r in runs if r.best is None):
        print(f"codesign: {explain_failure(failed)} (--explain says more)", file=sys.stderr)
    return code


def _write_certificate(network: NetworkRun, folder: Path) -> None:
    """What proves the mappings, where the method is one that does; else none is left there."""
    from codesign.search.output.certificates import write_certificate

    path = folder / "certificate.json"
    if not network.is_feasible or not write_certificate(network.runs, folder / "design.yaml", path):
        # That of an earlier search would pass for one of this one.
        path.unlink(missing_ok=True)


def _read_workload(options: argparse.Namespace) -> Workload:
    from codesign.workload import Workload, load_workload

    workload = load_workload(options.workload)
    if options.layer is None:
        return workload
    return Workload(workload.name, (workload.layer(options.layer),), (1,))


def _origin(options: argparse.Namespace) -> dict[str, str | int | float]:
    return {
        "command": "map",
        "dataflow": options.dataflow,
        "method": options.method,
        "trials": options.trials,
        "seed": options.seed,
        **told_objective(options),
    }


def _metadata(
    options: argparse.Namespace,
    workload: Workload,
    chip: Chip,
    origin: dict[str, str | int | float],
) -> dict[str, str]:
    """Of the result tables: all that was searched, since names can come to mean other things."""
    from codesign.hardware.writing import hardware_fields
    from codesign.store.provenance import run_metadata
    from codesign.workload.writing import workload_fields

    config = {
        **origin,
        "workload": workload_fields(workload),
        "hardware": hardware_fields(chip.hardware),
        "rules": repr(chip.dataflow(options.dataflow).rules),
    }
    return run_metadata(config, chip.technology, options.accounting)


def _search(options: argparse.Namespace, workload: Workload, chip: Chip) -> NetworkRun:
    """The mapping searches of all distinct layers."""
    from codesign.search.network import NetworkRun
    from codesign.search.parallel import map_layers
    from codesign.search.task import MappingTask

    distinct = workload.distinct()
    terms = (chip.hardware, chip.technology, chip.dataflow(options.dataflow), options.accounting)
    tasks = [MappingTask(layer, *terms, chip.hints) for layer in distinct.layers]
    search = Search(options.method, options.trials, options.seed, options.objective)
    finished = map_layers(tasks, search, options.jobs)
    with progress_bar(len(tasks), "layers") as bar:
        runs = []
        for run_of_layer in finished:
            runs.append(run_of_layer)
            bar.update()
    return NetworkRun(distinct, tuple(runs))
