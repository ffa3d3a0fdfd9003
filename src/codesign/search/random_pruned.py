"""Timeloop's search method random-pruned, on the map-spaces of this project (R6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codesign.mapping.batch import MappingBatch
from codesign.space.mapping_space import MapSpace

BATCH = 256
"""Mappings that are proposed at once. It does not depend on the budget, so that a short search is
the beginning of a long one."""

PATIENCE = 100_000
"""So many raw draws of which none fits are a failed trial."""


class RandomPruned:
    """Draws raw mappings, which need not fit fan-outs and capacities, and proposes those that fit.

    A trial is a *valid* mapping that is priced, as in Timeloop's `search-size`; `draws` has the
    number of raw draws. Timeloop can also end a search after a number of mappings without
    improvement, or of invalid mappings in a row. Here only the budget of trials ends it, as with
    all methods.

    Args:
        space: the map-space to search.
        rng: the only source of randomness.
    """

    def __init__(self, space: MapSpace, rng: np.random.Generator) -> None:
        self.space = space
        self.rng = rng
        self.draws: NDArray[np.int64] = np.empty(0, np.int64)

    def ask(self) -> MappingBatch:
        """The next `BATCH` mappings, or fewer if mappings that fit are rare."""
        points, draws = self.space.draw_pruned(self.rng, BATCH, PATIENCE)
        before = self.draws[-1] if len(self.draws) else 0
        self.draws = np.concatenate([self.draws, before + draws])
        return points

    def tell(self, points: MappingBatch, losses: NDArray[np.float64]) -> None:
        """Ignores the outcome of points."""
