"""The incumbent: the best known mapping, with a way to find a good first one."""

from __future__ import annotations

import math

import numpy as np

from codesign.cost.tables import Floats
from codesign.mapping import MappingBatch
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import priced

START = (4096, 60, 64)
"""Random draws, rounds of hill climbing, and mappings per round."""

TIE = 1e-12
"""Bounds below the best value by up to this share count as equal, because of rounding."""


class Incumbent:
    """The best known mapping of a task.

    Args:
        facts: the constants of the task.
        goal: the goal, a number of `goal.goal_of`.
        cutoff: only mappings with an objective below it are kept.

    Attributes:
        best: the best mapping as a batch of one, or None.
        value: its objective, or the cut-off if there is none.
        priced: the number of mappings priced so far.
    """

    def __init__(self, facts: Facts, goal: float, cutoff: float = math.inf) -> None:
        self.facts, self.goal = facts, goal
        self.best: MappingBatch | None = None
        self.value = cutoff
        self.priced = 0

    @property
    def limit(self) -> float:
        """Candidates are dropped if their bound is not below this."""
        return self.value * (1 - TIE)

    def consider(self, batch: MappingBatch) -> Floats:
        """[B], the objective of mappings. Keeps the best one if it is better."""
        values = priced(self.goal, self.facts.price(batch))
        self.priced += len(batch)
        if len(batch):
            at = int(np.argmin(values))
            if values[at] < self.value:
                self.value, self.best = float(values[at]), batch[at : at + 1]
        return values

    def climb(self) -> None:
        """Considers random draws and then, in rounds, neighbours of the best mappings."""
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
