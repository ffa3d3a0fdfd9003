"""R1: the EDP of the co-designed accelerator relative to Eyeriss, by model, with paired seeds."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.study.paper import IMPROVEMENT_PERCENT, READINGS
from codesign.study.running.stage import read_tables, write
from codesign.study.statistics import median_interval


def pairs(baselines: pd.DataFrame, searches: pd.DataFrame, optima: pd.DataFrame) -> pd.DataFrame:
    """Eyeriss and the best accelerator of a search: one row per model, reading and seed.

    Args:
        baselines: rows of `baselines.map_baseline`.
        searches: rows of `hardware.search_accelerator`, for one method.
        optima: rows of `optima.find_optima`.

    Returns:
        `model, reading, seed, eyeriss_edp, optimal_eyeriss_edp, codesigned_edp` (pJ·cycles),
        `energy_ratio`, `cycles_ratio` (co-designed / Eyeriss); `improvement`, the saving in % of
        Eyeriss's EDP; and `improvement_optimal`, in % of its EDP with optimal mappings.
    """
    rows = []
    for (model, seed), trials in searches.groupby(["model", "seed"], sort=False):
        layers = baselines[(baselines["model"] == model) & (baselines["seed"] == seed)]
        energy, cycles = _total(layers, "energy_pj"), _total(layers, "cycles")
        eyeriss = _readings(layers)
        optimal = _readings(optima[optima["model"] == model])
        best = trials.sort_values("edp", kind="stable").iloc[0]
        found = {"product": best["edp"], "layers": best["edp_of_layers"]}
        for reading in READINGS:
            rows.append(
                {
                    "model": model,
                    "reading": reading,
                    "seed": seed,
                    "eyeriss_edp": eyeriss[reading],
                    "optimal_eyeriss_edp": optimal[reading],
                    "codesigned_edp": float(found[reading]),
                    "energy_ratio": float(best["energy_pj"]) / energy,
                    "cycles_ratio": float(best["cycles"]) / cycles,
                    "improvement": 100 * (1 - float(found[reading]) / eyeriss[reading]),
                    "improvement_optimal": 100 * (1 - float(found[reading]) / optimal[reading]),
                }
            )
    return pd.DataFrame(rows)


def _readings(layers: pd.DataFrame) -> dict[str, float]:
    """The EDP of a network in both readings, from the costs of its layers."""
    product = _total(layers, "energy_pj") * _total(layers, "cycles")
    return {"product": product, "layers": _total(layers, "edp")}


def _total(layers: pd.DataFrame, cost: str) -> float:
    """The sum of a cost over all occurrences of all layers; NaN if a layer has none."""
    return float((layers["count"] * layers[cost]).sum(skipna=False))


def table(pairs: pd.DataFrame, bounds: pd.DataFrame) -> pd.DataFrame:
    """Medians over seeds with intervals, the paper's number, and the headroom.

    One row per model and reading, all in %: `improvement, low, high` relative to Eyeriss as
    searched; `improvement_optimal, optimal_low, optimal_high` relative to Eyeriss mapped optimally;
    `headroom` and `headroom_optimal`, the most that the proven bound allows of either;
    `bound_excess`, how far the co-designed EDP is above that bound; `paper`.

    Args:
        pairs: the table of `pairs`.
        bounds: the table of `searches.bounds`.
    """
    rows = []
    for key, group in pairs.groupby(["model", "reading"], sort=False):
        model, reading = key
        median, low, high = median_interval(group["improvement"].to_numpy(np.float64))
        against_optimal = median_interval(group["improvement_optimal"].to_numpy(np.float64))
        of_model = bounds[(bounds["model"] == model) & (bounds["reading"] == reading)]
        bound = float(of_model["bound_edp"].iloc[0])
        codesigned = float(group["codesigned_edp"].median())
        eyeriss = float(group["eyeriss_edp"].median())
        optimal = float(group["optimal_eyeriss_edp"].iloc[0])
        rows.append(
            {
                "model": model,
                "reading": reading,
                "seeds": len(group),
                "improvement": median,
                "low": low,
                "high": high,
                "improvement_optimal": against_optimal[0],
                "optimal_low": against_optimal[1],
                "optimal_high": against_optimal[2],
                "headroom": 100 * (1 - bound / eyeriss),
                "headroom_optimal": 100 * (1 - bound / optimal),
                "bound_excess": 100 * (codesigned / bound - 1),
                "paper": IMPROVEMENT_PERCENT.get(str(model), float("nan")),
                "eyeriss_edp": eyeriss,
                "optimal_eyeriss_edp": optimal,
                "codesigned_edp": codesigned,
                "floor_edp": float(of_model["floor_edp"].iloc[0]),
                "bound_edp": bound,
                "energy_ratio": float(group["energy_ratio"].median()),
                "cycles_ratio": float(group["cycles_ratio"].median()),
            }
        )
    return pd.DataFrame(rows)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--baselines", type=Path, nargs="+", required=True)
    parser.add_argument("--searches", type=Path, nargs="+", required=True)
    parser.add_argument("--optima", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--bounds", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--pairs", type=Path, required=True, help="output, one row per seed")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the pairs and the table."""
    paired = pairs(
        read_tables(options.baselines, "baselines"),
        read_tables(options.searches, "hardware"),
        read_tables(options.optima, "optima"),
    )
    saved = table(paired, read_tables(options.bounds, "bounds"))
    write(paired, options.pairs, options, __name__, options.searches)
    write(saved, options.output, options, __name__, options.searches)
