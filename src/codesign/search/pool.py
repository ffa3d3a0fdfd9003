"""Candidates: drawn from the feasible space, and among them the best that was not tried yet."""

from __future__ import annotations

from typing import Generic

import numpy as np

from codesign.compiled import compiled
from codesign.search.history import Floats, History, Ints
from codesign.space.base import P, Space

STEPS_AHEAD = 4
"""Candidates are drawn for so many steps at once, which costs less than step by step."""

FEW = 4
"""So many candidates are held against all trials first."""


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


class Candidates(Generic[P]):
    """New feasible candidates for every step.

    Args:
        space: what to draw from.
        rng: the only source of randomness.
        size: how many at a step.
    """

    def __init__(self, space: Space[P], rng: np.random.Generator, size: int) -> None:
        self.space, self.rng, self.size = space, rng, size
        self.features = np.empty((0, 0))
        """[size, F], `Space.features` of the candidates; none before the first `renew`."""
        self._described = np.empty((0, 0))
        self._start = 0

    def renew(self) -> None:
        """Takes the next candidates, and draws more of them where none are left."""
        self._start += self.size
        if self._start >= len(self._described):
            self._drawn = self.space.draw(self.rng, STEPS_AHEAD * self.size)
            self._described = self.space.features(self._drawn)
            self._start = 0
        self.features = self._described[self._start : self._start + self.size]

    def best_untried(self, scores: Floats, tried: Ints) -> P:
        """The candidate of highest score that is none of `tried`, as a batch of one.

        Of equals the first; the highest of all where every candidate was tried before.

        Args:
            scores: [size], of all candidates.
            tried: [T, parameters], trials as `Space.encode` sees them.
        """
        ranking = self._start + np.argsort(-scores, kind="stable")
        # Nearly always it is one of the first few, so that encoding all would be a waste.
        start, end = 0, FEW
        while start < self.size:
            best = self._drawn[ranking[start:end]]
            found = first_untried(self.space.encode(best), tried)
            if found >= 0:
                return best[found : found + 1]
            start, end = end, 2 * end
        return self._drawn[ranking[:1]]


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
