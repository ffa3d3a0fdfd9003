"""`codesign search`: searches accelerators together with the mappings on them."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

from codesign.commands.answers import add_json
from codesign.commands.family import add_networks, family_fields, require_one, told_family
from codesign.commands.options import (
    MAPPERS,
    SEARCHERS,
    add_command,
    add_cost_options,
    add_factors,
    add_objective,
    add_search_options,
    add_technology,
    at_the_end,
    chosen_chip,
    progress_bar,
    refused,
    told_factors,
    told_objective,
    whole,
)
from codesign.search.settings import INNER, OUTER, Search

if TYPE_CHECKING:
    from codesign.hardware.files import Chip
    from codesign.search.hardware_run import HardwareRun
    from codesign.search.mapper import LayerSearch
    from codesign.workload import Workload
    from codesign.workload.family import Family

_DESCRIPTION = """\
Searches accelerators within a budget of PEs and buffers, and on each one the mappings of every
layer. It minimises the energy-delay product, energy or delay, or looks for all accelerators that no
other beats in energy, delay and area at once. Several workloads share one accelerator; then the
weighted geometric mean of their costs is minimised. Of a family of networks with qualities, the one
that costs least on the accelerator counts.
"""

_EXAMPLES = """\
  codesign search --workload dqn --hardware-space eyeriss-168 --output results/dqn-found
  codesign search --workload resnet mlp --hardware-space eyeriss-168 --method bo \\
      --hardware-trials 100 --mapping-trials 250 --seed 1 --output results/shared
  codesign search --workload resnet mlp dqn --weight resnet=2 --objective pareto --max-area 6 \\
      --hardware-space eyeriss-168 --output results/front
  codesign search --networks family.csv --min-quality 75 --hardware-space eyeriss-168 \\
      --output results/family
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(
        subparsers, "search", "search accelerators and mappings", _DESCRIPTION, _EXAMPLES
    )
    workload = parser.add_argument(
        "--workload",
        metavar="W",
        nargs="+",
        required=True,
        help="names from config/workloads or YAML files (docs/files.md)",
    )
    add_networks(parser, workload, "required with --networks")
    parser.add_argument(
        "--hardware-space",
        metavar="H",
        required=True,
        help="a name from config/hardware or a YAML file: its budget and space are searched",
    )
    parser.add_argument(
        "--weight",
        metavar="W=N",
        type=_weight,
        action="append",
        default=[],
        help="the weight of a workload: one with weight 2 counts as if it were there twice "
        "(default: 1 each); may be given several times",
    )
    add_objective(
        parser,
        ("edp", "energy", "delay", "pareto"),
        "energy-delay product, energy, delay, or the front of energy, delay and area",
    )
    parser.add_argument(
        "--max-area", metavar="MM2", type=_positive, help="largest area of an accelerator, mm²"
    )
    parser.add_argument(
        "--max-pes", metavar="N", type=whole, help="most PEs, if the space leaves their number free"
    )
    parser.add_argument(
        "--method",
        metavar="M",
        default=OUTER.method,
        help=f"method that searches the hardware: {SEARCHERS}",
    )
    parser.add_argument(
        "--hardware-trials",
        metavar="N",
        type=whole,
        default=OUTER.trials,
        help="accelerators to try",
    )
    parser.add_argument(
        "--inner-method",
        metavar="M",
        default=INNER.method,
        help=f"method that searches the mappings of every layer: {MAPPERS}, or exact, which proves"
        " what it finds",
    )
    parser.add_argument(
        "--mapping-trials",
        metavar="N",
        type=whole,
        default=INNER.trials,
        help="mappings to try for every layer and accelerator",
    )
    add_search_options(parser)
    add_factors(parser)
    add_cost_options(parser)
    add_technology(parser, "the hardware file's")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    from codesign.commands.found import hardware_results
    from codesign.commands.front import write_front
    from codesign.commands.results import kept, tell_results, tell_resumed, write_results
    from codesign.search.resume import resuming
    from codesign.store.atomic import output_folder
    from codesign.workload import load_workload

    require_one(options, "--weight")
    family = _read_family(options)
    if family is not None:
        workloads = [family.network(row) for row in family.leading()]
        weights = None
    else:
        workloads = [load_workload(source) for source in options.workload]
        _require_distinct_names([workload.name for workload in workloads])
        weights = _weights(options, [workload.name for workload in workloads])
    chip = chosen_chip(options.hardware_space, options)
    origin = _origin(options)
    metadata = _metadata(options, workloads, chip, origin, family)
    with (
        output_folder(options.output) as folder,
        resuming(folder / "trials.parquet") as layer_search,
        at_the_end(lambda: kept(layer_search, folder)),
    ):
        tell_resumed(layer_search)
        found = _search(options, workloads, chip, weights, layer_search)
        # The time before it was killed counts as well.
        results = hardware_results(found, found.elapsed_s + layer_search.recalled_s, origin, family)
        summary = write_results(results, folder, metadata)
        write_front(found, results.trials, folder, metadata, origin)
    return tell_results(results, folder, summary, options.json)


