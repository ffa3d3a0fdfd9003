"""Timeloop's own search, random-pruned, on our map-space (R6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codesign.mapping.batch import MappingBatch
from codesign.space.mapping_space import MapSpace

BATCH = 256
"""Mappings handed out at once, whatever the budget: short runs begin long ones."""

PATIENCE = 100_000
"""Raw draws without one that fits, after which a trial counts as failed."""


class RandomPruned:
    """Draws raw mappings, without regard to fanouts and capacities, until they fit.

    A trial is a *valid* mapping priced, as Timeloop's `search-size` counts; `draws` tells how
    many it took. Timeloop's other ends of a search, a number of mappings without improvement or
    of invalid ones in a row, do not apply: a budget of trials is what all methods share.

    Args:
        space: where to search.
        rng: the only source of randomness.
    """

    def __init__(self, space: MapSpace, rng: np.random.Generator) -> None:
        self.space = space
        self.rng = rng
        self.draws: NDArray[np.int64] = np.empty(0, np.int64)

    def ask(self) -> MappingBatch:
        """The next `BATCH` mappings, fewer where they are rare."""
        points, draws = self.space.draw_pruned(self.rng, BATCH, PATIENCE)
        before = self.draws[-1] if len(self.draws) else 0
        self.draws = np.concatenate([self.draws, before + draws])
        return points

    def tell(self, points: MappingBatch, losses: NDArray[np.float64]) -> None:
        """Changes nothing."""
