"""Pricing a design again: the claimed costs must be the same, bit for bit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from codesign.cost.evaluate import Evaluator, costs_frame
from codesign.mapping.batch import MappingBatch
from codesign.store.design import Design, total


def replay(design: Design, accounting: str | None = None) -> pd.DataFrame:
    """Prices a design again.

    Args:
        design: the design.
        accounting: the accounting; by default the design's own.

    Returns:
        One row per layer: `workload, layer, count`, the columns of `codesign.cost.evaluate`, and
        `claimed_energy_pj, claimed_cycles, agrees` (bit for bit).

    Raises:
        InputError: the hardware cannot hold a layer's dataspaces.
    """
    rows = []
    for network in design.networks:
        for entry in network.layers:
            evaluator = Evaluator(
                entry.layer,
                design.hardware,
                design.technology,
                accounting or design.accounting,
                factors=design.factors,
            )
            batch = MappingBatch.of(entry.layer.shape, [entry.mapping])
            cost = costs_frame(evaluator.price(batch), design.hardware)
            cost.insert(0, "workload", network.name)
            cost.insert(1, "layer", entry.layer.name)
            cost.insert(2, "count", entry.count)
            cost["claimed_energy_pj"] = entry.energy_pj
            cost["claimed_cycles"] = float(entry.cycles)
            rows.append(cost)
    frame = pd.concat(rows, ignore_index=True)
    frame["agrees"] = (frame["energy_pj"] == frame["claimed_energy_pj"]) & (
        frame["cycles"] == frame["claimed_cycles"]
    )
    return frame


def network_totals(replayed: pd.DataFrame) -> pd.DataFrame:
    """One row per workload: `workload, energy_pj, cycles, edp`; NaN where a mapping is invalid."""
    rows = []
    for name, layers in replayed.groupby("workload", sort=False):
        sums = dict.fromkeys(("energy_pj", "cycles"), np.nan)
        if layers["valid"].all():
            sums = {column: total(list(layers["count"] * layers[column])) for column in sums}
        rows.append({"workload": name, **sums, "edp": sums["energy_pj"] * sums["cycles"]})
    return pd.DataFrame(rows)
