"""R8: the found designs compared with Eyeriss, and why they win or lose."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from codesign.errors import InputError
from codesign.store.design import Design
from codesign.study.results.r8.anatomy import dataflow_name, describe, parts_of
from codesign.study.results.r8.parts import PARTS
from codesign.study.results.r8.reasons import reason
from codesign.study.running.designs import read_best, write_best
from codesign.study.running.stage import write

EYERISS, FOUND = "Eyeriss", "found"
PARAMETERS = tuple(f"H{number}" for number in range(1, 13))
SPREAD = (*PARAMETERS, "energy_pj", "cycles", "edp", "utilization")
"""Columns whose range over all seeds is given."""

KEY = ["model", "design"]


def collect(designs: Sequence[tuple[str, Design]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All designs as rows, and their costs in parts.

    Args:
        designs: pairs of `EYERISS` or `FOUND` and a design with one network, the model.

    Returns:
        `model, design, seed, is_best, dataflow` with the columns of `anatomy.describe`; and
        `model, design, seed, is_best` with those of `anatomy.parts_of`. The best design of a model
        and a kind is the first one with the least EDP over seeds.
    """
    rows, parts = [], []
    for kind, design in designs:
        model, seed = _model(design), int(design.origin["seed"])
        labels = {"model": model, "design": kind, "seed": seed}
        rows.append(labels | {"dataflow": dataflow_name(design)} | describe(design))
        parts.append(parts_of(design).assign(model=model, design=kind, seed=seed))
    table = pd.DataFrame(rows)
    least = table.groupby(KEY, sort=False)["edp"].idxmin()
    table.insert(3, "is_best", table.index.isin(least))
    named = pd.concat(parts, ignore_index=True)
    named = named.merge(table[[*KEY, "seed", "is_best"]], on=[*KEY, "seed"], validate="many_to_one")
    return table, named[[*KEY, "seed", "is_best", *PARTS]]


def table(designs: pd.DataFrame) -> pd.DataFrame:
    """The best design of every model and kind, with ranges over seeds.

    One row per model and kind, ordered by model: the columns of `collect` for the best design,
    `seeds`, and `X_low`, `X_high` for every column X of `SPREAD`.
    """
    best = designs[designs["is_best"]].drop(columns="is_best").set_index(KEY)
    groups = designs.groupby(KEY, sort=False)
    best.insert(1, "seeds", groups.size())
    for name in SPREAD:
        best[f"{name}_low"], best[f"{name}_high"] = groups[name].min(), groups[name].max()
    best = best.reset_index()
    places = {model: place for place, model in enumerate(dict.fromkeys(best["model"]))}
    return best.sort_values(
        "model", key=lambda names: names.map(places), kind="stable", ignore_index=True
    )


def reasons(designs: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """The reasons for the costs of the best found design: one row per model."""
    rows = []
    for model, group in designs[designs["is_best"]].groupby("model", sort=False):
        by_kind = {str(row["design"]): row for _, row in group.iterrows()}
        if {EYERISS, FOUND} <= set(by_kind):
            own = parts[(parts["model"] == model) & parts["is_best"]]
            eyeriss, found = (own[own["design"] == kind] for kind in (EYERISS, FOUND))
            rows.append(reason(str(model), by_kind[EYERISS], by_kind[FOUND], eyeriss, found))
    return pd.DataFrame(rows)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--baselines", type=Path, nargs="+", required=True, help="designs")
    parser.add_argument("--found", type=Path, nargs="+", required=True, help="designs")
    parser.add_argument("--trials", type=Path, required=True, help="any search behind them")
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--designs", type=Path, required=True, help="output, one row per seed")
    parser.add_argument("--breakdown", type=Path, required=True, help="output, costs in parts")
    parser.add_argument("--reasons", type=Path, required=True, help="output, one row per model")
    parser.add_argument("--best", type=Path, nargs="+", required=True, help="output, as models")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the tables, and the best found design of every model."""
    kinds = ((EYERISS, options.baselines), (FOUND, options.found))
    designs = [
        (kind, design)
        for kind, paths in kinds
        for design in map(read_best, paths)
        if design is not None
    ]
    if not designs:
        raise InputError("R8: no search found a design, expected at least one")
    rows, parts = collect(designs)
    for name, content in (
        ("designs", rows),
        ("breakdown", parts),
        ("reasons", reasons(rows, parts)),
        ("output", table(rows)),
    ):
        write(content, getattr(options, name), options, __name__, [options.trials])
    for model, path in zip(options.models, options.best, strict=True):
        nothing = "No accelerator of any search could run every layer."
        write_best(_best_found(model, designs), path, nothing)


def _best_found(model: str, designs: Sequence[tuple[str, Design]]) -> Design | None:
    """The first found design with the least EDP; None if none was found."""
    own = [design for kind, design in designs if (kind, _model(design)) == (FOUND, model)]
    return min(own, key=lambda design: design.networks[0].edp, default=None)


def _model(design: Design) -> str:
    return design.networks[0].name
