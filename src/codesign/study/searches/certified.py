"""Proofs of the best accelerator of a budget for a model, or of a lower bound."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from codesign.search.certified import Proof, prove_codesign
from codesign.search.certified.design import proven_design
from codesign.store.design import Design
from codesign.store.design_file import write_design
from codesign.study.floor import network_floor
from codesign.study.running.stage import Setting, add_setting, read_setting, write


@dataclass(frozen=True)
class Certified:
    """A proof as tables: one row with its result, one row per class, and the best design."""

    proof: pd.DataFrame
    classes: pd.DataFrame
    design: Design


def certify(setting: Setting, most_work: float, seed: int) -> Certified:
    """Proves the best accelerator for a model within its chip's budget, up to `most_work`.

    Columns of the proof: `certificate` (`optimal` or `bound`); `edp`, `energy_pj` and `cycles` of
    the best design; `lower_bound_edp` of all accelerators; `floor_edp`, the bound of `study.floor`;
    `points` of the hardware space; `classes` that cover them; `solves`, runs of the exact mapper;
    `work`, pairs and nodes; and `h1` … `h12`. EDPs are in pJ·cycles.
    """
    workload, chip = setting.workload, setting.chip
    proof = prove_codesign(workload, chip, setting.accounting, most_work, seed=seed)
    budget = chip.template.budget
    floor, _ = network_floor(workload, budget, chip.technology, setting.accounting)
    row = {
        "model": workload.name,
        "hardware": chip.hardware.name,
        "certificate": proof.verdict,
        "edp": proof.best.edp,
        "energy_pj": proof.best.energy_pj,
        "cycles": proof.best.cycles,
        # If a proof stops early, the bound without a search may be larger.
        "lower_bound_edp": max(proof.lower_bound_edp, floor.edp),
        "floor_edp": floor.edp,
        "points": proof.points,
        "classes": proof.classes,
        "solves": proof.solves,
        "work": proof.work,
        **{name.lower(): value for name, value in proof.best.point.values},
    }
    return Certified(
        pd.DataFrame([row]),
        class_table(workload.name, proof),
        proven_design(proof, workload, chip, setting.accounting),
    )


def class_table(model: str, proof: Proof) -> pd.DataFrame:
    """One row per class of accelerators: how it was settled, in order.

    The column `verdict` is `bounds` (by bounds of spatial splits), `mapper` (the exact mapper found
    nothing better), `lines` (by earlier solutions), `halved` (its parts come later), `infeasible`,
    or `open`. The columns `h5_least` to `h3_most` are bounds on the words of the register files.
    """
    rows = []
    for record in proof.records:
        point = record.hardware_class.point
        bounds = {
            f"{file}_{side}": words[index]
            for side, words in (
                ("least", record.hardware_class.least),
                ("most", record.hardware_class.most),
            )
            for index, file in enumerate(("h5", "h4", "h3"))
        }
        rows.append(
            {
                "model": model,
                "rows": point["H2"],
                "columns": point["H1"] // point["H6"],
                "buffers": point["H6"],
                "block": point["H9"],
                "cluster": point["H10"],
                **bounds,
                "verdict": record.verdict,
                "lower_bound_edp": record.lower_bound_edp,
                "work": record.work,
            }
        )
    return pd.DataFrame(rows)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    parser.add_argument("--work", type=float, required=True, help="pairs and nodes at most")
    parser.add_argument("--seed", type=int, required=True, help="of the search for a first design")
    parser.add_argument("--output", type=Path, required=True, help="output, what is proven")
    parser.add_argument("--classes", type=Path, required=True, help="output, how")
    parser.add_argument("--design", type=Path, required=True, help="output, the best accelerator")


def run(options: argparse.Namespace) -> None:
    """Writes the proof, its classes and the design."""
    certified = certify(read_setting(options), options.work, options.seed)
    write(certified.proof, options.output, options, __name__)
    write(certified.classes, options.classes, options, __name__)
    write_design(certified.design, options.design)
