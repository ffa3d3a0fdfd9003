"""B5: what R1 depends on; one accelerator for all models; fronts of energy, delay and area."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.hardware.files import load_chip
from codesign.hardware.technology import load_technology
from codesign.search.pareto import front, hypervolume
from codesign.study.paper import IMPROVEMENT_PERCENT
from codesign.study.results.b5.generality import EYERISS, JOINT, OTHERS, OWN
from codesign.study.results.b5.ranking import AS_R1, ranking
from codesign.study.results.r1 import table as r1
from codesign.study.running.stage import read_result, read_tables, write
from codesign.study.statistics import median_interval

CRITERIA = ["energy", "delay", "area"]

REFERENCE = np.array([2.0, 2.0, 1.5])
"""The reference point of hypervolumes: energy, delay and area relative to Eyeriss's."""


def found_pairs(
    baselines: pd.DataFrame,
    trials: pd.DataFrame,
    optima: pd.DataFrame,
    bounds: pd.DataFrame,
    method: str,
) -> pd.DataFrame:
    """R1's pairs for every method that searched hardware, with `assumption` and `floor_edp`.

    For R1's own `method`, the rows are those of R1 to the digit.

    Args:
        baselines, optima: as for `r1.table.pairs`.
        trials: the trials of hardware searches by one or more methods.
        bounds: the table of `searches.bounds`.
        method: the method of R1.
    """
    parts = []
    own_first = sorted(trials["method"].unique(), key=lambda name: name != method)
    for name in own_first:
        pairs = r1.pairs(baselines, trials[trials["method"] == name], optima)
        parts.append(pairs.assign(assumption=AS_R1 if name == method else f"found by {name}"))
    table = pd.concat(parts, ignore_index=True)
    floors = bounds[["model", "reading", "floor_edp"]]
    return table.merge(floors, on=["model", "reading"], validate="many_to_one")


def sensitivity(
    pairs: pd.DataFrame, variants: pd.DataFrame, weak: pd.DataFrame, stops: Sequence[int]
) -> pd.DataFrame:
    """The savings in % under every assumption: one row per model and assumption.

    Columns: `assumption, model, seeds`; `improvement, low, high, headroom` relative to Eyeriss as
    it is mapped under the assumption; and `paper`.

    Args:
        pairs: the table of `found_pairs`.
        variants: rows of `variants.compare`, with their assumptions.
        weak: rows of `weak.map_weakly`.
        stops: numbers of mappings tried for weakly mapped baselines.
    """
    control = pairs[pairs["assumption"] == AS_R1]
    of_layers = control[control["reading"] == "layers"]
    proven = control[control["reading"] == "product"]
    parts = [
        pairs[pairs["reading"] == "product"],
        proven.assign(
            assumption="against Eyeriss mapped optimally",
            eyeriss_edp=proven["optimal_eyeriss_edp"],
            improvement=proven["improvement_optimal"],
        ),
        of_layers.assign(assumption="EDP as the sum over layers"),
        variants[variants["reading"] == "product"],
        _weak_pairs(pairs, weak, stops),
    ]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    rows = []
    for (assumption, model), group in table.groupby(["assumption", "model"], sort=False):
        median, low, high = median_interval(group["improvement"].to_numpy(np.float64))
        floor = float(group["floor_edp"].iloc[0])
        rows.append(
            {
                "assumption": assumption,
                "model": model,
                "seeds": len(group),
                "improvement": median,
                "low": low,
                "high": high,
                "headroom": 100 * (1 - floor / float(group["eyeriss_edp"].median())),
                "paper": IMPROVEMENT_PERCENT.get(str(model), float("nan")),
            }
        )
    return pd.DataFrame(rows)


