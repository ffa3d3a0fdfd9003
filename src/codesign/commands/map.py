"""`codesign map`: searches mappings of a layer or a network on one accelerator."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.commands.answers import add_json, print_json
from codesign.commands.family import add_networks, family_fields, require_one, told_family
from codesign.commands.options import (
    MAPPERS,
    add_command,
    add_cost_options,
    add_factors,
    add_objective,
    add_search_options,
    add_technology,
    at_the_end,
    chosen_chip,
    progress_bar,
    told_factors,
    told_objective,
    whole,
)
from codesign.factors import DIVISORS
from codesign.search.settings import INNER, Search

if TYPE_CHECKING:
    from codesign.commands.results import Results
    from codesign.hardware.files import Chip
    from codesign.search.network import NetworkRun
    from codesign.search.resume import ResumedSearch
    from codesign.search.task import MappingTask
    from codesign.workload import Workload

CERTIFICATE = "certificate.json"

_DESCRIPTION = """\
Searches, for every layer of a network, the mapping with the least energy-delay product (or energy,
or delay) on a given accelerator: tile sizes, spatial split and loop orders. Of a family of networks
with qualities, it finds the one that costs least, or the front of quality and cost.
"""

_EXAMPLES = """\
  codesign map --workload resnet --layer ResNet-K4 --hardware eyeriss-168 --output results/k4
  codesign map --workload resnet18 --hardware eyeriss-168 --dataflow row-stationary \\
      --method bo --trials 500 --seed 3 --jobs 4 --output results/resnet18
  codesign map --workload resnet --layer ResNet-K1 --hardware eyeriss-168 --explain
  codesign map --workload my-network.yaml --hardware my-chip.yaml --output results/mine
  codesign map --networks family.csv --min-quality 75 --hardware simba --method exact \\
      --output results/cheapest
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(
        subparsers, "map", "search mappings on one accelerator", _DESCRIPTION, _EXAMPLES
    )
    workload = parser.add_argument(
        "--workload",
        metavar="W",
        required=True,
        help="a name from config/workloads or a YAML file (docs/files.md)",
    )
    add_networks(parser, workload, "default: the front of quality and cost")
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
        help="free, row-stationary, or another dataflow that the hardware file defines",
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
        help="do not search; say which rules random mappings break, what every level must hold, "
        "and what to change if there is no mapping",
    )
    add_search_options(parser, is_output_required=False)
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=whole,
        default=1,
        help="layers to search at the same time; results do not depend on this",
    )
    add_factors(parser)
    add_cost_options(parser)
    add_technology(parser, "the hardware file's")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    from codesign.errors import InputError

    require_one(options, "--layer", "--explain")
    if options.explain:
        return _explain(options)
    if options.output is None:
        raise InputError("map: --output is missing, expected the folder for the results")
    return _map(options) if options.networks is None else _map_family(options)


def _explain(options: argparse.Namespace) -> int:
    from codesign.commands.explain import explain_layer, explanation_text
    from codesign.commands.results import NOTHING_FOUND

    chip = chosen_chip(options.hardware, options)
    layers = _read_workload(options).distinct().layers
    found = [explain_layer(layer, chip, options.dataflow, options.seed) for layer in layers]
    are_mapped = all(each.problem is None for each in found)
    if options.json:
        print_json({"layers": [each.fields() for each in found]})
    else:
        is_brief = len(layers) > 1
        told = [explanation_text(each, is_brief) for each in found]
        print(("\n" if are_mapped else "\n\n").join(told))
    return 0 if are_mapped else NOTHING_FOUND


def _map(options: argparse.Namespace) -> int:
    from codesign.commands.family import write_networks
    from codesign.commands.results import kept, tell_results, tell_resumed, write_results
    from codesign.search.resume import resuming
    from codesign.store.atomic import output_folder
    from codesign.workload.writing import workload_fields

    workload = _read_workload(options)
    chip = chosen_chip(options.hardware, options)
    origin = _origin(options)
    metadata = _metadata(options, workload_fields(workload), chip, origin)
    began = time.perf_counter()
    with (
        output_folder(options.output) as folder,
        resuming(folder / "trials.parquet") as known,
        at_the_end(lambda: kept(known, folder)),
    ):
        tell_resumed(known)
        network = _search(options, workload, chip, known)
        elapsed_s = time.perf_counter() - began + known.recalled_s
        results = _results(options, network, chip, elapsed_s, origin)
        summary = write_results(results, folder, metadata)
        _write_certificate(network, folder)
        write_networks(None, folder, metadata, origin)
    return tell_results(results, folder, summary, options.json)


def _map_family(options: argparse.Namespace) -> int:
    from codesign.commands.family import software_results, write_networks
    from codesign.commands.results import kept, tell_results, tell_resumed, write_results
    from codesign.search.resume import resuming
    from codesign.search.software import search_software
    from codesign.store.atomic import output_folder
    from codesign.store.family_file import load_family

    family = load_family(options.networks)
    chip = chosen_chip(options.hardware, options)
    origin = _origin(options)
    metadata = _metadata(options, family_fields(family), chip, origin)
    search = Search(options.method, options.trials, options.seed, options.objective)
    with (
        output_folder(options.output) as folder,
        resuming(folder / "trials.parquet") as known,
        at_the_end(lambda: kept(known, folder)),
    ):
        tell_resumed(known)
        found = search_software(
            family,
            chip,
            search,
            min_quality=options.min_quality,
            dataflow=options.dataflow,
            accounting=options.accounting,
            jobs=options.jobs,
            known=known,
        )
        results = software_results(found, found.elapsed_s + known.recalled_s, origin)
        summary = write_results(results, folder, metadata)
        write_networks(found, folder, metadata, origin)
        (folder / CERTIFICATE).unlink(missing_ok=True)
    return tell_results(results, folder, summary, options.json)


