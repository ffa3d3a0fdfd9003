"""R1: the EDP of the co-designed accelerator relative to Eyeriss, per model, with paired seeds."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.errors import InputError
from codesign.hardware.files import load_chip
from codesign.hardware.technology import load_technology
from codesign.store.table import read_table
from codesign.study.floor import network_floor
from codesign.study.paper import IMPROVEMENT_PERCENT
from codesign.study.stage import Setting, read_tables, write
from codesign.study.statistics import median_interval
from codesign.study.workloads import workload_of

READINGS = {"product": "(Σ energy) × (Σ delay)", "layers": "Σ energy × delay"}
"""The two readings of a model's EDP; searches minimise the first."""


def pairs(baselines: pd.DataFrame, searches: pd.DataFrame) -> pd.DataFrame:
    """Eyeriss against the search's best accelerator, one row a model, reading and seed.

    Args:
        baselines: rows of `baselines.map_baseline`.
        searches: rows of `hardware.search_accelerator`, of one method.

    Returns:
        `model, reading, seed, eyeriss_edp, codesigned_edp` (pJ·cycles), `energy_ratio`,
        `cycles_ratio` (co-designed / Eyeriss), `improvement` (% of Eyeriss's EDP saved).
    """
    rows = []
    for (model, seed), trials in searches.groupby(["model", "seed"], sort=False):
        layers = baselines[(baselines["model"] == model) & (baselines["seed"] == seed)]
        energy = float((layers["count"] * layers["energy_pj"]).sum(skipna=False))
        cycles = float((layers["count"] * layers["cycles"]).sum(skipna=False))
        eyeriss = {
            "product": energy * cycles,
            "layers": float((layers["count"] * layers["edp"]).sum(skipna=False)),
        }
        best = trials.sort_values("edp", kind="stable").iloc[0]
        found = {"product": best["edp"], "layers": best["edp_of_layers"]}
        for reading in READINGS:
            rows.append(
                {
                    "model": model,
                    "reading": reading,
                    "seed": seed,
                    "eyeriss_edp": eyeriss[reading],
                    "codesigned_edp": float(found[reading]),
                    "energy_ratio": float(best["energy_pj"]) / energy,
                    "cycles_ratio": float(best["cycles"]) / cycles,
                    "improvement": 100 * (1 - float(found[reading]) / eyeriss[reading]),
                }
            )
    return pd.DataFrame(rows)


def floors(setting: Setting) -> pd.DataFrame:
    """The least EDP that the budget of the baseline could reach: `model, reading, floor_edp`."""
    chip = setting.chip
    if chip.budget is None:
        raise InputError(
            f"hardware {chip.hardware.name}: it has no budget, expected 'template: eyeriss'"
        )
    product, layers = network_floor(
        setting.workload, chip.budget, chip.technology, setting.accounting
    )
    return pd.DataFrame(
        {
            "model": setting.workload.name,
            "reading": list(READINGS),
            "floor_edp": [product.edp, layers],
        }
    )


def table(pairs: pd.DataFrame, floors: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Medians over seeds with intervals, beside the paper's number and the headroom.

    One row a model and reading: `improvement, low, high` in %, `headroom` in %, `paper` in %.
    """
    rows = []
    for number, (key, group) in enumerate(pairs.groupby(["model", "reading"], sort=False)):
        model, reading = key
        rng = np.random.default_rng([seed, number])
        median, low, high = median_interval(group["improvement"].to_numpy(np.float64), rng)
        floor = floors[(floors["model"] == model) & (floors["reading"] == reading)]["floor_edp"]
        rows.append(
            {
                "model": model,
                "reading": reading,
                "seeds": len(group),
                "improvement": median,
                "low": low,
                "high": high,
                "headroom": 100 * (1 - float(floor.iloc[0]) / float(group["eyeriss_edp"].median())),
                "paper": IMPROVEMENT_PERCENT.get(str(model), float("nan")),
                "eyeriss_edp": float(group["eyeriss_edp"].median()),
                "codesigned_edp": float(group["codesigned_edp"].median()),
                "floor_edp": float(floor.iloc[0]),
                "energy_ratio": float(group["energy_ratio"].median()),
                "cycles_ratio": float(group["cycles_ratio"].median()),
            }
        )
    return pd.DataFrame(rows)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--baselines", type=Path, nargs="+", required=True)
    parser.add_argument("--searches", type=Path, nargs="+", required=True)
    parser.add_argument("--layers", type=Path, nargs="+", required=True, help="one a model")
    parser.add_argument("--hardware", nargs="+", required=True, help="the models' baselines")
    parser.add_argument("--technology", required=True)
    parser.add_argument("--accounting", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--pairs", type=Path, required=True, help="output, one row a seed")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the pairs and the table."""
    technology = load_technology(options.technology)
    settings = [
        Setting(
            workload_of(read_table(layers)),
            replace(load_chip(hardware), technology=technology),
            options.accounting,
        )
        for layers, hardware in zip(options.layers, options.hardware, strict=True)
    ]
    paired = pairs(read_tables(options.baselines), read_tables(options.searches))
    bounds = pd.concat([floors(setting) for setting in settings], ignore_index=True)
    write(paired, options.pairs, options, __name__, options.searches)
    saved = table(paired, bounds, options.seed)
    write(saved, options.output, options, __name__, options.searches)
