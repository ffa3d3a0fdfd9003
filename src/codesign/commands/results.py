"""What `map` and `search` leave in their folder, and what they say at the end."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.commands.answers import print_json
from codesign.store.atomic import write_json
from codesign.store.design import Design
from codesign.store.design_file import DESIGN, write_design
from codesign.store.table import write_table

if TYPE_CHECKING:
    import pandas as pd

    from codesign.search.mapper import MappingRun
    from codesign.search.resume import ResumedSearch

NOTHING_FOUND = 1
"""Exit code of a search that ends without a design."""


@dataclass(frozen=True)
class Results:
    """A finished search.

    Args:
        trials: one row per trial; the same bytes on every run.
        timings: how long things took, which is different on every run.
        design: the best found; None when nothing was.
        summary: more entries of `summary.json`.
        notes: lines for the reader, after the costs.
        problem: why nothing was found.
        following: what to type next; `{folder}` stands for the folder of the results.
    """

    trials: pd.DataFrame
    timings: pd.DataFrame
    design: Design | None
    summary: dict[str, Any]
    notes: Sequence[str] = ()
    problem: str | None = None
    following: Sequence[str] = ()


def write_results(results: Results, folder: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """Writes all files of a search; returns what `summary.json` has."""
    write_table(results.trials, folder / "trials.parquet", metadata)
    write_table(results.timings, folder / "timings.parquet", metadata)
    table = {key: metadata[key] for key in ("technology", "technology_hash")}
    summary = _costs(results.design) | results.summary | table
    write_json(folder / "summary.json", summary)
    if results.design is None:
        # That of an earlier search would pass for the result of this one.
        (folder / DESIGN).unlink(missing_ok=True)
    else:
        write_design(results.design, folder / DESIGN)
    return summary


def tell_results(results: Results, folder: Path, summary: dict[str, Any], is_json: bool) -> int:
    """Says what was found, on stdout, and why nothing was, on stderr; returns the exit code."""
    design = results.design
    if is_json:
        layers: Any = [] if design is None else design.to_frame()
        found = {"design": None if design is None else folder / DESIGN, "output": folder}
        print_json({**found, **summary, "layers": layers, "problem": results.problem})
    elif design is not None:
        _tell(design)
        for note in results.notes:
            print(note)
        print(f"results: {folder}")
        for command in results.following:
            print(f"next: {command.format(folder=shlex.quote(str(folder)))}")
    if results.problem is not None:
        print(f"codesign: {results.problem}", file=sys.stderr)
    return NOTHING_FOUND if design is None else 0


def _costs(design: Design | None) -> dict[str, Any]:
    """Totals over the networks of a design; with several, each by name as well.

    Their joint EDP is what a search minimises, the geometric mean.
    """
    if design is None:
        return dict.fromkeys(("energy_pj", "cycles", "edp", "area_mm2"))
    costs: dict[str, Any] = {
        "energy_pj": design.energy_pj,
        "cycles": int(design.cycles),
        "edp": design.edp,
        "area_mm2": design.area_mm2,
    }
    if len(design.networks) > 1:
        costs["networks"] = {
            network.name: {
                "energy_pj": network.energy_pj,
                "cycles": int(network.cycles),
                "edp": network.edp,
            }
            for network in design.networks
        }
    return costs


def _tell(design: Design) -> None:
    print(f"{design.name}: energy table {design.technology.name}, accounting {design.accounting}")
    for network in design.networks:
        for entry in network.layers:
            times = f"{entry.count} × " if entry.count > 1 else ""
            print(f"  {times}{entry.layer.name}: {entry.energy_pj:.6g} pJ, {entry.cycles} cycles")
    for line in total_lines(design):
        print(f"  {line}")


def total_lines(design: Design) -> list[str]:
    """A line for each network with its totals over layers; with several, their joint EDP."""
    lines = [
        f"{network.name}: {network.energy_pj:.6g} pJ, {network.cycles:.0f} cycles, "
        f"EDP {network.edp:.6g} pJ·cycles"
        for network in design.networks
    ]
    if len(design.networks) > 1:
        lines.append(f"all: geometric mean of the EDPs {design.edp:.6g} pJ·cycles")
    return lines


def feasible_line(count: int, trials: int) -> str:
    """How many trials were feasible, and their share."""
    share = 100 * count / trials if trials else 0.0
    return f"feasible: {count} of {trials} trials ({share:.3g} %)"


def tell_resumed(search: ResumedSearch) -> None:
    """Says on stderr that this run continues an earlier one, which was stopped."""
    if len(search.journal):
        print(
            f"codesign: continues an earlier run, which left {_finished(search)}",
            file=sys.stderr,
        )


def kept(search: ResumedSearch, folder: Path) -> str:
    """What an interrupted run leaves, and how to continue it."""
    if not len(search.journal):
        return "no mapping search was finished yet, and nothing is kept"
    return f"{_finished(search)} kept in {folder}: the same command continues from there"


def _finished(search: ResumedSearch) -> str:
    count = len(search.journal)
    return f"{count} finished mapping search" + ("" if count == 1 else "es")


def explain_failure(run: MappingRun) -> str:
    """Why a mapping search found nothing, in a sentence."""
    layer, hardware = run.task.layer.name, run.task.hardware.name
    start = f"no valid mapping of {layer} on {hardware}"
    if run.problem is not None:
        return f"{start}: {run.problem}"
    from codesign.cost import REASONS

    names = [level.name for level in run.task.hardware.levels]
    broken = Counter(
        f"the {REASONS[reason]} of {names[level]}"
        for reason, level in zip(run.costs.reason, run.costs.level, strict=True)
        if reason
    )
    told = ", ".join(f"{count} break {rule}" for rule, count in broken.most_common())
    return f"{start} in {len(run.points)} trials: {told}"


def join_trials(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The trials of several searches, one after the other."""
    import pandas as pd

    return pd.concat(parts, ignore_index=True)


def timings_table(rows: Sequence[tuple[str, str, str, int, float]]) -> pd.DataFrame:
    """Wall-clock seconds of searches: `model, layer, method, seed, elapsed_s`."""
    import pandas as pd

    return pd.DataFrame(rows, columns=["model", "layer", "method", "seed", "elapsed_s"])
