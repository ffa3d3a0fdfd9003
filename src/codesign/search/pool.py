"""Candidates: drawn from the feasible space, and among them the best that was not tried yet."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from codesign.compiled import compiled
from codesign.search.history import History
from codesign.space.base import Space

P = TypeVar("P")


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