def _weak_pairs(pairs: pd.DataFrame, weak: pd.DataFrame, stops: Sequence[int]) -> pd.DataFrame:
    """The accelerators of R1 against a weakly mapped Eyeriss, row-stationary first."""
    usual = pairs[(pairs["assumption"] == AS_R1) & (pairs["reading"] == "product")]
    found = usual[["model", "seed", "codesigned_edp", "floor_edp"]]
    table = weak[weak["trials"].isin(stops)].rename(columns={"edp": "eyeriss_edp"})
    table = table.merge(found, on=["model", "seed"], validate="many_to_one")
    keys = ["dataflow", "method", "trials", "seed"]
    table = table.sort_values(keys, ascending=[False, True, True, True], kind="stable")
    table["improvement"] = 100 * (1 - table["codesigned_edp"] / table["eyeriss_edp"])
    names = zip(table["dataflow"], table["method"], table["trials"], strict=True)
    table["assumption"] = [weak_name(*name) for name in names]
    return table


def weak_name(dataflow: str, method: str, trials: int) -> str:
    """The name of a weakly mapped baseline in tables."""
    how = "row-stationary" if dataflow != "free" else "free"
    plural = "mapping" if trials == 1 else "mappings"
    return f"Eyeriss with {trials} {method} {how} {plural}"


def crossings(pairs: pd.DataFrame, weak: pd.DataFrame) -> pd.DataFrame:
    """The number of mappings per layer of Eyeriss up to which the paper's gain is reached.

    Columns: `model, method, dataflow, paper, trials` (the largest number with a median gain of at
    least the paper's; 0 if there is none).
    """
    table = _weak_pairs(pairs, weak, sorted(set(weak["trials"])))
    rows = []
    for (model, method, flow), group in table.groupby(["model", "method", "dataflow"], sort=False):
        paper = IMPROVEMENT_PERCENT.get(str(model), float("nan"))
        medians = group.groupby("trials")["improvement"].median()
        reached = medians.index[medians >= paper]
        most = int(reached.max()) if len(reached) else 0
        rows.append((model, method, flow, paper, most))
    return pd.DataFrame(rows, columns=["model", "method", "dataflow", "paper", "trials"])


def prices(table: pd.DataFrame) -> pd.DataFrame:
    """The price of generality: one row per budget, model and what the accelerator was found for.

    Columns: `hardware, model, found_for, seeds`; `price, low, high` (EDP above that on the model's
    own accelerator, %); `saved` (% of Eyeriss's EDP).
    """
    keys = ["hardware", "seed", "model"]
    wide = table.pivot_table(index=keys, columns="found_for", values="edp", dropna=False)
    rows = []
    for key, group in wide.groupby(level=["hardware", "model"], sort=False):
        for found_for in (OWN, JOINT, OTHERS):
            if found_for not in group or group[found_for].isna().all():
                continue
            ratios = (100 * (group[found_for] / group[OWN] - 1)).to_numpy(np.float64)
            price, low, high = median_interval(ratios)
            saved = float((100 * (1 - group[found_for] / group[EYERISS])).median())
            rows.append((*key, found_for, len(group), price, low, high, saved))
    columns = ["hardware", "model", "found_for", "seeds", "price", "low", "high", "saved"]
    return pd.DataFrame(rows, columns=columns)


def relative(trials: pd.DataFrame, eyeriss: pd.DataFrame) -> pd.DataFrame:
    """Feasible trials with energy, delay and area relative to Eyeriss.

    Args:
        trials: rows of `search.output.trials.hardware_trials`.
        eyeriss: `model, energy_pj, cycles, area_mm2` of Eyeriss mapped optimally.
    """
    table = trials[trials["feasible"]].merge(eyeriss, on="model", suffixes=("", "_eyeriss"))
    for name, column in zip(CRITERIA, ("energy_pj", "cycles", "area_mm2"), strict=True):
        table[name] = table[column] / table[f"{column}_eyeriss"]
    return table[["model", "method", "seed", "trial", *CRITERIA]]