def _results(
    options: argparse.Namespace,
    network: NetworkRun,
    chip: Chip,
    elapsed_s: float,
    origin: dict[str, str | int | float],
) -> Results:
    from codesign.commands.results import (
        Results,
        explain_failure,
        feasible_line,
        join_trials,
        timings_table,
    )
    from codesign.search.objective import COSTS
    from codesign.search.output.designs import mapping_design
    from codesign.search.output.trials import mapping_trials

    name, runs = network.workload.name, network.runs
    trials = sum(len(run.points) for run in runs)
    feasible = sum(int(run.costs.valid.sum()) for run in runs)
    resumed = sum(run.is_recalled for run in runs)
    summary: dict[str, Any] = {
        "trials": trials,
        "feasible_share": feasible / trials if trials else 0.0,
        "resumed_layers": resumed,
        "elapsed_s": elapsed_s,
    }
    notes = [feasible_line(feasible, trials)]
    following = ["codesign show {folder}"]
    if network.certificate is not None:
        verdict, bound = network.certificate
        summary["certificate"], summary[f"lower_bound_{COSTS[options.objective]}"] = verdict, bound
        notes.append("proved: " + _told_proof(network, options.objective))
        following.append("codesign check {folder}/certificate.json")
    if resumed:
        notes.append(f"resumed: {resumed} of {len(runs)} layers were mapped by an earlier run")
    notes += [told for run in runs if (told := _told_idle(run.task)) is not None]
    failed = [explain_failure(run) for run in runs if run.best is None]
    return Results(
        join_trials(mapping_trials(run, experiment="map", model=name) for run in runs),
        timings_table(
            [(name, r.task.layer.name, r.search.method, r.search.seed, r.elapsed_s) for r in runs]
        ),
        mapping_design(network, chip, origin) if network.is_feasible else None,
        summary,
        notes,
        "; ".join(failed) + " (--explain says more)" if failed else None,
        following,
    )


def _told_proof(network: NetworkRun, objective: str) -> str:
    assert network.certificate is not None
    verdict, bound = network.certificate
    if verdict == "optimal":
        return "no mapping costs less"
    gap = 100 * (network.cost(objective) / bound - 1) if bound else float("inf")
    return f"no mapping costs less than {bound:.6g}, and this is {gap:.3g} % above"


def _told_idle(task: MappingTask) -> str | None:
    """A hint at padded factors, if divisors of the sizes leave more than half of the PEs idle."""
    from codesign.space.filling import filled

    pes, fans = task.hardware.pes, [fan for pair in task.hardware.fanouts for fan in pair]
    most = filled(task.layer.sizes, tuple(fans))
    if task.dataflow.factors != DIVISORS or 2 * most > min(pes, task.layer.macs):
        return None
    return (
        f"{task.layer.name}: its divisors fill at most {most} of {pes} PEs; "
        "--factors padded pads its sizes"
    )


def _write_certificate(network: NetworkRun, folder: Path) -> None:
    """Writes the certificate if the method proves mappings; otherwise removes an old one."""
    from codesign.search.output.certificates import write_certificate

    path = folder / CERTIFICATE
    if not network.is_feasible or not write_certificate(network.runs, folder / "design.yaml", path):
        # A certificate of an earlier search would be taken for one of this search.
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
        **told_factors(options),
        **told_family(options),
    }


def _metadata(
    options: argparse.Namespace,
    workload: dict[str, Any],
    chip: Chip,
    origin: dict[str, str | int | float],
) -> dict[str, str]:
    """The metadata of result tables: all settings, since the meaning of names may change."""
    from codesign.hardware.writing import hardware_fields
    from codesign.store.provenance import run_metadata

    config = {
        **origin,
        "workload": workload,
        "hardware": hardware_fields(chip.hardware),
        "rules": repr(chip.dataflow(options.dataflow).rules),
    }
    return run_metadata(config, chip.technology, options.accounting)


def _search(
    options: argparse.Namespace, workload: Workload, chip: Chip, known: ResumedSearch
) -> NetworkRun:
    """The mapping searches of all distinct layers."""
    from codesign.search.network import NetworkRun
    from codesign.search.parallel import map_layers
    from codesign.search.task import MappingTask

    distinct = workload.distinct()
    terms = (chip.hardware, chip.technology, chip.dataflow(options.dataflow), options.accounting)
    tasks = [MappingTask(layer, *terms, chip.hints) for layer in distinct.layers]
    search = Search(options.method, options.trials, options.seed, options.objective)
    finished = map_layers(tasks, search, options.jobs, known)
    with progress_bar(len(tasks), "layers") as bar:
        runs = []
        for run_of_layer in finished:
            runs.append(run_of_layer)
            bar.update()
    return NetworkRun(distinct, tuple(runs))
