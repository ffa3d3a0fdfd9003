"""The least EDP that any accelerator of a budget could have for a model: what R1 and R3 end above.

Either the bound that needs no search (`study.floor`), or, where it was made, the proof of certified
co-design (`study.certified`), which is tighter.
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
    """The least EDP that the budget of the baseline could reach: `model, reading, floor_edp`.

    Raises:
        InputError: the hardware is not of the Eyeriss template.
    """
    chip = setting.chip
    chip.template.require("eyeriss", "the bound that needs no search")
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
    """The floors with `bound_edp`, the better of floor and proof (pJ·cycles).

    A proof is of the first reading alone; the other keeps its floor.

    Args:
        setting: the model, and the accelerator whose budget counts.
        proof: the row of `certified.certify` for the same.
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
