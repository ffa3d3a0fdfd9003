"""The objectives of searches, by name."""

from __future__ import annotations

from collections.abc import Sequence

from codesign.errors import InputError

EDP = "edp"
PARETO = "pareto"

COSTS = {EDP: "edp", "energy": "energy_pj", "delay": "cycles"}
"""Objectives for mappings, each with the attribute of `cost.Costs` that it minimises."""

OBJECTIVES = (*COSTS, PARETO)
"""Objectives for accelerators. `pareto` searches for those that no other dominates in energy,
delay and area; mappings then minimise EDP."""


def check_objective(name: str, known: Sequence[str]) -> None:
    """Checks that `name` is one of `known`.

    Raises:
        InputError: it is not.
    """
    if name not in known:
        # Imported here, so that help texts with defaults do not load YAML.
        from codesign.reading import closest

        hint = closest(name, list(known))
        raise InputError(f"objective is {name!r}, expected one of {', '.join(known)}{hint}")


def mapping_objective(name: str) -> str:
    """The objective of the mapping searches inside a hardware search with objective `name`."""
    return EDP if name == PARETO else name