def _origin(options: argparse.Namespace) -> dict[str, str | int | float]:
    return {
        "command": "search",
        "method": options.method,
        "hardware_trials": options.hardware_trials,
        "inner_method": options.inner_method,
        "mapping_trials": options.mapping_trials,
        "seed": options.seed,
        **told_objective(options),
        **told_factors(options),
        **told_family(options),
        **_told_limits(options),
    }


def _read_family(options: argparse.Namespace) -> Family | None:
    """The networks of enough quality; None without a family.

    Raises:
        InputError: the least quality is missing, or no network has it.
    """
    from codesign.errors import InputError
    from codesign.store.family_file import load_family

    if options.networks is None:
        return None
    if options.min_quality is None:
        raise InputError(
            "--min-quality is missing, expected the least quality of a network of the family"
        )
    if options.objective == "pareto":
        raise InputError("--objective is 'pareto', expected edp, energy or delay with --networks")
    return load_family(options.networks).at_least(options.min_quality)


def _told_limits(options: argparse.Namespace) -> dict[str, str | int | float]:
    """The weights and limits, if there are any, as entries of `origin`."""
    told: dict[str, str | int | float] = {}
    if options.weight:
        told["weights"] = ", ".join(f"{name}={value:g}" for name, value in options.weight)
    if options.max_area is not None:
        told["max_area_mm2"] = options.max_area
    if options.max_pes is not None:
        told["max_pes"] = options.max_pes
    return told


def _weights(options: argparse.Namespace, names: list[str]) -> list[float] | None:
    """The weight of every workload, in their order; None if all are equal."""
    from codesign.errors import InputError
    from codesign.reading import closest

    given: dict[str, float] = {}
    for source, value in options.weight:
        # A workload may be named by its file, as on the command line.
        is_file = source in options.workload
        name = names[options.workload.index(source)] if is_file else source
        if name not in names:
            known = ", ".join(names)
            raise InputError(
                f"--weight: no workload {name!r}{closest(name, names)}, expected one of {known}"
            )
        if name in given:
            raise InputError(f"--weight: {name!r} is given twice")
        given[name] = value
    return [given.get(name, 1.0) for name in names] if given else None


def _metadata(
    options: argparse.Namespace,
    workloads: list[Workload],
    chip: Chip,
    origin: dict[str, str | int | float],
    family: Family | None,
) -> dict[str, str]:
    """The metadata of result tables: all settings, since the meaning of names may change."""
    from codesign.store.provenance import run_metadata
    from codesign.workload.writing import workload_fields

    config = {
        **origin,
        "workloads": [workload_fields(workload) for workload in workloads],
        **({} if family is None else {"family": family_fields(family)}),
        "space": chip.template.fields(),
    }
    return run_metadata(config, chip.technology, options.accounting)


def _search(
    options: argparse.Namespace,
    workloads: list[Workload],
    chip: Chip,
    weights: list[float] | None,
    layer_search: LayerSearch,
) -> HardwareRun:
    from codesign.search.hardware import search_hardware
    from codesign.search.network import Runtime
    from codesign.space.limits import Limits

    what = {"energy": "energy", "delay": "delay"}.get(options.objective, "EDP")

    with progress_bar(options.hardware_trials, "accelerators") as bar:

        def progress(trial: int, best: float) -> None:
            bar.update(trial - bar.n)
            bar.set_postfix_str(
                "none feasible yet" if math.isnan(best) else f"best {what} {best:.4g}"
            )

        return search_hardware(
            workloads,
            chip,
            Search(options.method, options.hardware_trials, options.seed, options.objective),
            Search(options.inner_method, options.mapping_trials, options.seed),
            accounting=options.accounting,
            limits=Limits(options.max_area, options.max_pes),
            weights=weights,
            alternatives=options.networks is not None,
            runtime=Runtime(layer_search=layer_search, progress=progress),
        )


def _weight(text: str) -> tuple[str, float]:
    name, _, value = text.rpartition("=")
    if not name:
        raise refused(text, "a workload and its weight, such as resnet=2")
    return name, _positive(value)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1e9:
        raise refused(text, "a number above 0 and up to 1e9")
    return value


def _require_distinct_names(names: list[str]) -> None:
    from codesign.errors import InputError

    for name in names:
        if names.count(name) > 1:
            raise InputError(f"--workload: {name!r} is given twice")
