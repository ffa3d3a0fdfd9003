"""Search that learns what words cost, and anneals the predicted cost between trials."""

from __future__ import annotations

import numpy as np

from codesign.mapping.batch import MappingBatch
from codesign.search.history import Floats
from codesign.search.traffic.annealing import Nests, anneal, make_walk
from codesign.search.traffic.model import TrafficModel
from codesign.space.mapping_space import MapSpace
from codesign.space.tiles import make_workbench
from codesign.space.words import columns_of, estimate_all, make_gauge

STARTUP = 20
"""Random trials before the model is used."""

STEPS = 600
"""Steps of annealing per trial."""

FIRST_ROUND = 15
"""The trials of the first annealing. Each later one is twice as long as the one before: the search
does not depend on the budget, and most of a long one is a slow annealing."""

HOT, COLD = 1.0, 0.01
"""Temperatures at the beginning and at the end of an annealing, as differences of log costs."""

KEPT = 64
"""The best predicted mappings that are not trials yet, of which the next trial is one."""


class TrafficSearch:
    """Mapping search with a learned model of traffic (an `Optimizer`).

    Between two trials, it walks over some hundreds of neighbours by predicted cost. They are not
    priced: a prediction uses estimates of the words that a mapping moves (`space.words`), and what
    a word costs comes from the trials only.

    Args:
        space: the map-space to search.
        rng: the only source of randomness.
    """

    def __init__(self, space: MapSpace, rng: np.random.Generator) -> None:
        self.space, self.rng, self.plan = space, rng, space.plan
        self._gauge = make_gauge(space.slots)
        columns = columns_of(self._gauge)
        self._bench, self._walker = make_workbench(self.plan), make_walk(self.plan, columns)
        self._seeds = rng.integers(0, 2**63, 1, np.uint64)
        self.model = TrafficModel(columns)
        self._words, self._losses = np.empty((0, columns)), np.empty(0)
        self._kept = space.blank(KEPT)
        self._kept_words = np.zeros((KEPT, columns))
        self._is_kept = np.zeros(KEPT, np.bool_)
        self._best = self._place = space.blank(0)
        self._length = FIRST_ROUND
        self._turn = 0

    def ask(self) -> MappingBatch:
        """First the start-up trials that are left, in one batch; then batches of one."""
        left = STARTUP - len(self._losses)
        if left > 0:
            return self.space.draw(self.rng, left)
        known = np.isfinite(self._losses)
        if not known.any():
            return self.space.draw(self.rng, 1)
        self.model.refit(self._words[known], self._losses[known])
        self._look_around()
        if not self._is_kept.any():
            return self.space.draw(self.rng, 1)
        best = int(self._predicted().argmin())
        self._is_kept[best] = False
        return self._kept[np.array([best])]

    def tell(self, points: MappingBatch, losses: Floats) -> None:
        """Tells the outcome of any points, not only of proposed ones."""
        least = np.nanmin(self._losses, initial=np.inf)
        for row in np.flatnonzero(losses < least):
            if losses[row] < least:
                self._best, least = points[np.array([row])], losses[row]
        self._words = np.concatenate([self._words, self._estimate(points)])
        self._losses = np.concatenate([self._losses, losses])

    def _predicted(self) -> Floats:
        """[KEPT], the predicted log costs of what is kept; infinite where nothing is."""
        costs = np.full(KEPT, np.inf)
        costs[self._is_kept] = self.model.predict(self._kept_words[self._is_kept])
        return costs

    def _look_around(self) -> None:
        """Anneals for one trial. What is new replaces the worst of what is kept."""
        if self._turn == self._length:
            self._length, self._turn = 2 * self._length, 0
        if self._turn == 0:
            self._place = self.space.draw(self.rng, 1)
        cooling = (COLD / HOT) ** (1.0 / (self._length * STEPS))
        temperature = HOT * (COLD / HOT) ** (self._turn / self._length)
        self._turn += 1
        if not self._walk(temperature, cooling):
            # It went where nothing is new, or where no mapping is valid.
            self._place = self._best[np.array([0])]
            if not self._is_kept.any():
                self._walk(HOT, 1.0)

    def _walk(self, temperature: float, cooling: float) -> bool:
        """Walks on from the last place. Returns whether it found something new."""
        row = int(self._predicted().argmax())
        others = np.arange(KEPT) != row
        known = np.concatenate([self._words, self._kept_words[others & self._is_kept]])
        cost = anneal(
            self.plan, self._gauge, self._bench, self._walker, self._seeds, self.model.prices,
            np.array([STEPS, temperature, cooling]), _nests(self._place), known,
            (_nests(self._kept), self._kept_words, row),
        )  # fmt: skip
        self._is_kept[row] = np.isfinite(cost)
        return bool(self._is_kept[row])

    def _estimate(self, points: MappingBatch) -> Floats:
        words = np.empty((len(points), self._words.shape[1]))
        estimate_all(
            self.plan, self._gauge, self._bench,
            points.temporal, points.order, points.spatial, points.keep, words,
        )  # fmt: skip
        return words


def _nests(batch: MappingBatch) -> Nests:
    return Nests(batch.temporal, batch.order, batch.spatial, batch.keep)
