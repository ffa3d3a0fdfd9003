"""The lasting pool: who stays, who is new, and who is taken."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.search.pool import LastingPool
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


def make_pool(size: int = 12, fresh: int = 5) -> LastingPool[Points]:
    pool = LastingPool(Numbered(), np.random.default_rng(0), size, fresh)
    pool.renew()
    return pool


def test_the_best_stay_and_the_others_are_new() -> None:
    """Step by step, all but `fresh` of the best remain, without the one that was taken."""
    pool = make_pool()
    rng = np.random.default_rng(1)
    seen = set(pool.features[:, -1])
    for _ in range(20):
        scores = rng.random(12)
        before = pool.features[:, -1]

        taken = pool.best_untried(scores, NOTHING)
        pool.renew()

        ranked = before[np.argsort(-scores)]
        assert taken[0, -1] == ranked[0]
        assert list(pool.features[:7, -1]) == list(ranked[1:8])
        assert not seen & set(pool.features[7:, -1])
        seen |= set(pool.features[:, -1])
        assert pool.features.shape == (12, 6)


def test_all_may_be_new() -> None:
    """With as many new ones as there are candidates, none stays."""
    pool = make_pool(8, 8)
    before = set(pool.features[:, -1])

    pool.best_untried(np.arange(8.0), NOTHING)
    pool.renew()

    assert not before & set(pool.features[:, -1])


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_all_may_be_replaced_from_some_step_on(steps: int) -> None:
    """None stays and none comes back, wherever among those drawn ahead it begins."""
    pool = make_pool()
    for _ in range(steps):
        pool.best_untried(np.arange(12.0), NOTHING)
        pool.renew()
    seen = set(pool.features[:, -1])
    for _ in range(6):
        pool.best_untried(np.arange(12.0), NOTHING)
        pool.replace_all()
        pool.renew()

        assert pool.features.shape == (12, 6)
        assert not seen & set(pool.features[:, -1])
        seen |= set(pool.features[:, -1])


@pytest.mark.parametrize("count", [1, 2, 6, 11])
def test_what_was_tried_is_passed_over_and_leaves(count: int) -> None:
    """The first of the others is taken; those that were tried are the last to stay."""
    pool = make_pool()
    scores = np.arange(12.0, 0.0, -1.0)
    tried = pool.features[:count].astype(np.int64)
    later = pool.features[count + 1 :, -1]

    taken = pool.best_untried(scores, tried)
    expected = pool.features[count, -1]
    pool.renew()

    assert taken[0, -1] == expected
    stay = min(len(later), 7)
    assert list(pool.features[:stay, -1]) == list(later[:stay])


def test_the_best_is_taken_again_where_all_were_tried() -> None:
    """Small spaces come to an end; the search does not."""
    pool = make_pool()
    scores = np.random.default_rng(2).random(12)
    everything = pool.features.astype(np.int64)

    taken = pool.best_untried(scores, everything)
    pool.renew()

    assert taken[0, -1] == everything[scores.argmax(), -1]
    assert len(pool.features) == 12


def test_of_equals_the_first_is_taken() -> None:
    """On every machine, whatever its sorting does with equals."""
    pool = make_pool()
    before = pool.features[:, -1]

    assert pool.best_untried(np.zeros(12), NOTHING)[0, -1] == before[0]
    pool.renew()

    assert list(pool.features[:7, -1]) == list(before[1:8])
