"""Random search: points are drawn from the space, regardless of the outcomes."""

from __future__ import annotations

from typing import Generic

import numpy as np
from numpy.typing import NDArray

from codesign.space.base import P, Space


class RandomSearch(Generic[P]):
    """The paper's constrained random search: it meets known constraints and does not learn.

    Args:
        space: the space to draw from.
        rng: the only source of randomness.
        batch: points that are proposed at once.
    """

    def __init__(self, space: Space[P], rng: np.random.Generator, batch: int = 1) -> None:
        self.space = space
        self.rng = rng
        self.batch = batch

    def ask(self) -> P:
        """The next `batch` points."""
        return self.space.draw(self.rng, self.batch)

    def tell(self, points: P, losses: NDArray[np.float64]) -> None:
        """Ignores the outcome of points."""
