"""S1: how far the costs of networks on a proxy accelerator tell those on another accelerator.

Semi-decoupled co-design (Lu et al. 2022) searches networks on one proxy, keeps those that no other
beats there, and searches only these on the accelerator that is wanted. Here, the networks are all
cells of NATS-Bench, and their costs are proven on every chip.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.search.software.curve import Steps
from codesign.study.policies import BOUND, FIXED, OPTIMAL
from codesign.study.running.stage import read_tables, write
from codesign.study.searches.cells import accuracy, read_cells
from codesign.study.searches.curves import (
    add_skeleton,
    read_curves,
    read_skeleton,
)
from codesign.workload.cells import cell_family
from codesign.workload.family import Family

Floats = NDArray[np.float64]

POLICIES = (FIXED, OPTIMAL)
METRICS = ("energy", "delay", "edp")

ROUNDING = 1e-9
"""Costs that differ by at most this, relatively, are equal."""


def table(family: Family, curves: pd.DataFrame, chips: Sequence[str]) -> pd.DataFrame:
    """One row per policy, proxy and other chip.

    Args:
        family: the networks, with their accuracies in %.
        curves: the curves of their layers on all chips, from `searches.curves`.
        chips: the chips.

    Returns:
        `policy, proxy, chip`; `spearman_M` and `kendall_M` for M in `METRICS`, the rank
        correlations of the costs of all networks (Kendall's with ties, tau-b); `networks`;
        `survivors`, the networks that no other beats in accuracy and EDP on the proxy; `spared`,
        the share of the others in %; `wins`, the others that are cheaper on the chip than all
        survivors of at least their accuracy; `worst_loss`, the largest such saving, in % of EDP;
        `bounded`, the share of the others in % for which the bound without a search already shows
        that they do not win, or that a network that dominates them does not; `certified`, the same
        with the proven bounds; and `dominated`, the share of all networks in % that cannot win on
        any accelerator (`Family.leading`).
    """
    costs = {
        (policy, chip): _costs(family, curves, chip, policy)
        for policy in POLICIES
        for chip in chips
    }
    proven = {chip: _costs(family, curves, chip, OPTIMAL, is_floor=True)["edp"] for chip in chips}
    bounds = {chip: _costs(family, curves, chip, BOUND)["edp"] for chip in chips}
    leaders = _Leaders.of(family)
    dominated = 100 * (1 - len(leaders.rows) / len(family))
    rows = []
    for policy in POLICIES:
        for proxy, chip in itertools.permutations(chips, 2):
            ours, theirs = costs[policy, proxy], costs[policy, chip]
            row: dict[str, str | int | float] = {"policy": policy, "proxy": proxy, "chip": chip}
            for metric in METRICS:
                row[f"spearman_{metric}"] = spearman(ours[metric], theirs[metric])
                row[f"kendall_{metric}"] = kendall(ours[metric], theirs[metric])
            floors = [bounds[chip], proven[chip] if policy == OPTIMAL else theirs["edp"]]
            row |= _spared(family, leaders, ours["edp"], theirs["edp"], floors)
            rows.append({**row, "dominated": dominated})
    return pd.DataFrame(rows)


def _costs(
    family: Family, curves: pd.DataFrame, chip: str, policy: str, is_floor: bool = False
) -> dict[str, Floats]:
    """[N], energy, delay and EDP of every network; infinite if a layer has no mapping."""
    steps = Steps.over(read_curves(curves, chip, policy, family.layers, is_floor))
    return {metric: steps.least(family.counts, metric)[0] for metric in METRICS}


def spearman(a: Floats, b: Floats) -> float:
    """Spearman's rank correlation; ties share ranks."""
    return float(pd.Series(a).rank().corr(pd.Series(b).rank()))


def kendall(a: Floats, b: Floats) -> float:
    """Kendall's rank correlation tau-b. Networks of equal costs on both chips are counted once,
    with their number, so it takes the square of the number of different costs."""
    pairs, weights = np.unique(np.stack([a, b]), axis=1, return_counts=True)
    both = np.outer(weights, weights).astype(np.float64)
    signs = [np.sign(np.subtract.outer(values, values)) for values in pairs]
    scale = [float((both * (sign != 0)).sum()) for sign in signs]
    if min(scale) == 0:
        return float("nan")
    return float((both * signs[0] * signs[1]).sum()) / float(np.sqrt(scale[0] * scale[1]))


def survivors(quality: Floats, cost: Floats) -> NDArray[np.bool_]:
    """bool [N], the networks that no other beats in quality and cost; all of equal ones stay."""
    as_good = _least_of_quality(quality, quality, cost)
    better = _least_of_quality(quality, quality, cost, is_above=True)
    return np.asarray((cost <= as_good * (1 + ROUNDING)) & (cost * (1 + ROUNDING) < better))


def _least_of_quality(
    wanted: Floats, quality: Floats, cost: Floats, is_above: bool = False
) -> Floats:
    """[N], the least cost of a network of at least each wanted quality; infinite if none has it.

    Args:
        wanted: [N], the qualities.
        quality, cost: [B], the networks.
        is_above: whether the quality has to be above the wanted one.
    """
    order = np.argsort(-quality, kind="stable")
    least = np.append(np.inf, np.minimum.accumulate(cost[order]))
    places = np.searchsorted(-quality[order], -wanted, side="left" if is_above else "right")
    return np.asarray(least[places])


class _Leaders(NamedTuple):
    """The networks that are not dominated, and which of them dominate each network.

    Args:
        rows: [M], `Family.leading`.
        above: bool [N, M], whether a network has no layer less often than a leader, and at most
            its quality. It then costs at least as much, whatever the accelerator.
    """

    rows: NDArray[np.int64]
    above: NDArray[np.bool_]

    @classmethod
    def of(cls, family: Family) -> _Leaders:
        """The leaders of a family."""
        rows = family.leading()
        above = [
            (family.counts >= family.counts[row]).all(axis=1)
            & (family.quality <= family.quality[row])
            for row in rows
        ]
        return cls(rows, np.stack(above, axis=1))


def _spared(
    family: Family, leaders: _Leaders, on_proxy: Floats, on_chip: Floats, floors: Sequence[Floats]
) -> dict[str, int | float]:
    quality, kept = family.quality, survivors(family.quality, on_proxy)
    best = _least_of_quality(quality, quality[kept], on_chip[kept]) * (1 - ROUNDING)
    wins = ~kept & (on_chip < best)
    loss = 100 * (best[wins] / on_chip[wins] - 1)
    shown = []
    for floor in floors:
        # A leader that cannot win leaves no win to the networks that it dominates.
        loses = kept | (floor >= best)
        shown.append(loses | (leaders.above & loses[leaders.rows]).any(axis=1))
    bounded, certified = (float(100 * np.mean(each[~kept])) for each in shown)
    return {
        "networks": len(quality),
        "survivors": int(kept.sum()),
        "spared": float(100 * np.mean(~kept)),
        "wins": int(wins.sum()),
        "worst_loss": float(loss.max(initial=0.0)),
        "bounded": bounded,
        "certified": certified,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--cells", type=Path, required=True, help="the table of the cells")
    parser.add_argument("--dataset", required=True, help="the data set of the accuracies")
    parser.add_argument("--curves", type=Path, nargs="+", required=True, help="one per chip")
    add_skeleton(parser)
    parser.add_argument("--output", type=Path, required=True)


def read_family(options: argparse.Namespace) -> Family:
    """The networks of all cells, with the accuracies of a data set."""
    name = accuracy(options.dataset)
    cells = read_cells(options.cells)
    return cell_family("cells", list(cells["cell"]), list(cells[name]), read_skeleton(options))


def run(options: argparse.Namespace) -> None:
    """Writes the table."""
    family = read_family(options)
    curves = read_tables(options.curves, "curves")
    found = table(family, curves, list(dict.fromkeys(curves["chip"])))
    write(found, options.output, options, __name__, options.curves)