def fronts(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `relative` that no other row of the same model dominates."""
    parts = [
        group.iloc[front(group[CRITERIA].to_numpy())]
        for _, group in table.groupby("model", sort=False)
    ]
    return pd.concat(parts, ignore_index=True)


def hypervolumes(table: pd.DataFrame) -> pd.DataFrame:
    """The hypervolume of single searches: one row per model and method.

    Columns: `model, method, seeds, share, low, high`. Shares are relative to the hypervolume of the
    front of all trials together.
    """
    rows = []
    for model, group in table.groupby("model", sort=False):
        whole = hypervolume(fronts(group)[CRITERIA].to_numpy(), REFERENCE)
        for method, own in group.groupby("method", sort=False):
            shares = [
                hypervolume(fronts(one)[CRITERIA].to_numpy(), REFERENCE) / whole if whole else 0.0
                for _, one in own.groupby("seed", sort=False)
            ]
            rows.append((model, method, len(shares), *median_interval(np.array(shares))))
    return pd.DataFrame(rows, columns=["model", "method", "seeds", "share", "low", "high"])


def stack(parts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Joins tables into one, with their names in the column `part`."""
    return pd.concat([table.assign(part=name) for name, table in parts.items()], ignore_index=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--method", required=True, help="R1's")
    parser.add_argument("--baselines", type=Path, nargs="+", required=True, help="R1's")
    parser.add_argument("--bounds", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--variants", type=Path, nargs="*", default=[])
    parser.add_argument("--weak", type=Path, required=True)
    parser.add_argument("--stops", type=int, nargs="+", required=True)
    parser.add_argument("--generality", type=Path, nargs="+", required=True)
    parser.add_argument("--searches", type=Path, nargs="+", required=True, help="trials")
    parser.add_argument("--optima", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--hardware", nargs="+", required=True, help="the models' baselines")
    parser.add_argument("--technology", required=True)
    parser.add_argument("--ranking", type=Path, required=True, help="output")
    parser.add_argument("--crossings", type=Path, required=True, help="output")
    parser.add_argument("--fronts", type=Path, required=True, help="output")
    parser.add_argument("--output", type=Path, required=True)


def eyeriss_costs(optima: Sequence[Path], hardware: Sequence[str], technology: str) -> pd.DataFrame:
    """Costs of every model on its baseline, mapped optimally: `model, energy_pj, cycles,
    area_mm2`."""
    area = load_technology(technology).area
    rows = []
    for path, source in zip(optima, hardware, strict=True):
        layers = read_result(path, "optima")
        chip = replace(load_chip(source), technology=load_technology(technology))
        energy = float((layers["count"] * layers["energy_pj"]).sum(skipna=False))
        cycles = float((layers["count"] * layers["cycles"]).sum(skipna=False))
        rows.append((layers["model"].iloc[0], energy, cycles, area.mm2(chip.hardware)))
    return pd.DataFrame(rows, columns=["model", "energy_pj", "cycles", "area_mm2"])


def run(options: argparse.Namespace) -> None:
    """Writes all tables."""
    searches = read_tables(options.searches, "hardware")
    weak = read_result(options.weak, "weak")
    pairs = found_pairs(
        read_tables(options.baselines, "baselines"),
        searches,
        read_tables(options.optima, "optima"),
        read_tables(options.bounds, "bounds"),
        options.method,
    )
    variants = read_tables(options.variants, "variants") if options.variants else pairs.iloc[:0]
    eyeriss = eyeriss_costs(options.optima, options.hardware, options.technology)
    trials = relative(searches, eyeriss)
    assumptions = sensitivity(pairs, variants, weak, options.stops)
    parts = {
        "sensitivity": assumptions,
        "generality": prices(read_tables(options.generality, "generality")),
        "hypervolume": hypervolumes(trials),
    }
    outputs = {
        options.output: stack(parts),
        options.ranking: ranking(assumptions),
        options.crossings: crossings(pairs, weak),
        options.fronts: fronts(trials),
    }
    for path, table in outputs.items():
        write(table, path, options, __name__, options.searches)
