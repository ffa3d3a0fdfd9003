"""A space with plain features: what a user would write who knows nothing of the cost model."""

from __future__ import annotations

from typing import Generic

import numpy as np
from numpy.typing import NDArray

from codesign.space.base import P, Parameter, Space


class PlainSpace(Generic[P]):
    """A space as it is, but with the values of parameters as its features.

    An ordered parameter is one feature: the logarithm of its value, or of 1 plus the value if a
    value is 0. A label is one feature per value, 1 for the value that a point has. Estimates are
    left out: the paper's features have domain knowledge, and these do not.

    Args:
        space: the space.
    """

    def __init__(self, space: Space[P]) -> None:
        self.space = space
        self._tables = {
            i: _table(parameter)
            for i, parameter in enumerate(space.parameters)
            if not parameter.is_estimate
        }

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """As in `Space`."""
        return self.space.parameters

    def draw(self, rng: np.random.Generator, count: int) -> P:
        """As in `Space`."""
        return self.space.draw(rng, count)

    def mutate(self, rng: np.random.Generator, points: P, count: int) -> P:
        """As in `Space`."""
        return self.space.mutate(rng, points, count)

    def encode(self, points: P) -> NDArray[np.int64]:
        """As in `Space`."""
        return self.space.encode(points)

    def features(self, points: P) -> NDArray[np.float64]:
        """[B, F], the features of parameters side by side."""
        codes = self.space.encode(points)
        parts = [table[codes[:, i]] for i, table in self._tables.items()]
        return np.concatenate([*parts, np.empty((len(codes), 0))], axis=1)

    def join(self, batches: list[P]) -> P:
        """As in `Space`."""
        return self.space.join(batches)


def _table(parameter: Parameter) -> NDArray[np.float64]:
    """[values, features], the features of every value of a parameter."""
    if not parameter.is_ordered:
        return np.eye(len(parameter.values))
    values = np.array(parameter.values, np.float64)
    least = values.min(initial=0.0)
    return np.log(values - least + (least <= 0.0))[:, np.newaxis]
