"""Random numbers within kernels."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.compiled import compiled
from codesign.space.sampler import pick
from codesign.space.stream import STEP, below, next_uniform, uniform


def states(count: int) -> list[np.uint64]:
    """The states of a stream, one number each."""
    seed = np.uint64(2026)
    with np.errstate(over="ignore"):
        return [np.uint64(seed + np.uint64(i + 1) * STEP) for i in range(count)]


def test_splitmix_has_its_published_numbers() -> None:
    """The first numbers of Vigna's splitmix64.c from seed 1234567, their upper 53 bits."""
    seeds = np.array([1234567], np.uint64)
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [next_uniform(seeds) for _ in known] == [(n >> 11) * 2.0**-53 for n in known]


def test_whole_numbers_are_those_of_the_uniform_ones() -> None:
    for state in states(200):
        for count in (1, 2, 7, 42, 2048):
            assert below(state, count) == int(uniform(state) * count)


@pytest.mark.parametrize("preference", [0.0, 0.3, 1.0, 4.0])
def test_a_pick_is_a_power_of_a_uniform_number(preference: float) -> None:
    logarithms = np.log(np.maximum(np.arange(14), 1))
    shares = [0.0, *(uniform(state) for state in states(300)), 1.0 - 2.0**-53]
    for count in (2, 3, 9, 13):
        picks = [pick_one(logarithms, count, preference, share) for share in shares]
        powers = [count * share ** (1.0 / (1.0 + preference)) for share in shares]
        # Just below one, the power is rounded up to `count`; a pick stays below it.
        assert picks == [min(count - 1, int(power)) for power in powers]
        assert (min(picks), max(picks)) == (0, count - 1)


@compiled
def pick_one(logarithms, count, preference, share):  # type: ignore[no-untyped-def]
    """`pick`, which is made to be inlined."""
    return pick(logarithms, count, preference, share)
