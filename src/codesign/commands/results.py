"""What `map` and `search` leave in their folder, and what they say at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.store.atomic import write_json
from codesign.store.design import Design
from codesign.store.design_file import write_design
from codesign.store.table import write_table

if TYPE_CHECKING:
    import pandas as pd

    from codesign.search.mapper import MappingRun

NOTHING_FOUND = 1
"""Exit code of a search that ends without a design."""


@dataclass(frozen=True)
class Results:
    """A finished search.

    Args:
        trials: one row a trial; the same bytes on every run.
        timings: how long things took, which is different on every run.
        design: the best found; None when nothing was.
        summary: more entries of `summary.json`.
    """

    trials: pd.DataFrame
    timings: pd.DataFrame
    design: Design | None
    summary: dict[str, Any]


def write_results(results: Results, folder: Path, metadata: Mapping[str, str]) -> int:
    """Writes all files of a search and says what was found; returns the exit code."""
    write_table(results.trials, folder / "trials.parquet", metadata)
    write_table(results.timings, folder / "timings.parquet", metadata)
    table = {key: metadata[key] for key in ("technology", "technology_hash")}
    write_json(folder / "summary.json", _costs(results.design) | results.summary | table)
    if results.design is None:
        # That of an earlier search would pass for the result of this one.
        (folder / "design.yaml").unlink(missing_ok=True)
        return NOTHING_FOUND
    write_design(results.design, folder / "design.yaml")
    _tell(results.design)
    print(f"results: {folder}")
    return 0


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
        print(
            f"  {network.name}: {network.energy_pj:.6g} pJ, {network.cycles:.0f} cycles, "
            f"EDP {network.edp:.6g} pJ·cycles"
        )


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


def join_trials(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The trials of several searches, one after the other."""
    import pandas as pd

    return pd.concat(parts, ignore_index=True)


def timings_table(rows: Sequence[tuple[str, str, str, int, float]]) -> pd.DataFrame:
    """Wall-clock seconds of searches: `model, layer, method, seed, elapsed_s`."""
    import pandas as pd

    return pd.DataFrame(rows, columns=["model", "layer", "method", "seed", "elapsed_s"])
