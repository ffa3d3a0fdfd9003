"""The objective as one number, the goal: the value of a cycle in energy.

    goal < 0        energy · cycles
    0 ≤ goal < ∞    energy + goal · cycles
    goal = ∞        cycles

The sum separates over the layers of a network (`search.certified`); with goal 0, it is the energy.
All objectives grow with energy and with cycles. So lower bounds on both give a lower bound on the
objective. Bounds are about the dynamic energy, and about the cycles without those in which the
pipeline fills and drains. These cycles, and the static energy, are added here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

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


class Goal(NamedTuple):
    """What a task's mappings are compared by, for kernels.

    Args:
        per_cycle: the goal, a number of `goal_of`.
        leak_pj: the static energy of the accelerator in pJ per cycle.
        late_cycles: the cycles in which its pipeline fills and drains.
    """

    per_cycle: float
    leak_pj: float
    late_cycles: float


@inlined
def combine(goal, energy, cycles) -> float:  # type: ignore[no-untyped-def]
    """The objective of a `Goal`, from bounds on energy and cycles, for kernels."""
    delay = cycles + goal.late_cycles
    if goal.per_cycle == np.inf:
        return delay
    whole = energy + goal.leak_pj * delay
    if goal.per_cycle < 0.0:
        return whole * delay
    return whole + goal.per_cycle * delay


def worth(goal: float, energy: Floats, cycles: Floats) -> Floats:
    """The objective of a goal, for arrays of whole costs."""
    if goal < 0:
        return energy * cycles
    return cycles if goal == math.inf else energy + goal * cycles


def bounded(goal: Goal, energy: Floats, cycles: Floats) -> Floats:
    """`combine` for arrays."""
    delay = cycles + goal.late_cycles
    return worth(goal.per_cycle, energy + goal.leak_pj * delay, delay)


def priced(goal: float, costs: Costs) -> Floats:
    """[B], the objective of mappings; infinite if they are invalid."""
    values = worth(goal, costs.energy_pj, costs.cycles.astype(np.float64))
    return np.where(costs.valid, values, math.inf)


def energy_limit(goal: Goal, limit: float, cycles: float) -> float:
    """The dynamic energy at which the objective reaches `limit` with the bound `cycles`.

    A mapping that takes at least these cycles is below `limit` only if its dynamic energy is below
    this.
    """
    if goal.per_cycle == math.inf:
        return math.inf
    delay = cycles + goal.late_cycles
    whole = limit / delay if goal.per_cycle < 0 else limit - goal.per_cycle * delay
    return whole - goal.leak_pj * delay


def most_cycles(goal: Goal, limit: float, energy: float) -> float:
    """The cycles, without late ones, at which the objective reaches `limit` with this energy.

    A mapping that needs at least this dynamic energy is below `limit` only if it takes fewer.
    """
    return _most_delay(goal, limit, energy) - goal.late_cycles


def _most_delay(goal: Goal, limit: float, energy: float) -> float:
    if goal.per_cycle == math.inf:
        return limit
    per_cycle = max(goal.per_cycle, 0.0) + goal.leak_pj
    if goal.per_cycle >= 0:
        return (limit - energy) / per_cycle if per_cycle > 0 else math.inf
    # Of (energy + leak · cycles) · cycles = limit. Without a leak, it is limit / energy.
    root = math.hypot(energy, 2 * math.sqrt(per_cycle) * math.sqrt(limit))
    return 2 * limit / (energy + root) if energy + root > 0 else math.inf
