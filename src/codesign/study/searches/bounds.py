"""Lower bounds on the EDP of all accelerators of a budget for a model, for R1 and R3.

A bound is that of `study.floor`, which does not need a search, or the tighter one of a proof
(`study.searches.certified`) if it was made.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from codesign.study.floor import network_floor
from codesign.study.paper import READINGS
from codesign.study.running.stage import Setting, add_setting, read_setting, read_tables, write


def floors(setting: Setting) -> pd.DataFrame:
    """The bounds of `study.floor` for the budget of the baseline: `model, reading, floor_edp`.

    Raises:
        InputError: the hardware does not have the Eyeriss template.
    """
    chip = setting.chip
    chip.template.require("eyeriss", "the bound without a search")
    product, layers = network_floor(
        setting.workload, chip.template.budget, chip.technology, setting.accounting
    )
    return pd.DataFrame(
        {
            "model": setting.workload.name,
            "reading": list(READINGS),
            "floor_edp": [product.edp, layers],
        }
    )


def bounds(setting: Setting, proof: pd.DataFrame | None = None) -> pd.DataFrame:
    """The floors with `bound_edp`, the larger of floor and proof (pJ·cycles).

    A proof is only for the first reading of EDP; for the other, the bound is the floor.

    Args:
        setting: the model, and the chip with the budget.
        proof: the row of `certified.certify` for the same setting, or None.
    """
    table = floors(setting)
    proven = 0.0 if proof is None else float(proof["lower_bound_edp"].iloc[0])
    of_search = np.where(table["reading"] == "product", proven, 0.0)
    return table.assign(bound_edp=np.maximum(table["floor_edp"], of_search))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    add_setting(parser)
    parser.add_argument("--proof", type=Path, nargs="*", default=[], help="none, or the model's")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the bounds."""
    proof = read_tables(options.proof, "certified") if options.proof else None
    write(bounds(read_setting(options), proof), options.output, options, __name__)
