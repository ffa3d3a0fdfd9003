"""B3: how much of the gain is due to hardware, and how much to free mapping."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.hardware.dataflow import FREE
from codesign.study.results.b3.combinations import EFFECTS, EYERISS, FOUND, RESTRICTED
from codesign.study.running.stage import read_tables, write
from codesign.study.spaces import ROW_STATIONARY
from codesign.study.statistics import median_interval


def effects(runs: pd.DataFrame) -> pd.DataFrame:
    """Log factors by which hardware and free mapping divide EDP, by model, reading and seed.

    With e = log EDP of {Eyeriss, found} × {restricted, free} for the same seed:
    `mapping` = e(E, r) - e(E, f), the saving by free mapping on Eyeriss; `hardware` = e(E, r) -
    e(F, r), the saving by the accelerator in the same dataflow; `total` = e(E, r) - e(F, f); and
    `interaction` = total - mapping - hardware, the saving by both together beyond the sum. Values
    are NaN if a combination has no mapping. `restricted` is the dataflow that F is restricted to
    (`RESTRICTED`); Eyeriss is restricted to row-stationary. Logarithms are natural.
    """
    logs = runs.assign(log=np.log(runs["edp"])).pivot_table(
        index=["model", "seed"], columns=["hardware", "dataflow"], values="log", sort=False
    )
    parts = []
    for restricted in RESTRICTED:
        start, on_eyeriss, in_dataflow, end = (
            _column(logs, hardware, dataflow)
            for hardware, dataflow in (
                (EYERISS, ROW_STATIONARY),
                (EYERISS, FREE.name),
                (FOUND, restricted),
                (FOUND, FREE.name),
            )
        )
        part = pd.DataFrame(
            {
                "restricted": restricted,
                "hardware": start - in_dataflow,
                "mapping": start - on_eyeriss,
                "interaction": in_dataflow + on_eyeriss - start - end,
                "total": start - end,
            }
        )
        parts.append(part.reset_index())
    return pd.concat(parts, ignore_index=True)


def _column(logs: pd.DataFrame, hardware: str, dataflow: str) -> pd.Series[float]:
    if (hardware, dataflow) in logs:
        return logs[(hardware, dataflow)]
    return pd.Series(math.nan, index=logs.index)


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Medians of the effects over seeds with intervals: one row per model and reading.

    Columns: `model, restricted, seeds`; `infeasible`, the number of seeds whose accelerator cannot
    run some layer in the restricted dataflow (these are left out of effects that need it); and for
    each of `EFFECTS` the factor that EDP is divided by, `X, X_low, X_high`. Medians of logarithms
    do not add up exactly.
    """
    rows = []
    groups = effects(runs).groupby(["model", "restricted"], sort=False)
    for key, group in groups:
        row = dict(zip(("model", "restricted"), key, strict=True))
        row |= {"seeds": len(group), "infeasible": int(group["hardware"].isna().sum())}
        for name in EFFECTS:
            values = group[name].dropna().to_numpy(np.float64)
            bounds = np.exp(median_interval(values))
            row |= dict(zip((name, f"{name}_low", f"{name}_high"), map(float, bounds), strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


def costs(runs: pd.DataFrame) -> pd.DataFrame:
    """EDP of every combination relative to Eyeriss in row-stationary with the same seed.

    One row per model, hardware and dataflow: `relative, low, high` (median with interval),
    `energy_ratio` and `cycles_ratio` (medians), `seeds`, `infeasible`, and the first `problem`.
    """
    start = runs[(runs["hardware"] == EYERISS) & (runs["dataflow"] == ROW_STATIONARY)]
    both = runs.merge(
        start[["model", "seed", "energy_pj", "cycles", "edp"]],
        on=["model", "seed"],
        suffixes=("", "_start"),
        validate="many_to_one",
    )
    rows = []
    groups = both.groupby(["model", "hardware", "dataflow"], sort=False)
    for key, group in groups:
        able = group[group["feasible"]]
        relative = (able["edp"] / able["edp_start"]).to_numpy(np.float64)
        median, low, high = median_interval(relative)
        problems = group["problem"].dropna()
        rows.append(
            {
                **dict(zip(("model", "hardware", "dataflow"), key, strict=True)),
                "seeds": len(group),
                "infeasible": len(group) - len(able),
                "relative": median,
                "low": low,
                "high": high,
                "energy_ratio": float((able["energy_pj"] / able["energy_pj_start"]).median()),
                "cycles_ratio": float((able["cycles"] / able["cycles_start"]).median()),
                "problem": problems.iloc[0] if len(problems) else None,
            }
        )
    return pd.DataFrame(rows)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--runs", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--all-runs", type=Path, required=True, help="output, one row per run")
    parser.add_argument("--costs", type=Path, required=True, help="output, one row per combination")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the runs of all models, their relative costs and the effects."""
    runs = read_tables(options.runs, "crossed")
    for content, path in (
        (runs, options.all_runs),
        (costs(runs), options.costs),
        (table(runs), options.output),
    ):
        write(content, path, options, __name__, options.runs)
