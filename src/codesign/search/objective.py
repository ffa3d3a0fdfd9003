"""What a search minimises: of one layer, of a network, of several networks together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from codesign.errors import InputError
from codesign.reading import closest

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
        hint = closest(name, list(known))
        raise InputError(f"objective is {name!r}, expected one of {', '.join(known)}{hint}")


def mapping_objective(name: str) -> str:
    """What the mappings on an accelerator minimise while it is searched for."""
    return EDP if name == PARETO else name


def check_weights(weights: Sequence[float], count: int) -> None:
    """Raises InputError: not one positive weight for each of `count` networks."""
    if len(weights) != count or not all(0 < weight < np.inf for weight in weights):
        raise InputError(
            f"weights are {list(weights)}, expected a positive number for each of {count} networks"
        )


def joint(values: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """The geometric mean of the networks' costs, each with its weight in the exponent.

    A network of twice the weight counts as if it were there twice; what 1 % less cost of it is
    worth does not depend on how large it is. NaN where a network has no cost.
    """
    logs = np.array([np.log(value) for value in values])
    if weights is None or len(set(weights)) == 1:
        return float(np.exp(np.mean(logs)))
    return float(np.exp(np.average(logs, weights=np.array(weights))))
