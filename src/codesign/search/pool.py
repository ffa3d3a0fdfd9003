"""Candidates: drawn from the feasible space, and among them the best that was not tried yet."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np

from codesign.compiled import compiled
from codesign.search.history import Floats, History, Ints, take
from codesign.space.base import Space

P = TypeVar("P")

STEPS_AHEAD = 4
"""Candidates are drawn for so many steps at once, which costs less than step by step."""


def draw_pool(
    space: Space[P],
    rng: np.random.Generator,
    history: History[P],
    size: int,
    near: int,
    parents: int,
) -> P:
    """`size` feasible candidates, `near` of them neighbours of the `parents` best trials.

    Before the first feasible trial there is nobody to be near to: all are fresh draws.
    """
    if near == 0 or history.feasible == 0:
        return space.draw(rng, size)
    best = history.points(history.order[:parents])
    neighbours = space.mutate(rng, space.join(best), near)
    if near == size:
        return neighbours
    return space.join([space.draw(rng, size - near), neighbours])


class LastingPool(Generic[P]):
    """Feasible candidates that stay until better ones are drawn.

    Drawing and describing candidates is most of what a trial costs. So a few of them are new at
    every step, in place of those that scored least: the acquisition chooses from the best of all
    that were drawn so far.

    Args:
        space: what to draw from.
        rng: the only source of randomness.
        size: the number of candidates.
        fresh: how many of them are new at every step but the first, where all are.
    """

    def __init__(self, space: Space[P], rng: np.random.Generator, size: int, fresh: int) -> None:
        self.space, self.rng = space, rng
        self.fresh = fresh
        self.features = np.empty((0, 0))
        """[size, F], `Space.features` of the candidates."""
        self._scores = np.full(size, -np.inf)
        self._homes: list[P] = []
        self._rows = np.empty(size, np.int64)
        self._used = 0

    def renew(self) -> None:
        """Draws new candidates in place of the worst."""
        size = len(self._scores)
        if not self._homes:
            self._draw(size)
            self.features = self._spare_features.copy()
            self._homes, self._rows, self._used = [self._spare] * size, np.arange(size), size
            return
        if self._used == len(self._spare_features):
            self._draw(STEPS_AHEAD * self.fresh)
        places = np.argpartition(self._scores, self.fresh - 1)[: self.fresh]
        rows = np.arange(self._used, self._used + self.fresh)
        self._used += self.fresh
        self.features[places] = self._spare_features[rows]
        self._rows[places] = rows
        for place in places:
            self._homes[place] = self._spare

    def _draw(self, count: int) -> None:
        self._spare = self.space.draw(self.rng, count)
        self._spare_features = self.space.features(self._spare)
        self._used = 0

    def best_untried(self, scores: Floats, tried: Ints) -> P:
        """The candidate of highest score that is none of `tried`, as a batch of one.

        Of equals the first; the highest of all where every candidate was tried before.

        Args:
            scores: [size], of all candidates.
            tried: [T, parameters], trials as `Space.encode` sees them.
        """
        self._scores = scores.copy()
        ranking = np.argsort(-scores, kind="stable")
        for place in ranking:
            point = self._point(place)
            # Described only now: it is nearly always the first that is taken.
            self._scores[place] = -np.inf
            if not is_among(self.space.encode(point), 0, tried):
                return point
        return self._point(ranking[0])

    def _point(self, place: int) -> P:
        return take(self._homes[place], self._rows[place : place + 1])


@compiled
def best_untried(scores, codes, tried) -> int:  # type: ignore[no-untyped-def]
    """The row of `codes` [B, parameters] with the highest score that is no row of `tried`.

    Of equals the first; the highest score of all where every candidate was tried before.
    `scores` [B] is overwritten.
    """
    best_of_all = -1
    for _ in range(len(scores)):
        best = 0
        for row in range(1, len(scores)):
            if scores[row] > scores[best]:
                best = row
        if best_of_all < 0:
            best_of_all = best
        if not is_among(codes, best, tried):
            return best
        scores[best] = -np.inf
    return best_of_all


@compiled
def is_among(codes, row, tried) -> bool:  # type: ignore[no-untyped-def]
    """Whether `codes[row]` is a row of `tried`."""
    for trial in range(len(tried)):
        is_same = True
        for column in range(tried.shape[1]):
            if tried[trial, column] != codes[row, column]:
                is_same = False
                break
        if is_same:
            return True
    return False
