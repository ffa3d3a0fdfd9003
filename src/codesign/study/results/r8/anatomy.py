"""The parameters of a design, and the parts of its energy and delay, summed over a network."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from codesign.cost.breakdown import Breakdown, break_down
from codesign.errors import InputError
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.study.results.r8.parts import FULL, IDLE, LATE, PARTS, STATIC

PINNED = 1
"""The value of H11 and H12 that pins the filter."""

BUDGET = {"pes": int, "local_words": int, "global_kb": float, "word_bits": int}


def describe(design: Design) -> dict[str, str | int | float]:
    """A design of the Eyeriss template as one row: H1–H12, its budget and its costs.

    Columns: `H1` … `H12`, `pes, local_words, global_kb, word_bits`; `energy_pj, cycles, edp` of
    the whole network; `utilization`, the share of busy PEs, over all cycles.

    Raises:
        InputError: the hardware does not have the template, or the design has several networks.
    """
    if design.point.template != "eyeriss":
        raise InputError(f"design {design.name}: its hardware has no H1–H12")
    network = _only_network(design)
    # If the number of PEs is free, a design has as many PEs as its own hardware.
    numbers: dict[str, Any] = {**design.budget, "pes": design.hardware.pes}
    macs = sum(entry.count * entry.layer.macs for entry in network.layers)
    return {
        **design.point.named,
        **{name: convert(numbers[name]) for name, convert in BUDGET.items()},
        "energy_pj": network.energy_pj,
        "cycles": network.cycles,
        "edp": network.edp,
        "utilization": macs / (design.hardware.pes * network.cycles),
    }


def dataflow_name(design: Design) -> str:
    """The dataflow of a design's mappings, as a text."""
    if "dataflow" in design.origin:
        return str(design.origin["dataflow"])
    point = design.point
    pinned = [name for name, h in (("R", "H11"), ("S", "H12")) if point[h] == PINNED]
    return f"{' and '.join(pinned)} as row-stationary" if pinned else "free"


def parts_of(design: Design) -> pd.DataFrame:
    """The costs of a network in parts that add up to its totals: columns `PARTS`.

    `energy_pj` is by layer, component (level, multipliers or `STATIC`) and dataspace. `cycles` are
    by layer and component: the operations on a full array (`FULL`), further steps because PEs are
    idle (`IDLE`), cycles that the slowest level adds, under its name, and cycles for filling and
    draining (`LATE`). Parts of a layer are multiplied by its count.
    """
    network = _only_network(design)
    rows = [row for entry in network.layers for row in _layer_rows(design, entry)]
    return pd.DataFrame(rows, columns=PARTS)


def _layer_rows(design: Design, entry: LayerDesign) -> list[tuple[str, str, str, str, float]]:
    parts = break_down(
        entry.layer, design.hardware, entry.mapping, design.technology, design.accounting
    )
    energy = [
        ("energy_pj", entry.layer.name, str(level), str(space), entry.count * float(value))
        for level, values in parts.energy_pj.iterrows()
        for space, value in values.items()
        if value
    ]
    static = math.fsum([*parts.static_pj, parts.chip_static_pj])
    if static:
        energy.append(("energy_pj", entry.layer.name, STATIC, "", entry.count * static))
    cycles = [
        ("cycles", entry.layer.name, name, "", entry.count * value)
        for name, value in delay_parts(parts, entry.layer.macs / design.hardware.pes).items()
        if value
    ]
    return [*energy, *cycles]


def delay_parts(parts: Breakdown, full: float) -> dict[str, float]:
    """The cycles of one mapping by component; `full` are the cycles that a full array needs."""
    computing = str(parts.cycles.index[-1])
    steps = float(parts.cycles[computing])
    delay = float(parts.cycles.max())
    taken = {FULL: full, IDLE: steps - full}
    if delay > steps:
        taken[str(parts.cycles.index[int(np.argmax(parts.cycles))])] = delay - steps
    if parts.late_cycles:
        taken[LATE] = parts.late_cycles
    return taken


def _only_network(design: Design) -> NetworkDesign:
    if len(design.networks) != 1:
        raise InputError(f"design {design.name}: {len(design.networks)} networks, expected one")
    return design.networks[0]
