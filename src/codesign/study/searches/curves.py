"""Energy against delay of the layers of NATS-Bench's networks on a chip, proven.

15 625 networks have some fifteen layers together, so their costs follow from a small table.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.cost import Evaluator
from codesign.hardware.dataflow import FREE
from codesign.hardware.files import Chip
from codesign.search.exact import solve
from codesign.search.software.curve import Curve
from codesign.search.software.proven import bounded_curve, proven_curve
from codesign.search.task import MappingTask
from codesign.study.policies import BOUND, FIXED, OPTIMAL
from codesign.study.running.stage import read_chip, write
from codesign.workload import Layer
from codesign.workload.cells import Skeleton, cell_family

MOST_WORK, TOLERANCE = 3_000_000, 1e-3
"""The steps after which a run of the exact mapper ends with a bound, and the share by which a curve
may be below the mappings that are known. The floors of the table take both into account."""

_EVERY_LAYER = "|avg_pool_3x3~0|+|nor_conv_1x1~0|none~1|+|none~0|nor_conv_3x3~1|nor_conv_3x3~2|"
"""A cell with every operation that costs something, each on a way from input to output."""


def every_layer(skeleton: Skeleton) -> tuple[Layer, ...]:
    """The layers that networks of this skeleton can have."""
    return cell_family("every layer", [_EVERY_LAYER], [0.0], skeleton).layers


def find_curves(chip: Chip, skeleton: Skeleton, accounting: str) -> pd.DataFrame:
    """The curves of all layers on a chip.

    Columns: `chip, policy, layer, energy_pj, cycles`; and `floor_pj`, `floor_cycles`: no mapping is
    below the curve of these points, which is at most `TOLERANCE` below the costs unless a proof
    ended early.
    A layer without a mapping has no row. The rows of a layer are in the order of its curve; if one
    of the two curves is shorter, its last point occurs again.
    """
    own = next((name for name in chip.dataflows if name != FREE.name), FREE.name)
    parts = []
    for layer in every_layer(skeleton):
        for policy, dataflow in ((BOUND, FREE.name), (OPTIMAL, FREE.name), (FIXED, own)):
            task = MappingTask(
                layer, chip.hardware, chip.technology, chip.dataflow(dataflow), accounting
            )
            if task.problem is None:
                parts.append(_rows(layer, policy, *_curves(task, policy)))
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "chip", chip.hardware.name)
    return table


def _curves(task: MappingTask, policy: str) -> tuple[Curve, Curve]:
    """The curve of costs of a policy, and the curve that no mapping is below."""
    if policy == BOUND:
        floor = bounded_curve(task).floor
        return floor, floor
    if policy == OPTIMAL:
        known = proven_curve(task, MOST_WORK, TOLERANCE)
        return known.found, known.floor
    best = solve(task, "edp", most_work=MOST_WORK).best
    evaluator = Evaluator(task.layer, task.hardware, task.technology, task.accounting)
    costs = evaluator.price(best)
    one = Curve(costs.energy_pj, costs.cycles.astype(np.float64))
    return one, one


def _rows(layer: Layer, policy: str, costs: Curve, floor: Curve) -> pd.DataFrame:
    rows = np.arange(max(len(costs), len(floor)))
    cost, below = (np.minimum(rows, len(curve) - 1) for curve in (costs, floor))
    return pd.DataFrame(
        {
            "policy": policy,
            "layer": layer.name,
            "energy_pj": costs.energy_pj[cost],
            "cycles": costs.cycles[cost],
            "floor_pj": floor.energy_pj[below],
            "floor_cycles": floor.cycles[below],
        }
    )


def read_curves(
    table: pd.DataFrame, chip: str, policy: str, layers: Sequence[Layer], is_floor: bool = False
) -> list[Curve]:
    """The curve of each layer from a table of `find_curves`; without vertices if it has no mapping.

    Args:
        table: the table.
        chip, policy: what the curves are for.
        layers: the layers.
        is_floor: whether to read the curves that no mapping is below.
    """
    own = table[(table["chip"] == chip) & (table["policy"] == policy)]
    energy, cycles = ("floor_pj", "floor_cycles") if is_floor else ("energy_pj", "cycles")
    curves = []
    for layer in layers:
        rows = own[own["layer"] == layer.name]
        points = (rows[name].to_numpy(np.float64) for name in (energy, cycles))
        curves.append(Curve.around(*points)[0])
    return curves


def add_skeleton(parser: argparse.ArgumentParser) -> None:
    """Adds the options for a `Skeleton`."""
    parser.add_argument("--inputs", type=int, default=32, help="height and width of an image")
    parser.add_argument("--channels", type=int, nargs="+", default=[16, 32, 64])
    parser.add_argument("--depth", type=int, default=5, help="cells of a stage")


def read_skeleton(options: argparse.Namespace) -> Skeleton:
    """The `Skeleton` from the options, with the classes of CIFAR-10."""
    return Skeleton(options.inputs, 10, tuple(options.channels), options.depth)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--hardware", required=True, help="the chip")
    parser.add_argument("--technology", required=True, help="the energy table")
    parser.add_argument("--accounting", default="timeloop", help="the accounting")
    add_skeleton(parser)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the curves."""
    chip = read_chip(options.hardware, options.technology)
    curves = find_curves(chip, read_skeleton(options), options.accounting)
    write(curves, options.output, options, __name__)
