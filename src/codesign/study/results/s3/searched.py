"""S3: accelerators within a chip's budget for the networks on the chip's front."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.errors import InputError
from codesign.hardware.files import Chip
from codesign.search.certified import prove_codesign
from codesign.search.hardware import search_hardware
from codesign.search.network import Runtime
from codesign.search.settings import INNER, Search
from codesign.search.software.curve import Steps
from codesign.study.policies import OPTIMAL
from codesign.study.results.s1.table import read_family, survivors
from codesign.study.running.stage import read_chip, read_result, write
from codesign.study.searches.curves import add_skeleton, read_curves
from codesign.workload.family import Family


def front_rows(family: Family, curves: pd.DataFrame, chip: str, most: int) -> list[int]:
    """Networks on the front of accuracy and EDP, by ascending EDP: at most some, both ends kept."""
    steps = Steps.over(read_curves(curves, chip, OPTIMAL, family.layers))
    edp, _ = steps.least(family.counts, "edp")
    kept = np.flatnonzero(survivors(family.quality, edp) & np.isfinite(edp))
    # Of networks of equal accuracy and EDP, the first one stands for all.
    _, first = np.unique(np.stack([edp[kept], family.quality[kept]]), axis=1, return_index=True)
    rows = kept[first]
    rows = rows[np.argsort(edp[rows], kind="stable")]
    picked = np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int))
    return [int(row) for row in rows[picked]]


def find_accelerators(
    family: Family, rows: list[int], chip: Chip, accounting: str, trials: int, seed: int, work: int
) -> pd.DataFrame:
    """The best known accelerator within a chip's budget for each of some networks.

    Args:
        family, rows: the networks.
        chip: the chip with its space.
        accounting: the accounting of the cost model.
        trials: accelerators that a search tries for each network.
        seed: the seed of all searches.
        work: the steps after which a proof ends; 0 for no proof.

    Returns:
        `chip, cell, searched_edp` and `bound_edp` (pJ·cycles); the bound is NaN without a proof,
        which there is only for the template of Eyeriss.
    """
    runtime = Runtime()
    found = []
    for row in rows:
        network = family.network(row)
        outer, inner = Search("tpe", trials, seed), Search(INNER.method, INNER.trials, seed)
        run = search_hardware([network], chip, outer, inner, accounting=accounting, runtime=runtime)
        best, bound = run.best_edp, math.nan
        if work and chip.template.family == "eyeriss":
            proof = prove_codesign(network, chip, accounting, work, seed=seed)
            best, bound = min(best, proof.best.edp), proof.lower_bound_edp
        found.append(
            {
                "chip": chip.hardware.name,
                "cell": network.name,
                "searched_edp": best if math.isfinite(best) else math.nan,
                "bound_edp": bound,
            }
        )
    return pd.DataFrame(found, columns=["chip", "cell", "searched_edp", "bound_edp"])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--cells", type=Path, required=True, help="the table of the cells")
    parser.add_argument("--dataset", required=True, help="the data set of the accuracies")
    parser.add_argument("--curves", type=Path, required=True, help="of the chip")
    parser.add_argument("--hardware", required=True, help="the chip")
    parser.add_argument("--technology", required=True, help="the energy table")
    parser.add_argument("--accounting", default="timeloop", help="the accounting")
    parser.add_argument("--networks", type=int, default=3, help="networks of the front")
    parser.add_argument("--trials", type=int, default=50, help="accelerators for each network")
    parser.add_argument("--work", type=int, default=0, help="steps of a proof")
    parser.add_argument("--seed", type=int, default=0)
    add_skeleton(parser)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the accelerators."""
    chip = read_chip(options.hardware, options.technology)
    family = read_family(options)
    curves = read_result(options.curves, "curves")
    rows = front_rows(family, curves, chip.hardware.name, options.networks)
    if not rows:
        raise InputError(f"{chip.hardware.name}: no network has mappings for all its layers")
    found = find_accelerators(
        family, rows, chip, options.accounting, options.trials, options.seed, options.work
    )
    write(found, options.output, options, __name__)
