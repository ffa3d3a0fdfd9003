"""How the coordinates of a space are written as parameters of Hyperopt."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from hyperopt import hp

from codesign.search.history import Ints
from codesign.space.base import DecodableSpace, StepwiseSpace


class Encoding(Protocol):
    """How every coordinate of a space is a parameter of Hyperopt, and back."""

    def expression(self, label: str, column: int) -> Any:
        """The distribution of a coordinate's parameter, under a label."""

    def index(self, indices: Ints, column: int, value: float) -> int:
        """The index in a coordinate that a value stands for, after the indices before it."""

    def value(self, indices: Ints, column: int) -> float:
        """A value that stands for the index of a coordinate among `indices` [coordinates]."""


class IndexEncoding:
    """Every coordinate by itself: `hp.quniform` over its index, `hp.choice` if it is a label.

    Args:
        space: the space.
    """

    def __init__(self, space: DecodableSpace[Any]) -> None:
        self._coordinates = space.coordinates

    def expression(self, label: str, column: int) -> Any:
        """As in `Encoding`."""
        coordinate = self._coordinates[column]
        size = len(coordinate.values)
        if coordinate.is_ordered:
            return hp.quniform(label, 0, size - 1, 1)
        return hp.choice(label, list(range(size)))

    def index(self, indices: Ints, column: int, value: float) -> int:
        """As in `Encoding`."""
        return round(value)

    def value(self, indices: Ints, column: int) -> float:
        """As in `Encoding`."""
        return int(indices[column])


class StepwiseEncoding:
    """Every coordinate by `hp.uniform` on [0, 1], as the place among the values that are left.

    Values are left if they go with those that were chosen before (`StepwiseSpace.remaining`). A
    label stays an `hp.choice`. If no value is left, the place is one among all values: the trial
    will fail.

    Args:
        space: the space.
    """

    def __init__(self, space: StepwiseSpace[Any]) -> None:
        self._space, self._coordinates = space, space.coordinates

    def expression(self, label: str, column: int) -> Any:
        """As in `Encoding`."""
        coordinate = self._coordinates[column]
        if coordinate.is_ordered:
            return hp.uniform(label, 0.0, 1.0)
        return hp.choice(label, list(range(len(coordinate.values))))

    def index(self, indices: Ints, column: int, value: float) -> int:
        """As in `Encoding`."""
        if not self._coordinates[column].is_ordered:
            return round(value)
        left = self._left(indices, column)
        return int(left[min(int(value * len(left)), len(left) - 1)])

    def value(self, indices: Ints, column: int) -> float:
        """As in `Encoding`: the middle of the values that stand for the index."""
        if not self._coordinates[column].is_ordered:
            return int(indices[column])
        left = self._left(indices, column)
        place = min(int(np.searchsorted(left, indices[column])), len(left) - 1)
        return (place + 0.5) / len(left)

    def _left(self, indices: Ints, column: int) -> Ints:
        """[n], the indices that are left of a coordinate, ascending; all if none is."""
        left = np.flatnonzero(self._space.remaining(indices, column))
        return left if len(left) else np.arange(len(self._coordinates[column].values))
