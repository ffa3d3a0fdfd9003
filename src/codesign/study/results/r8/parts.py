"""The parts of a design's costs: their names, and what share each has of a total."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

FULL, IDLE = "full array", "idle PEs"
"""Cycles that every design needs, and those that it needs more because PEs are idle."""

PARTS = ["quantity", "layer", "component", "dataspace", "value"]


def component(name: str, dataspace: str = "") -> str:
    """What a part is called in figures and sentences."""
    named = {
        "MACs": "operations",
        "PsumRegFile": "register files",
        "WeightRegFile": "register files",
        "InputRegFile": "register files",
        "GlobalBuffer": "global buffer",
    }.get(name, name)
    return f"{named}, {dataspace.lower()}" if dataspace and name == "DRAM" else named


def shares(parts: pd.DataFrame, quantity: str, total: float) -> pd.Series[float]:
    """What every component (`component`) takes of a quantity, as a share of `total`."""
    rows = parts[parts["quantity"] == quantity]
    names = [
        component(name, space)
        for name, space in zip(rows["component"], rows["dataspace"], strict=True)
    ]
    sums = rows["value"].groupby(np.array(names, dtype=object), sort=False).agg(math.fsum)
    return sums / total
