"""Constrained random search: points drawn from the feasible space, whatever came of the others."""

from __future__ import annotations

from typing import Generic

import numpy as np
from numpy.typing import NDArray

from codesign.space.base import P, Space


class RandomSearch(Generic[P]):
    """The paper's baseline; it meets known constraints and learns nothing.

    Args:
        space: where to draw from.
        rng: the only source of randomness.
        batch: points handed out at once.
    """

    def __init__(self, space: Space[P], rng: np.random.Generator, batch: int = 1) -> None:
        self.space = space
        self.rng = rng
        self.batch = batch

    def ask(self) -> P:
        """The next `batch` points."""
        return self.space.draw(self.rng, self.batch)

    def tell(self, points: P, losses: NDArray[np.float64]) -> None:
        """Changes nothing."""
