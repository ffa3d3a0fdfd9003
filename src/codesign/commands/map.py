"""`codesign map`: searches mappings of a layer or a network on one accelerator."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
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
    from codesign.search.codesign import Memory, NetworkRun
    from codesign.search.mapper import MappingRun, MappingTask

_DESCRIPTION = """\
Searches, for every layer of a network, the mapping of least energy-delay product on a given
accelerator: tile sizes, spatial split and loop orders.
"""

_EXAMPLES = """\
  codesign map --workload resnet --layer ResNet-K4 --hardware eyeriss-168 --output results/k4
  codesign map --workload resnet18 --hardware eyeriss-168 --dataflow row-stationary \\
      --method bo --trials 500 --seed 3 --jobs 4 --output results/resnet18
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
    parser.add_argument("--method", metavar="M", default="tpe", help=f"search method: {METHODS}")
    parser.add_argument(
        "--trials", metavar="N", type=whole, default=250, help="mappings to try for every layer"
    )
    add_search_options(parser)
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
    from dataclasses import replace

    from codesign.commands.results import Results, explain_failure, write_results
    from codesign.hardware.files import load_chip
    from codesign.hardware.writing import hardware_fields
    from codesign.search.codesign import map_network
    from codesign.search.designs import mapping_design
    from codesign.store.atomic import output_folder
    from codesign.store.provenance import run_metadata
    from codesign.workload import Workload, load_workload
    from codesign.workload.writing import workload_fields

    workload = load_workload(options.workload)
    if options.layer is not None:
        workload = Workload(workload.name, (workload.layer(options.layer),), (1,))
    chip = load_chip(options.hardware)
    chip = replace(chip, technology=read_technology(options.technology, chip.technology))
    dataflow = chip.dataflow(options.dataflow)
    origin = {
        "command": "map",
        "dataflow": dataflow.name,
        "method": options.method,
        "trials": options.trials,
        "seed": options.seed,
    }
    config = origin | {
        "workload": workload_fields(workload),
        "hardware": hardware_fields(chip.hardware),
        "rules": repr(dataflow.rules),
    }
    metadata = run_metadata(config, chip.technology, options.accounting)
    began = time.perf_counter()
    with output_folder(options.output) as folder:
        search = (options.method, options.trials, options.seed)
        terms = (chip.hardware, dataflow, chip.technology)
        memory = _search(workload, *terms, options.accounting, search, options.jobs)
        network = map_network(workload, *terms, *search, options.accounting, memory)
        found = network.is_feasible
        results = Results(
            _trials(network),
            _timings(network),
            mapping_design(network, chip, origin) if found else None,
            {
                "trials": sum(len(r.points) for r in network.runs),
                "elapsed_s": time.perf_counter() - began,
            },
        )
        code = write_results(results, folder, metadata)
    for failed in network.runs if not found else ():
        if failed.best is None:
            print(f"codesign: {explain_failure(failed)}", file=sys.stderr)
    return code


def _search(
    workload: Any,
    hardware: Any,
    dataflow: Any,
    technology: Any,
    accounting: str,
    search: tuple[str, int, int],
    jobs: int,
) -> Memory:
    """All mapping searches of a network, several at a time."""
    from codesign.search.mapper import MappingTask

    tasks = [
        MappingTask(layer, hardware, technology, dataflow, accounting)
        for layer in workload.distinct().layers
    ]
    # Where one layer cannot be mapped, the others are not worth a search.
    tasks = [task for task in tasks if task.problem is not None][:1] or tasks
    with progress_bar(len(tasks), "layers") as bar:
        memory: Memory = {}
        for task, finished in zip(tasks, _map_all(tasks, search, jobs), strict=True):
            memory[(task.digest, *search)] = finished
            bar.update()
    return memory


def _map_all(tasks: Sequence[MappingTask], search: tuple[str, int, int], jobs: int) -> Any:
    from codesign.search.mapper import map_layer

    if min(jobs, len(tasks)) == 1:
        yield from (map_layer(task, *search) for task in tasks)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # A forked child would inherit the locks of threads that it does not have.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(tasks)), context) as pool:
        count = len(tasks)
        yield from pool.map(map_layer, tasks, *([item] * count for item in search))


def _trials(network: NetworkRun) -> Any:
    import pandas as pd

    from codesign.search.tables import mapping_trials

    name = network.workload.name
    parts = [mapping_trials(r, experiment="map", model=name) for r in network.runs]
    return pd.concat(parts, ignore_index=True)


def _timings(network: NetworkRun) -> Any:
    from codesign.commands.results import timings_table

    def row(r: MappingRun) -> tuple[str, str, str, int, float]:
        return network.workload.name, r.task.layer.name, r.method, r.seed, r.elapsed_s

    return timings_table([row(r) for r in network.runs])
