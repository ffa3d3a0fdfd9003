"""Families of networks in `map` and `search`: their options, and what is written and told."""

from __future__ import annotations

import argparse
import math
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.columns import DESIGN
from codesign.commands.options import refused
from codesign.display import plural

if TYPE_CHECKING:
    from codesign.commands.results import Results
    from codesign.search.software import SoftwareRun
    from codesign.workload.family import Family

NETWORKS, DESIGNS = "networks.parquet", "front"
"""The table of the networks, and the folder of the designs of those on the front."""


class _InPlaceOf(argparse.Action):
    """An option with which another one is not required."""

    def __init__(self, *names: Any, other: argparse.Action, **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.other = other

    def __call__(self, parser: Any, namespace: Any, values: Any, option: Any = None) -> None:
        """Keeps the value, and lets the other option be left out."""
        setattr(namespace, self.dest, values)
        self.other.required = False


def add_networks(parser: argparse.ArgumentParser, workload: argparse.Action, without: str) -> None:
    """Adds the options of a family.

    Args:
        parser: the parser of the command.
        workload: the option whose place a family takes.
        without: what the command does without `--min-quality`.
    """
    parser.add_argument(
        "--networks",
        action=_InPlaceOf,
        other=workload,
        metavar="FAMILY",
        type=Path,
        help="a family of networks, each with a quality, in place of --workload: a CSV file with "
        "the columns network and quality, or a YAML file (docs/files.md)",
    )
    parser.add_argument(
        "--min-quality",
        metavar="Q",
        type=_quality,
        help=f"the least quality of a network of the family ({without})",
    )


def require_one(options: argparse.Namespace, *others: str) -> None:
    """Checks that there is not both a workload and a family, and nothing that needs the other.

    Args:
        options: the options of the command.
        others: further options that need a workload, such as `--layer`.

    Raises:
        InputError: there is not.
    """
    from codesign.errors import InputError

    if options.workload is not None and options.networks is not None:
        raise InputError("--workload and --networks are both given, expected one of them")
    if options.networks is None:
        if options.min_quality is not None:
            raise InputError("--min-quality is given without --networks, expected a family")
        return
    for other in others:
        if getattr(options, other.strip("-").replace("-", "_")):
            raise InputError(f"{other} is given with --networks, expected --workload")


def told_family(options: argparse.Namespace) -> dict[str, float]:
    """The least quality as an entry of `origin`, if it is given."""
    return {} if options.min_quality is None else {"min_quality": options.min_quality}


def family_fields(family: Family) -> dict[str, Any]:
    """The content of a family for metadata: a hash of layers, counts and qualities."""
    import hashlib

    content = repr([layer.content for layer in family.layers]).encode()
    digest = hashlib.sha256(content + family.counts.tobytes() + family.quality.tobytes())
    return {"name": family.name, "networks": len(family), "hash": digest.hexdigest()}


def software_results(
    found: SoftwareRun, elapsed_s: float, origin: dict[str, str | int | float]
) -> Results:
    """The results of a family on one accelerator.

    Args:
        found: the search.
        elapsed_s: the time that it took in s, including earlier runs that were stopped.
        origin: the origin of the design.
    """
    from codesign.commands.results import Results, feasible_line, join_trials, timings_table
    from codesign.search.objective import COSTS
    from codesign.search.output.designs import mapping_design
    from codesign.search.output.trials import mapping_trials

    name, best, runs = found.family.name, found.best, list(found.runs.values())
    trials = sum(len(run.points) for run in runs)
    feasible = sum(int(run.costs.valid.sum()) for run in runs)
    verdicts = Counter(found.verdicts)
    summary: dict[str, Any] = {
        "trials": trials,
        "feasible_share": feasible / trials if trials else 0.0,
        "resumed_layers": sum(run.is_recalled for run in runs),
        "elapsed_s": elapsed_s,
        "network": None if best is None else found.family.names[best],
        "quality": None if best is None else float(found.family.quality[best]),
        "candidates": len(found.family),
        "verdicts": dict(verdicts),
    }
    notes = [feasible_line(feasible, trials), *_told(found, verdicts)]
    if found.certificate is not None:
        verdict, bound = found.certificate
        cost = COSTS[found.search.objective]
        summary["certificate"], summary[f"lower_bound_{cost}"] = verdict, bound
        notes.append("proved: no network of enough quality costs less" + _told_gap(found))
    network = None if best is None else found.network_run(best)
    method, seed = found.search.method, found.search.seed
    return Results(
        join_trials(mapping_trials(run, experiment="map", model=name) for run in runs),
        timings_table([(name, run.task.layer.name, method, seed, run.elapsed_s) for run in runs]),
        None if network is None else mapping_design(network, found.chip, origin),
        summary,
        notes,
        found.problem,
        ["codesign show {folder}"],
    )


def _told(found: SoftwareRun, verdicts: Counter[str]) -> list[str]:
    if found.best is None:
        return []
    family = found.family
    lines = [f"network: {family.names[found.best]}, quality {family.quality[found.best]:g}"]
    told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    lines.append(f"of {plural(len(family), 'network')}: {told}")
    if found.min_quality is None:
        lines.append(f"front: {plural(len(found.front), 'network')} in {NETWORKS}")
    return lines


def _told_gap(found: SoftwareRun) -> str:
    assert found.certificate is not None
    assert found.best is not None
    verdict, bound = found.certificate
    if verdict == "optimal":
        return ""
    gap = 100 * (float(found.costs[found.best]) / bound - 1) if bound else math.inf
    return f" than {bound:.6g}, and this is {gap:.3g} % above"


def write_networks(
    found: SoftwareRun | None,
    folder: Path,
    metadata: Mapping[str, str],
    origin: Mapping[str, str | int | float],
) -> None:
    """Writes `networks.parquet`, a row per network, and for a front a design of each on it.

    Files of an earlier search in the folder are removed in any case.
    """
    from codesign.search.output.designs import mapping_design
    from codesign.store.design_file import write_design
    from codesign.store.table import write_table

    (folder / NETWORKS).unlink(missing_ok=True)
    if found is None:
        return
    shutil.rmtree(folder / DESIGNS, ignore_errors=True)
    table = found.to_frame()
    if found.min_quality is None:
        (folder / DESIGNS).mkdir()
        files = [f"{DESIGNS}/{row}.yaml" for row in range(len(table))]
        on_front = table.index.isin(found.front)
        table[DESIGN] = [file if has else None for file, has in zip(files, on_front, strict=True)]
        for row in found.front:
            design = mapping_design(found.network_run(int(row)), found.chip, dict(origin))
            write_design(design, folder / files[row])
    write_table(table, folder / NETWORKS, metadata)


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise refused(text, "a number")
    return value
