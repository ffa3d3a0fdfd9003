"""What optimizers use of a space: ways to draw points, and their encodings as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray


class Batch(Protocol):
    """Many points of a space in arrays: the interface of every space's batches."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice | NDArray[np.int64], /) -> Self:
        """The points at `rows`. A slice is a view, not a copy."""


P = TypeVar("P", bound=Batch)
"""The type of a space's batches."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a space.

    Args:
        name: its name in result tables (`H3`, `K.GlobalBuffer`).
        values: all values that it can have, ascending if they are ordered.
        is_ordered: whether neighbours in `values` are similar; if not, the values are labels.
        is_estimate: whether it is not chosen but estimated from what is: the words that a level
            fetches, for example.
    """

    name: str
    values: tuple[float, ...]
    is_ordered: bool = True
    is_estimate: bool = False


class Space(Protocol, Generic[P]):
    """A space of points, which come in batches of type `P`.

    Every point that a space draws meets the *known* constraints. If a point is not feasible for
    other reasons, the optimizer is told so as the outcome of the trial.
    """

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, in the order of the columns of `encode`."""

    def draw(self, rng: np.random.Generator, count: int) -> P:
        """`count` independent feasible points."""

    def mutate(self, rng: np.random.Generator, points: P, count: int) -> P:
        """`count` feasible points: neighbours of `points`, which are used one after the other."""

    def encode(self, points: P) -> NDArray[np.int64]:
        """[B, parameters], the indices of the points' values in `Parameter.values`."""

    def features(self, points: P) -> NDArray[np.float64]:
        """[B, F], features for surrogates with a linear kernel (`docs/paper.md`)."""

    def join(self, batches: list[P]) -> P:
        """All points of `batches`, in order."""


class DecodableSpace(Space[P], Protocol[P]):
    """A space within a box of coordinates, for methods that do not know constraints.

    The coordinates determine a point. `parameters` need not: they may be too few, or may depend
    on each other.
    """

    @property
    def coordinates(self) -> tuple[Parameter, ...]:
        """The axes of the box, in the order of the columns of `locate`."""

    def locate(self, points: P) -> NDArray[np.int64]:
        """[B, coordinates], the indices of the points' values in `Parameter.values`."""

    def decode(self, indices: NDArray[np.int64]) -> tuple[P, NDArray[np.bool_]]:
        """The points at `indices` [B, coordinates], and [B] whether they meet the constraints.

        The batch has a point for every row, feasible or not. `decode(locate(points))` gives the
        same points again.
        """


class StepwiseSpace(DecodableSpace[P], Protocol[P]):
    """A space whose coordinates can be chosen one after the other."""

    def remaining(self, indices: NDArray[np.int64], column: int) -> NDArray[np.bool_]:
        """[values], the values of a coordinate that are left after those before it are chosen.

        What is left is what a user knows without more than the earlier values: a factor divides
        what is left of its dimension, for example. A point of values that were left may still
        break a constraint. It can also happen that nothing is left.

        Args:
            indices: [coordinates], of which those before `column` count.
            column: the coordinate.
        """


class LoopSpace(Space[P], Protocol[P]):
    """A space whose points are loop nests, for surrogates that use features of loops."""

    def loops(self, points: P) -> NDArray[np.float64]:
        """[B, M, F], features of the M loops with a size that may exceed 1 (`space.loops`)."""
