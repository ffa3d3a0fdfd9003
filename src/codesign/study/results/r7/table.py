"""R7: the share of the spaces that is valid, from raw draws of hardware and of mappings.

A raw draw takes every parameter from its domain, independent of the others. Mappings are drawn for
the baseline, in the free map-space and within Eyeriss's dataflow.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.hardware.dataflow import FREE
from codesign.hardware.files import Chip
from codesign.space import mapping_space
from codesign.space.chip_space import ChipSpace, PointBatch
from codesign.space.mapping_space import MapSpace
from codesign.study.paper import FEASIBLE_DRAWS
from codesign.study.running.stage import ROW_STATIONARY, Setting, add_setting, read_setting, write
from codesign.study.statistics import share_interval

CHUNK = 20_000
"""Points that are drawn at once, which limits the memory."""


def hardware_shares(model: str, chip: Chip, draws: int, seed: int) -> pd.DataFrame:
    """The share of hardware points that meet all known constraints: one row per sampler.

    `independent` draws every parameter by itself. `derived` computes H2 and H6 from the others
    (H1·H2 = PEs, H7·H8 = H6), and only the inequalities may be broken.
    """
    space = ChipSpace(chip)
    names = [None, *(rule.name for rule in space.rules)]

    def derived(rng: np.random.Generator, count: int) -> PointBatch:
        drawn = space.draw_raw(rng, count)
        return PointBatch(chip.template, chip.template.completed(drawn.values))

    rows = []
    for number, (sampler, draw) in enumerate(
        [("independent", space.draw_raw), ("derived", derived)]
    ):
        rng = np.random.default_rng([seed, 0, number])
        place = {"space": "hardware", "model": model, "layer": "all", "sampler": sampler}
        counts = _count(draw, space.violations, rng, draws, len(names))
        rows.append(_row(place, counts, names))
    return pd.concat(rows, ignore_index=True)


def mapping_shares(setting: Setting, draws: int, seed: int) -> pd.DataFrame:
    """The share of mappings that fit the baseline: one row per layer and dataflow.

    The column `sampler` has the dataflow.
    """
    chip = setting.chip
    rows = []
    for number, layer in enumerate(setting.workload.layers):
        for flow in (FREE, chip.dataflow(ROW_STATIONARY)):
            rng = np.random.default_rng([seed, 1, number])
            space = MapSpace(layer, chip.hardware, flow)
            rules = len(mapping_space.VIOLATIONS)
            counts = _count(space.draw_raw, space.violations, rng, draws, rules)
            place = {
                "space": "mapping",
                "model": setting.workload.name,
                "layer": layer.name,
                "sampler": flow.name,
            }
            rows.append(_row(place, counts, mapping_space.VIOLATIONS))
    return pd.concat(rows, ignore_index=True)


def _count(
    draw: Callable[[np.random.Generator, int], Any],
    violations: Callable[[Any], NDArray[np.integer]],
    rng: np.random.Generator,
    draws: int,
    rules: int,
) -> NDArray[np.int64]:
    """[rules], the number of raw draws that break each rule; the first one counts valid draws."""
    counts = np.zeros(rules, np.int64)
    for start in range(0, draws, CHUNK):
        broken = violations(draw(rng, min(CHUNK, draws - start)))
        counts += np.bincount(broken, minlength=rules)
    return counts


def _row(
    place: dict[str, str], counts: NDArray[np.int64], names: Sequence[str | None]
) -> pd.DataFrame:
    valid, draws = int(counts[0]), int(counts.sum())
    low, high = share_interval(valid, draws)
    broken = [f"{name} {n}" for name, n in zip(names[1:], counts[1:], strict=True) if n]
    return pd.DataFrame(
        [
            {
                **place,
                "draws": draws,
                "valid": valid,
                "share": valid / draws,
                "low": low,
                "high": high,
                "draws_for_150": FEASIBLE_DRAWS * draws / valid if valid else float("inf"),
                "first_broken": ", ".join(broken),
            }
        ]
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    parser.add_argument("--draws", type=int, required=True, help="raw draws per layer")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the shares of one model."""
    setting = read_setting(options)
    hardware = hardware_shares(setting.workload.name, setting.chip, options.draws, options.seed)
    mappings = mapping_shares(setting, options.draws, options.seed)
    write(pd.concat([hardware, mappings], ignore_index=True), options.output, options, __name__)
