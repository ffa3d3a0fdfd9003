"""What a hardware trial costs: the costs of its networks as one number, or as three."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import InputError
from codesign.search.history import Floats
from codesign.search.network import NetworkRun
from codesign.search.objective import EDP, PARETO, mapping_objective


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


@dataclass(frozen=True)
class JointCost:
    """The cost of several networks on one accelerator, NaN where some layer has no mapping.

    Args:
        objective: what a hardware search minimises.
        weights: of the networks, positive; all equal if None.
    """

    objective: str = EDP
    weights: tuple[float, ...] | None = None

    def of(self, networks: Sequence[NetworkRun], objective: str = EDP) -> float:
        """The joint EDP (pJ·cycles), energy (pJ) or delay (cycles); NaN without networks."""
        if not networks:
            return np.nan
        return joint([network.cost(objective) for network in networks], self.weights)

    def value(self, networks: Sequence[NetworkRun]) -> float:
        """What is minimised; in a Pareto search the joint EDP."""
        return self.of(networks, mapping_objective(self.objective))

    def loss(self, networks: Sequence[NetworkRun], area_mm2: float) -> Floats:
        """What an optimizer is told: the log of the value, or [3] those of energy, delay, area."""
        if self.objective != PARETO:
            return np.log(np.array(self.value(networks)))
        costs = [self.of(networks, cost) for cost in ("energy", "delay")]
        return np.log([*costs, area_mm2])
