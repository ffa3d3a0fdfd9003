"""The columns of result tables that are not parameters of a space (`docs/files.md`).

The tables are built from these names, and no parameter of a template may have one of them.
"""

from __future__ import annotations

LABELS = (*("experiment", "space", "model", "layer", "hardware", "method", "inner_method", "seed"),)
"""The columns that identify a row."""

OUTCOMES = ("trial", "feasible", "violation", "energy_pj", "cycles", "edp", "best_edp")
"""The outcome of a trial, in the order of the tables."""

DRAWS = "draws"
"""Raw mappings drawn up to a trial, by methods whose draws may be infeasible."""

EDP_OF_LAYERS, AREA = "edp_of_layers", "area_mm2"
OBJECTIVE, BEST_OBJECTIVE, ON_FRONT = "objective", "best_objective", "on_front"
DESIGN, NETWORK = "design", "network"
CHIP_EDP = "chip_edp"
"""Columns of hardware searches: the sum of the layers' EDPs, the area, the objective if it is
not EDP, whether a trial is on the Pareto front, its design, the network of a family, and, in the
study, the EDP of the chip that names the space."""

RESERVED = frozenset(
    {
        *LABELS,
        *OUTCOMES,
        DRAWS,
        EDP_OF_LAYERS,
        AREA,
        OBJECTIVE,
        BEST_OBJECTIVE,
        ON_FRONT,
        DESIGN,
        NETWORK,
        CHIP_EDP,
    }
)
