"""The objective as one number, the goal: the value of a cycle in energy.

    goal < 0        energy · cycles
    0 ≤ goal < ∞    energy + goal · cycles
    goal = ∞        cycles

The sum separates over the layers of a network (`search.certified`); with goal 0, it is the energy.
All objectives grow with energy and with cycles. So lower bounds on both give a lower bound on the
objective.
"""

from __future__ import annotations

import math

import numpy as np

from codesign.compiled import inlined
from codesign.cost import Costs
from codesign.cost.tables import Floats
from codesign.errors import InputError

GOALS = {"edp": -1.0, "energy": 0.0, "delay": math.inf}
"""The goals of the objectives in `search.objective.COSTS`."""

Objective = str | float
"""The name of an objective, or the value of a cycle in pJ."""


def goal_of(objective: Objective) -> float:
    """The goal of an objective.

    Raises:
        InputError: the name is unknown, or the number is below 0 or infinite.
    """
    if isinstance(objective, str):
        if objective not in GOALS:
            raise InputError(f"objective is {objective!r}, expected {', '.join(GOALS)}")
        return GOALS[objective]
    if not 0 <= objective < math.inf:
        raise InputError(f"objective is {objective!r}, expected at least 0 pJ per cycle")
    return float(objective)


@inlined
def combine(goal, energy, cycles) -> float:  # type: ignore[no-untyped-def]
    """The objective of a goal, for kernels."""
    if goal < 0.0:
        return energy * cycles
    if goal == np.inf:
        return cycles
    return energy + goal * cycles


def worth(goal: float, energy: Floats, cycles: Floats) -> Floats:
    """The objective of a goal, for arrays."""
    if goal < 0:
        return energy * cycles
    return cycles if goal == math.inf else energy + goal * cycles


def priced(goal: float, costs: Costs) -> Floats:
    """[B], the objective of mappings; infinite if they are invalid."""
    values = worth(goal, costs.energy_pj, costs.cycles.astype(np.float64))
    return np.where(costs.valid, values, math.inf)


def energy_limit(goal: float, limit: float, cycles: float) -> float:
    """The energy at which the objective reaches `limit` if the delay is `cycles`.

    A mapping that takes at least `cycles` is below `limit` only if its energy is below this.
    """
    if goal < 0:
        return limit / cycles
    return math.inf if goal == math.inf else limit - goal * cycles
