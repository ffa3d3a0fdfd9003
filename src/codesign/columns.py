"""The columns of result tables that are not parameters of what was searched (`docs/files.md`).

Stated here once: the tables are built from these names, and no parameter of a template may have
one of them.
"""

from __future__ import annotations

LABELS = ("experiment", "model", "layer", "hardware", "method", "inner_method", "seed")
"""What a row is about."""

OUTCOMES = ("trial", "feasible", "violation", "energy_pj", "cycles", "edp", "best_edp")
"""What came of a trial, in the order of the tables."""

DRAWS = "draws"
"""How many mappings a method that draws in vain had drawn."""

EDP_OF_LAYERS, AREA = "edp_of_layers", "area_mm2"
OBJECTIVE, BEST_OBJECTIVE, ON_FRONT = "objective", "best_objective", "on_front"
DESIGN = "design"
"""Of accelerators: the other reading of EDP, the area, another objective, and the front."""

RESERVED = frozenset(
    {*LABELS, *OUTCOMES, DRAWS, EDP_OF_LAYERS, AREA, OBJECTIVE, BEST_OBJECTIVE, ON_FRONT, DESIGN}
)
