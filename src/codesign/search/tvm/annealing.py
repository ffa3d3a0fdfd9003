"""Parallel simulated annealing on a cost model, after AutoTVM's `SimulatedAnnealingOptimizer`."""

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
    """The defaults are AutoTVM's.

    Args:
        chains: walks in parallel.
        steps: of every walk at most.
        patience: steps after which it ends, if none found anything for the best ones.
        temperature: in units of the model's scores, at the start; falls linearly to zero.
    """

    chains: int = 128
    steps: int = 500
    patience: int = 50
    temperature: float = 1.0


class Annealer(Generic[P]):
    """Walks over a space by `Space.mutate`; they go on where they ended the last time.

    Args:
        space: where to walk.
        rng: the only source of randomness.
        settings: how long.
    """

    def __init__(
        self, space: Space[P], rng: np.random.Generator, settings: AnnealingSettings
    ) -> None:
        self.space = space
        self.rng = rng
        self.settings = settings
        self._points: P | None = None

    def maximise(self, model: RankingModel[P], count: int, tried: Ints) -> P:
        """Up to `count` points that the model ranks highest, best first; none that was tried.

        Args:
            tried: [T, parameters], as `Space.encode` sees points.
        """
        chains, steps = self.settings.chains, self.settings.steps
        points = self.space.draw(self.rng, chains) if self._points is None else self._points
        scores = model.predict(points)
        best: _Best[P] = _Best(count, tried)
        best.offer(scores, self.space.encode(points), points)
        news, step = 0, 0
        while step < steps and step < news + self.settings.patience:
            temperature = self.settings.temperature * (1.0 - step / (steps + 1))
            moved = self.space.mutate(self.rng, points, chains)
            reached = model.predict(moved)
            if best.offer(reached, self.space.encode(moved), moved):
                news = step
            chance = np.exp(np.minimum((reached - scores) / (temperature + 1e-5), 0.0))
            goes = self.rng.random(chains) < chance
            rows = np.arange(chains) + np.where(goes, chains, 0)
            points = self.space.join([points, moved])[rows]
            scores = np.where(goes, reached, scores)
            step += 1
        self._points = points
        return self.space.join([points[:0], *best.points()])


class _Best(Generic[P]):
    """The best points of a walk, each once: a heap with the worst of them on top."""

    def __init__(self, count: int, tried: Ints) -> None:
        # Ties go to the earlier: what comes later has the lower second entry.
        self._heap: list[tuple[float, int, P | None]] = [
            (-np.inf, -index, None) for index in range(1, count + 1)
        ]
        self._known = {row.tobytes() for row in tried}
        self._seen = count

    def offer(self, scores: Floats, codes: Ints, points: P) -> bool:
        """Keeps what is better than the worst; whether there was any."""
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
        """Batches of one, best first."""
        ranked = sorted(self._heap, key=lambda entry: (-entry[0], -entry[1]))
        return [point for _, _, point in ranked if point is not None]
