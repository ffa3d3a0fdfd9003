"""What is minimised, as one number: the energy that a cycle is worth.

    goal < 0        energy · cycles
    0 ≤ goal < ∞    energy + goal · cycles
    goal = ∞        cycles

The sum is what separates over the layers of a network (`search.certified`), and energy alone is
its case 0. All grow with energy and with cycles, so that bounds of both bound them.
"""

from __future__ import annotations

import math

import numpy as np

from codesign.compiled import inlined
from codesign.cost import Costs
from codesign.cost.tables import Floats
from codesign.errors import InputError

GOALS = {"edp": -1.0, "energy": 0.0, "delay": math.inf}
"""Objectives by name (`search.objective.COSTS` has the same); a number stands for the pJ that a
cycle is worth."""

Objective = str | float


def goal_of(objective: Objective) -> float:
    """The number of an objective.

    Raises:
        InputError: an unknown name, or a worth below 0.
    """
    if isinstance(objective, str):
        if objective not in GOALS:
            raise InputError(f"objective is {objective!r}, expected {', '.join(GOALS)}")
        return GOALS[objective]
    if not 0 <= objective < math.inf:
        raise InputError(f"objective is {objective!r}, expected at least 0 pJ a cycle")
    return float(objective)


@inlined
def combine(goal, energy, cycles) -> float:  # type: ignore[no-untyped-def]
    """The objective, for kernels."""
    if goal < 0.0:
        return energy * cycles
    if goal == np.inf:
        return cycles
    return energy + goal * cycles


def worth(goal: float, energy: Floats, cycles: Floats) -> Floats:
    """The objective of arrays."""
    if goal < 0:
        return energy * cycles
    return cycles if goal == math.inf else energy + goal * cycles


def priced(goal: float, costs: Costs) -> Floats:
    """[B], the objective of mappings; infinite where they are invalid."""
    values = worth(goal, costs.energy_pj, costs.cycles.astype(np.float64))
    return np.where(costs.valid, values, math.inf)


def energy_limit(goal: float, limit: float, cycles: float) -> float:
    """The energy from which on nothing that takes at least `cycles` stays below `limit`."""
    if goal < 0:
        return limit / cycles
    return math.inf if goal == math.inf else limit - goal * cycles
