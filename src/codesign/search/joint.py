"""The cost of a hardware trial: the costs of its networks joined into one number, or three."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import InputError
from codesign.search.base import losses
from codesign.search.history import Floats
from codesign.search.network import NetworkRun
from codesign.search.objective import EDP, PARETO, mapping_objective


def check_weights(weights: Sequence[float], count: int) -> None:
    """Checks that there is one positive, finite weight for each of `count` networks.

    Raises:
        InputError: there is not.
    """
    if len(weights) != count or not all(0 < weight < np.inf for weight in weights):
        raise InputError(
            f"weights are {list(weights)}, expected a positive number for each of {count} networks"
        )


def joint(values: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """The weighted geometric mean of the costs of networks; NaN if a cost is NaN.

    A network with twice the weight counts as two networks. A saving of 1 % has the same effect
    for large and for small networks.
    """
    with np.errstate(divide="ignore"):  # if a network costs nothing, neither does the whole
        logs = np.array([np.log(value) for value in values])
    if weights is None or len(set(weights)) == 1:
        return float(np.exp(np.mean(logs)))
    return float(np.exp(np.average(logs, weights=np.array(weights))))


@dataclass(frozen=True)
class JointCost:
    """The joint cost of several networks on one accelerator; NaN if some layer has no mapping.

    Args:
        objective: the objective of the hardware search.
        weights: the positive weights of the networks; all equal if None.
        alternatives: whether the accelerator runs only the cheapest of the networks.
    """

    objective: str = EDP
    weights: tuple[float, ...] | None = None
    alternatives: bool = False

    def chosen(self, networks: tuple[NetworkRun, ...]) -> tuple[NetworkRun, ...]:
        """The networks that count: all, or of alternatives the cheapest one by the objective.

        If no alternative has mappings, it is the first one.
        """
        if not self.alternatives or not networks:
            return networks
        objective = mapping_objective(self.objective)
        costs = [network.cost(objective) for network in networks]
        return (networks[int(np.argmin(np.nan_to_num(costs, nan=np.inf)))],)

    def of(self, networks: Sequence[NetworkRun], objective: str = EDP) -> float:
        """The joint EDP (pJ·cycles), energy (pJ) or delay (cycles); NaN without networks."""
        if not networks:
            return np.nan
        return joint([network.cost(objective) for network in networks], self.weights)

    def value(self, networks: Sequence[NetworkRun]) -> float:
        """The joint cost by the objective; for `pareto`, the joint EDP."""
        return self.of(networks, mapping_objective(self.objective))

    def loss(self, networks: Sequence[NetworkRun], area_mm2: float) -> Floats:
        """The loss for an optimizer: log of the value; for `pareto`, [3] of energy, delay, area."""
        if self.objective != PARETO:
            return losses(self.value(networks))
        costs = [self.of(networks, cost) for cost in ("energy", "delay")]
        return losses(np.array([*costs, area_mm2]))
