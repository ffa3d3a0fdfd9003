"""S3: the accuracies that FreeREA's search finds, and the fronts of accuracy and EDP on chips."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.search.software.curve import Steps
from codesign.study.policies import OPTIMAL
from codesign.study.results.s3.freerea import Benchmark, search
from codesign.study.running.stage import read_tables, write
from codesign.study.searches.cells import DATASETS, accuracy, read_cells
from codesign.study.searches.curves import add_skeleton, read_curves, read_skeleton
from codesign.workload.cells import cell_family
from codesign.workload.family import Family


def searched(cells: pd.DataFrame, seed: int, seeds: int, budget_s: float) -> pd.DataFrame:
    """FreeREA's searches: one row per data set and seed.

    Columns: `dataset, seed, cell, accuracy` (%), `looked_at` (cells), `best` (%, of all cells).
    """
    rows: list[dict[str, str | int | float]] = []
    for dataset in DATASETS:
        benchmark, accuracies = Benchmark.of(cells, dataset), cells[accuracy(dataset)]
        for number in range(seed, seed + seeds):
            rng = np.random.default_rng([number, *dataset.encode()])
            row, count = search(benchmark, rng, budget_s)
            found = {"cell": cells["cell"][row], "accuracy": float(accuracies[row])}
            rows.append(
                {
                    "dataset": dataset,
                    "seed": number,
                    **found,
                    "looked_at": count,
                    "best": float(accuracies.max()),
                }
            )
    return pd.DataFrame(rows)


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per data set: `dataset, accuracy` (mean over seeds, %), `deviation`, `low, high` (the
    worst and the best seed), `seeds`, `looked_at` (mean), `best`, and `cell`, the most frequent."""
    groups = runs.groupby("dataset", sort=False)
    found = groups["accuracy"].agg(
        accuracy="mean", deviation=lambda own: own.std(ddof=0), low="min", high="max", seeds="size"
    )
    found["looked_at"] = groups["looked_at"].mean()
    found["best"] = groups["best"].first()
    found["cell"] = groups["cell"].agg(lambda own: own.value_counts(sort=True).index[0])
    return found.reset_index()


def fronts(
    family: Family, curves: pd.DataFrame, accelerators: pd.DataFrame, freerea: str
) -> pd.DataFrame:
    """The networks that no other beats in accuracy and EDP on each chip.

    Args:
        family: the networks of all cells with their accuracies.
        curves: the curves of their layers on all chips, from `searches.curves`.
        accelerators: what the stage `searched` found for networks and budgets.
        freerea: the cell that FreeREA finds, which has a row on every chip as well.

    Returns:
        `chip, cell, accuracy` (%), `edp` (pJ·cycles, of the best known mappings on the chip),
        `lower_edp` (no mappings on the chip are below), `freerea`, `on_front`;
        and of the accelerator that was searched within the chip's budget for this network, NaN if
        none was: `searched_edp`, the EDP of the best known one, and `bound_edp`, which no
        accelerator of the budget is below.
    """
    parts = []
    for chip in dict.fromkeys(curves["chip"]):
        steps = Steps.over(read_curves(curves, str(chip), OPTIMAL, family.layers))
        edp, _ = steps.least(family.counts, "edp")
        floors = Steps.over(read_curves(curves, str(chip), OPTIMAL, family.layers, is_floor=True))
        lower, _ = floors.least(family.counts, "edp")
        order = np.lexsort((-family.quality, edp))
        order = order[np.isfinite(edp[order])]
        best = np.append(-np.inf, np.maximum.accumulate(family.quality[order])[:-1])
        rows = list(order[family.quality[order] > best])
        on_front = set(rows)
        own = family.names.index(freerea)
        if own not in on_front and np.isfinite(edp[own]):
            rows.append(own)
        parts.append(
            pd.DataFrame(
                {
                    "chip": chip,
                    "cell": [family.names[row] for row in rows],
                    "accuracy": family.quality[rows],
                    "edp": edp[rows],
                    "lower_edp": lower[rows],
                    "freerea": [row == own for row in rows],
                    "on_front": [row in on_front for row in rows],
                }
            )
        )
    found = pd.concat(parts, ignore_index=True)
    return found.merge(accelerators, on=["chip", "cell"], how="left", validate="1:1")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--cells", type=Path, required=True, help="the table of the cells")
    parser.add_argument("--dataset", required=True, help="the data set of the fronts")
    parser.add_argument("--curves", type=Path, nargs="+", required=True, help="one per chip")
    parser.add_argument("--accelerators", type=Path, nargs="*", default=[], help="of `searched`")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=45.0, help="of metrics' time")
    add_skeleton(parser)
    parser.add_argument("--fronts", type=Path, required=True, help="output")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the table and the fronts."""
    cells = read_cells(options.cells)
    runs = searched(cells, options.seed, options.seeds, options.seconds)
    found = table(runs)
    family = cell_family(
        "cells", list(cells["cell"]), list(cells[accuracy(options.dataset)]), read_skeleton(options)
    )
    nothing = pd.DataFrame(columns=["chip", "cell", "searched_edp", "bound_edp"])
    known = read_tables(options.accelerators, "searched") if options.accelerators else nothing
    own = found.set_index("dataset")["cell"][options.dataset]
    shown = fronts(family, read_tables(options.curves, "curves"), known, own)
    write(shown, options.fronts, options, __name__, options.curves)
    write(found, options.output, options, __name__, options.curves)
