"""R7: the share of the spaces that is valid, of hardware and of mappings.

All combinations of parameters' values are counted; in a raw draw, each of them is equally likely.
Mappings, of which there are too many, are drawn for the baseline, in the free map-space and within
Eyeriss's dataflow.
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
from codesign.study.results.r7.enumeration import Shares, enumerate_space
from codesign.study.running.stage import Setting, add_setting, read_setting, write
from codesign.study.spaces import ROW_STATIONARY
from codesign.study.statistics import share_interval

CHUNK = 20_000
"""Points that are drawn at once, which limits the memory."""


def hardware_shares(model: str, chip: Chip, draws: int, seed: int) -> pd.DataFrame:
    """The share of hardware points that meet all known constraints: one row per sampler.

    `independent` takes every parameter by itself. `derived` computes H2 and H6 from the others
    (H1·H2 = PEs, H7·H8 = H6), and only the inequalities may be broken. The points are counted
    exactly (`enumeration`), or drawn if there are too many of them.
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
        place = {"space": "hardware", "hardware": chip.hardware.name, "model": model}
        place |= {"layer": "all", "sampler": sampler}
        exact = enumerate_space(space, is_derived=sampler == "derived")
        if exact is not None:
            rows.append(_counted(place, exact))
            continue
        rng = np.random.default_rng([seed, 0, number])
        counts = _count(draw, space.violations, rng, draws, len(names))
        rows.append(_row(place, counts, names))
    return pd.concat(rows, ignore_index=True)


def _counted(place: dict[str, str], exact: Shares) -> pd.DataFrame:
    """The row of a space that was enumerated."""
    share = exact.valid
    broken = [f"{name} {100 * part:.3g} %" for name, part in exact.broken.items() if part]
    row = {
        "counted": "enumerated",
        "draws": exact.points,
        "valid": round(share * exact.points),
        **dict.fromkeys(("share", "low", "high"), share),
        "draws_for_150": FEASIBLE_DRAWS / share if share else float("inf"),
        "broken": ", ".join(broken),
    }
    return pd.DataFrame([place | row])


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
                "hardware": chip.hardware.name,
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
                "counted": "drawn",
                "draws": draws,
                "valid": valid,
                "share": valid / draws,
                "low": low,
                "high": high,
                "draws_for_150": FEASIBLE_DRAWS * draws / valid if valid else float("inf"),
                "broken": ", ".join(broken),
            }
        ]
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    parser.add_argument("--draws", type=int, required=True, help="raw draws of what is drawn")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the shares of one model."""
    setting = read_setting(options)
    hardware = hardware_shares(setting.workload.name, setting.chip, options.draws, options.seed)
    mappings = mapping_shares(setting, options.draws, options.seed)
    write(pd.concat([hardware, mappings], ignore_index=True), options.output, options, __name__)
