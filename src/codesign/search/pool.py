"""Candidates drawn from a space, and the best of them that is not yet a trial."""

from __future__ import annotations

from typing import Generic

import numpy as np

from codesign.compiled import compiled
from codesign.search.history import Floats, History, Ints
from codesign.space.base import P, Space

STEPS_AHEAD = 4
"""Steps that candidates are drawn for at once, which is faster than one step at a time."""

FEW = 4
"""The number of best candidates that are compared with all trials first."""


def draw_pool(
    space: Space[P],
    rng: np.random.Generator,
    history: History[P],
    size: int,
    near: int,
    parents: int,
) -> P:
    """`size` feasible candidates, of which `near` are neighbours of the `parents` best trials.

    Before the first feasible trial, all are new draws.
    """
    if near == 0 or history.feasible == 0:
        return space.draw(rng, size)
    best = history.points(history.order[:parents])
    neighbours = space.mutate(rng, space.join(best), near)
    if near == size:
        return neighbours
    return space.join([space.draw(rng, size - near), neighbours])


class Candidates(Generic[P]):
    """New feasible candidates for every step of an optimizer.

    Args:
        space: the space to draw from.
        rng: the only source of randomness.
        size: the number of candidates per step.
    """

    def __init__(self, space: Space[P], rng: np.random.Generator, size: int) -> None:
        self.space, self.rng, self.size = space, rng, size
        self.features = np.empty((0, 0))
        """[size, F], `Space.features` of the candidates; empty before the first `renew`."""
        self._described = np.empty((0, 0))
        self._start = 0

    def renew(self) -> None:
        """Moves on to the next candidates, and draws more if none are left."""
        self._start += self.size
        if self._start >= len(self._described):
            self._drawn = self.space.draw(self.rng, STEPS_AHEAD * self.size)
            self._described = self.space.features(self._drawn)
            self._start = 0
        self.features = self._described[self._start : self._start + self.size]

    def best_untried(self, scores: Floats, tried: Ints) -> P:
        """The candidate with the highest score that is not in `tried`, as a batch of one.

        It is the first if several are equal. If all candidates are in `tried`, it is the one with
        the highest score of all.

        Args:
            scores: [size], the scores of all candidates.
            tried: [T, parameters], `Space.encode` of the trials.
        """
        ranking = self._start + np.argsort(-scores, kind="stable")
        # Nearly always it is one of the first few, so not all candidates are encoded.
        start, end = 0, FEW
        while start < self.size:
            best = self._drawn[ranking[start:end]]
            found = first_untried(self.space.encode(best), tried)
            if found >= 0:
                return best[found : found + 1]
            start, end = end, 2 * end
        return self._drawn[ranking[:1]]


def best_untried(scores: Floats, codes: Ints, tried: Ints) -> int:
    """The row of `codes` [B, parameters] with the highest score that is not a row of `tried`.

    It is the first if several are equal. If all rows are in `tried`, it is the one with the
    highest score of all.
    """
    ranking = np.argsort(-scores, kind="stable")
    return int(ranking[max(first_untried(codes[ranking], tried), 0)])


@compiled
def first_untried(codes, tried) -> int:  # type: ignore[no-untyped-def]
    """The first row of `codes` [B, parameters] that is not a row of `tried`, or -1."""
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
