"""Parallel simulated annealing on a ranking model, like AutoTVM's `SimulatedAnnealingOptimizer`."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapreplace
from typing import Generic

import numpy as np

from codesign.search.history import Floats, Ints
from codesign.search.tvm.ranking import RankingModel
from codesign.space.base import P, Space


@dataclass(frozen=True)
class AnnealingSettings:
    """Settings of `Annealer`. The defaults are AutoTVM's.

    Args:
        chains: the number of parallel walks.
        steps: the most steps of every walk.
        patience: the annealing ends after so many steps that do not change the best points.
        temperature: the initial temperature, in units of the model's scores. It falls linearly to
            zero.
    """

    chains: int = 128
    steps: int = 500
    patience: int = 50
    temperature: float = 1.0


class Annealer(Generic[P]):
    """Walks over a space with `Space.mutate`. Every call continues the walks of the last one.

    Args:
        space: the space.
        rng: the only source of randomness.
        settings: the settings.
    """

    def __init__(
        self, space: Space[P], rng: np.random.Generator, settings: AnnealingSettings
    ) -> None:
        self.space = space
        self.rng = rng
        self.settings = settings
        self._points: P | None = None

    def maximise(self, model: RankingModel[P], count: int, tried: Ints) -> P:
        """Up to `count` points that the model ranks highest, best first, without those tried.

        Args:
            model: the ranking model.
            count: the most points to return.
            tried: [T, parameters], `Space.encode` of the trials.
        """
        chains, steps = self.settings.chains, self.settings.steps
        points = self.space.draw(self.rng, chains) if self._points is None else self._points
        scores = model.predict(points)
        best: _Best[P] = _Best(count, tried)
        best.offer(scores, self.space.encode(points), points)
        last_change, step = 0, 0
        while step < steps and step < last_change + self.settings.patience:
            temperature = self.settings.temperature * (1.0 - step / (steps + 1))
            moved = self.space.mutate(self.rng, points, chains)
            reached = model.predict(moved)
            if best.offer(reached, self.space.encode(moved), moved):
                last_change = step
            chance = np.exp(np.minimum((reached - scores) / (temperature + 1e-5), 0.0))
            goes = self.rng.random(chains) < chance
            rows = np.arange(chains) + np.where(goes, chains, 0)
            points = self.space.join([points, moved])[rows]
            scores = np.where(goes, reached, scores)
            step += 1
        self._points = points
        return self.space.join([points[:0], *best.points()])


class _Best(Generic[P]):
    """The best points so far, each once: a heap with the worst of them on top."""

    def __init__(self, count: int, tried: Ints) -> None:
        # Of equal scores, the earlier one is kept: later ones have the lower second entry.
        self._heap: list[tuple[float, int, P | None]] = [
            (-np.inf, -index, None) for index in range(1, count + 1)
        ]
        self._known = {row.tobytes() for row in tried}
        self._seen = count

    def offer(self, scores: Floats, codes: Ints, points: P) -> bool:
        """Adds the points that are better than the worst one. Returns whether there were any."""
        found = False
        for row in np.flatnonzero(scores > self._heap[0][0]):
            key = codes[row].tobytes()
            if scores[row] > self._heap[0][0] and key not in self._known:
                self._known.add(key)
                self._seen += 1
                entry = (float(scores[row]), -self._seen, points[np.array([row])])
                heapreplace(self._heap, entry)
                found = True
        return found

    def points(self) -> list[P]:
        """The best points as batches of one, best first."""
        ranked = sorted(self._heap, key=lambda entry: (-entry[0], -entry[1]))
        return [point for _, _, point in ranked if point is not None]
