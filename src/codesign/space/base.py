"""What an optimizer may know of a space: how to draw points, and how to see them as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray


class Batch(Protocol):
    """Many points of a space in arrays: what every space's points have in common."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice | NDArray[np.int64], /) -> Self:
        """The points at `rows`; a slice copies nothing."""


P = TypeVar("P", bound=Batch)
"""The batches of a space."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a space.

    Args:
        name: as in result tables (`H3`, `K.GlobalBuffer`).
        values: all values it can take, ascending where they are ordered.
        is_ordered: whether neighbours in `values` are alike; if not, they are mere labels.
    """

    name: str
    values: tuple[float, ...]
    is_ordered: bool = True


class Space(Protocol, Generic[P]):
    """A space of points, which come in batches of type `P`.

    Every point that a space draws satisfies its *known* constraints; whether a point turns out
    infeasible for other reasons is told to the optimizer as an outcome.
    """

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, in the order of the columns of `encode`."""

    def draw(self, rng: np.random.Generator, count: int) -> P:
        """`count` independent feasible points."""

    def mutate(self, rng: np.random.Generator, points: P, count: int) -> P:
        """`count` feasible points, each a neighbour of one of `points` (taken in turn)."""

    def encode(self, points: P) -> NDArray[np.int64]:
        """[B, parameters], for every point the index into `Parameter.values`."""

    def features(self, points: P) -> NDArray[np.float64]:
        """[B, F], explicit features for surrogates with a linear kernel (`docs/paper.md`)."""

    def join(self, batches: list[P]) -> P:
        """All points of `batches`, in order."""


class DecodableSpace(Space[P], Protocol[P]):
    """A space with a box around it, for methods that know nothing of constraints.

    Its coordinates determine a point, which `parameters` need not do: those may be too few, or
    derived from each other.
    """

    @property
    def coordinates(self) -> tuple[Parameter, ...]:
        """The axes of the box, in the order of the columns of `locate`."""

    def locate(self, points: P) -> NDArray[np.int64]:
        """[B, coordinates], for every point the index into `Parameter.values`."""

    def decode(self, indices: NDArray[np.int64]) -> tuple[P, NDArray[np.bool_]]:
        """What lies at `indices` [B, coordinates], and [B] whether it meets the constraints.

        The batch has a point for every row, feasible or not. `decode(locate(points))` are the
        points again.
        """


class LoopSpace(Space[P], Protocol[P]):
    """A space whose points are loop nests, for cost models that look at loops."""

    def loops(self, points: P) -> NDArray[np.float64]:
        """[B, M, F], features of the loops that may turn (`space.loops`)."""
