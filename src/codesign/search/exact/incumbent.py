"""The best mapping known, and how a good one is found to begin with."""

from __future__ import annotations

import math

import numpy as np

from codesign.cost.tables import Floats
from codesign.mapping import MappingBatch
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import priced

START = (4096, 60, 64)
"""Random draws, rounds of climbing, and how many mappings climb."""

TIE = 1e-12
"""Bounds within this share of the best are ties: a mapping may be better by rounding only."""


class Incumbent:
    """The best mapping known of a task.

    Args:
        goal: what is minimised (`goal`).
        cutoff: only mappings below it are of interest.

    Attributes:
        best: a batch of one, or None; value: its objective, or the cut-off until one is below.
        priced: mappings priced so far.
    """

    def __init__(self, facts: Facts, goal: float, cutoff: float = math.inf) -> None:
        self.facts, self.goal = facts, goal
        self.best: MappingBatch | None = None
        self.value = cutoff
        self.priced = 0

    @property
    def limit(self) -> float:
        """Candidates whose bound reaches it are dropped."""
        return self.value * (1 - TIE)

    def consider(self, batch: MappingBatch) -> Floats:
        """Prices mappings, and keeps the best."""
        values = priced(self.goal, self.facts.price(batch))
        self.priced += len(batch)
        if len(batch):
            at = int(np.argmin(values))
            if values[at] < self.value:
                self.value, self.best = float(values[at]), batch[at : at + 1]
        return values

    def climb(self) -> None:
        """A good mapping to begin with: the best of random draws, and of their neighbours."""
        draws, rounds, width = START
        rng = np.random.default_rng(0)
        space = self.facts.space
        points = space.draw(rng, draws)
        values = self.consider(points)
        for _ in range(rounds):
            order = np.argsort(values, kind="stable")[:width]
            elite, scores = points[order], values[order]
            fresh = space.mutate(rng, elite, 16 * width)
            points = space.join([elite, fresh])
            values = np.concatenate([scores, self.consider(fresh)])
