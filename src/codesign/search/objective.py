"""What a search minimises, by name."""

from __future__ import annotations

from collections.abc import Sequence

from codesign.errors import InputError

EDP = "edp"
PARETO = "pareto"

COSTS = {EDP: "edp", "energy": "energy_pj", "delay": "cycles"}
"""Objectives of a mapping, and the cost that each one minimises, as `cost.Costs` calls it."""

OBJECTIVES = (*COSTS, PARETO)
"""Objectives of an accelerator; `pareto` asks for all that no other beats in energy, delay and
area at once. Mappings then minimise EDP."""


def check_objective(name: str, known: Sequence[str]) -> None:
    """Raises InputError: there is no objective of that name."""
    if name not in known:
        # Not above: YAML would be loaded for every help text that tells a default.
        from codesign.reading import closest

        hint = closest(name, list(known))
        raise InputError(f"objective is {name!r}, expected one of {', '.join(known)}{hint}")


def mapping_objective(name: str) -> str:
    """What the mappings on an accelerator minimise while it is searched for."""
    return EDP if name == PARETO else name
