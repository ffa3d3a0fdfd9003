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
        self.space, self.rng, self.size, self.fresh = space, rng, size, fresh
        self.features = np.empty((0, 0))
        """[size, F], `Space.features` of the candidates; none before the first `renew`."""
        self._rows = np.empty(0, np.int64)
        self._kept = np.empty(0, np.int64)

    def renew(self) -> None:
        """Draws new candidates in place of the worst."""
        if not len(self._rows):
            self._store, self._described = self._draw(self.size)
            self._rows, self._next = np.arange(self.size), self.size
        else:
            kept = self._rows[self._kept]
            if self._next + self.fresh > len(self._described):
                points, features = self._draw(STEPS_AHEAD * self.fresh)
                self._store = self.space.join([take(self._store, kept), points])
                self._described = np.concatenate([self._described[kept], features])
                kept, self._next = np.arange(len(kept)), len(kept)
            new = np.arange(self._next, self._next + self.fresh)
            self._rows, self._next = np.concatenate([kept, new]), self._next + self.fresh
        self.features = self._described[self._rows]

    def replace_all(self) -> None:
        """From now on all candidates are new at every step."""
        self.fresh, self._kept = self.size, self._kept[:0]

    def _draw(self, count: int) -> tuple[P, Floats]:
        points = self.space.draw(self.rng, count)
        return points, self.space.features(points)

    def best_untried(self, scores: Floats, tried: Ints) -> P:
        """The candidate of highest score that is none of `tried`, as a batch of one.

        Of equals the first; the highest of all where every candidate was tried before.

        Args:
            scores: [size], of all candidates.
            tried: [T, parameters], trials as `Space.encode` sees them.
        """
        ranking = np.argsort(-scores, kind="stable")
        # Nearly always it is the first, so that encoding all of them would be a waste.
        start, place = 0, -1
        while place < 0 and start < self.size:
            rows = self._rows[ranking[start : 2 * start + 1]]
            found = first_untried(self.space.encode(take(self._store, rows)), tried)
            place = start + found if found >= 0 else -1
            start = 2 * start + 1
        place = max(place, 0)
        # This one and those before it, which were tried, are the last to stay.
        worth = np.concatenate([ranking[place + 1 :], ranking[: place + 1]])
        self._kept = worth[: self.size - self.fresh]
        return take(self._store, self._rows[ranking[place : place + 1]])


def best_untried(scores: Floats, codes: Ints, tried: Ints) -> int:
    """The row of `codes` [B, parameters] with the highest score that is no row of `tried`.

    Of equals the first; the highest score of all where every candidate was tried before.
    """
    ranking = np.argsort(-scores, kind="stable")
    return int(ranking[max(first_untried(codes[ranking], tried), 0)])


@compiled
def first_untried(codes, tried) -> int:  # type: ignore[no-untyped-def]
    """The first row of `codes` [B, parameters] that is no row of `tried`, or -1."""
    for row in range(len(codes)):
        if not is_among(codes, row, tried):
            return row
    return -1


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
