"""Candidates of a step: all are new, and the best untried one is used."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.search.pool import STEPS_AHEAD, Candidates
from tests.search.toys import Points, ToySpace

NOTHING = np.empty((0, 6), np.int64)


class Numbered(ToySpace):
    """A space whose points say in their last column when they were drawn."""

    drawn = 0

    def draw(self, rng: np.random.Generator, count: int) -> Points:
        points = super().draw(rng, count)
        points[:, -1] = np.arange(self.drawn, self.drawn + count)
        self.drawn += count
        return points

    def features(self, points: Points) -> np.ndarray:  # type: ignore[type-arg]
        return points.astype(float)


def make_pool(size: int = 12) -> Candidates[Points]:
    pool = Candidates(Numbered(), np.random.default_rng(0), size)
    pool.renew()
    return pool


def test_all_are_new_at_every_step() -> None:
    """Also if the candidates that were drawn in advance are used up."""
    pool = make_pool()
    seen = set(pool.features[:, -1])
    for _ in range(2 * STEPS_AHEAD + 1):
        pool.renew()

        assert pool.features.shape == (12, 6)
        assert not seen & set(pool.features[:, -1])
        seen |= set(pool.features[:, -1])


def test_the_best_that_was_not_tried_is_taken() -> None:
    """At every step, candidates that were tried are skipped; of equal scores, the first is used."""
    pool = make_pool()
    for _ in range(STEPS_AHEAD + 1):
        numbers = pool.features[:, -1]
        scores = np.array([0.0, 3.0, 1.0, 3.0, 2.0, 2.0] + 6 * [0.0])
        taken = []
        for tried in (0, 1, 2, 3, 4):
            ranked = pool.features[[1, 3, 4, 5]].astype(np.int64)
            taken.append(pool.best_untried(scores, ranked[:tried])[0, -1])

        assert taken == list(numbers[[1, 3, 4, 5, 2]])
        pool.renew()


@pytest.mark.parametrize("count", [1, 2, 6, 8, 11])
def test_what_was_tried_is_passed_over(count: int) -> None:
    """Also if many of the best were tried."""
    pool = make_pool()
    tried = pool.features[:count].astype(np.int64)

    taken = pool.best_untried(np.arange(12.0, 0.0, -1.0), tried)

    assert taken[0, -1] == pool.features[count, -1]


def test_of_equals_the_first_is_taken() -> None:
    """On every machine, since the order of equal scores is stable."""
    pool = make_pool()

    assert pool.best_untried(np.zeros(12), NOTHING)[0, -1] == pool.features[0, -1]


def test_the_best_is_taken_again_where_all_were_tried() -> None:
    """There may be fewer points than trials."""
    pool = make_pool()
    scores = np.random.default_rng(2).random(12)
    everything = pool.features.astype(np.int64)

    taken = pool.best_untried(scores, everything)

    assert taken[0, -1] == everything[scores.argmax(), -1]
