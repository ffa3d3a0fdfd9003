"""Evolution by CMA-ES finds the bottom of a bowl, within constraints."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.search.evolution import Evolution
from tests.search.toys import ToySpace, bowl, half_fails, run


@pytest.mark.parametrize("limit", [10**6, 60])
def test_it_finds_the_bottom_of_a_bowl(limit: int) -> None:
    """Of 30⁶ points, in 250 trials; no offspring breaks the known constraint."""
    space = ToySpace((30,) * 6, (), limit)
    ends = []
    for seed in range(4):
        tried, losses = run(Evolution(space, np.random.default_rng(seed)), space, bowl, 250)
        assert space.is_valid(tried).all()
        assert len(np.unique(tried, axis=0)) == len(tried)
        ends.append(np.nanmin(losses))

    assert np.median(ends) <= 3.0  # at random 77, or 31 with the constraint


def test_failed_offspring_are_the_last_to_be_parents() -> None:
    """Where half of the points fail, the mean of the last generations does not."""
    space = ToySpace((8,) * 4, (), 32)
    losses = run(Evolution(space, np.random.default_rng(0)), space, half_fails, 120)[1]

    assert np.isnan(losses[-40:]).mean() < 0.6 * np.isnan(losses[:20]).mean()


def test_a_space_of_one_point_and_of_labels_alone() -> None:
    """Neither has a distribution to adapt."""
    for space in (ToySpace((1, 1), (1,), 9), ToySpace((), (3, 4), 9)):
        losses = run(Evolution(space, np.random.default_rng(0)), space, bowl, 30)[1]
        assert np.isfinite(losses).all()


def test_a_generation_without_a_feasible_point_changes_nothing() -> None:
    """The next offspring come from the same distribution."""
    space = ToySpace((8, 8), (), 99)
    search = Evolution(space, np.random.default_rng(1))
    points = search.ask()

    search.tell(points, np.full(len(points), np.nan))

    assert search._generation == 0
    assert len(search.ask()) == search.offspring
