"""The parts of a design's costs: their names, and their shares of a total."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

FULL, IDLE, LATE = "full array", "idle PEs", "fill and drain"
"""Components of cycles: those that a full array needs, further ones because PEs are idle, and those
in which the pipeline fills and drains."""

STATIC = "static energy"
"""The component of energy that all instances cost in every cycle."""

PARTS = ["quantity", "layer", "component", "dataspace", "value"]


def component(name: str, dataspace: str = "") -> str:
    """The name of a component in figures and sentences."""
    named = {
        "MACs": "operations",
        "PsumRegFile": "register files",
        "WeightRegFile": "register files",
        "InputRegFile": "register files",
        "GlobalBuffer": "global buffer",
    }.get(name, name)
    return f"{named}, {dataspace.lower()}" if dataspace and name == "DRAM" else named


def shares(parts: pd.DataFrame, quantity: str, total: float) -> pd.Series[float]:
    """The share of every `component` in a quantity, relative to `total`."""
    rows = parts[parts["quantity"] == quantity]
    names = [
        component(name, space)
        for name, space in zip(rows["component"], rows["dataspace"], strict=True)
    ]
    sums = rows["value"].groupby(np.array(names, dtype=object), sort=False).agg(math.fsum)
    return sums / total
