"""Timeloop's random-pruned search on our map-space."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from scipy import stats

from codesign.cost import Evaluator
from codesign.hardware.files import load_chip
from codesign.mapping import MappingBatch
from codesign.search import random_pruned
from codesign.search.random_pruned import BATCH, RandomPruned
from codesign.space.mapping_space import MapSpace
from codesign.space.raw import PERMUTATIONS
from codesign.workload import Layer, load_workload
from tests.budgets import count
from tests.search.tasks import PAIR
from tests.space.strategies import assert_feasible, distinct, feasible_spaces, keys, seeds

CHIP = load_chip("eyeriss-168")
RESNET = load_workload("resnet")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def factors(batch: MappingBatch) -> list[bytes]:
    """What tells index factorisations apart."""
    return [t.tobytes() + s.tobytes() for t, s in zip(batch.temporal, batch.spatial, strict=True)]


@settings(max_examples=count(15, 40), deadline=None, suppress_health_check=list(HealthCheck))
@given(feasible_spaces(), seeds)
def test_what_is_drawn_fits(space: MapSpace, seed: int) -> None:
    """Or else it is a single mapping, drawn last, and all draws were spent."""
    points, draws = space.draw_pruned(rng(seed), 30, 2000)

    assert len(points) == len(draws)
    assert (np.diff(draws) >= 0).all()
    assert 1 <= draws[-1] <= 2000
    if (space.violations(points) == 0).all():
        assert_feasible(space, points)
    else:
        assert len(points) == 1
        assert draws[0] == 2000


def test_draws_are_those_of_rejection() -> None:
    """With pinned orders, every mapping is as likely, and as rarely valid, as when raw ones are
    drawn and rejected."""
    layer = Layer.conv("layer", K=8, C=12, Q=6, P=4)
    space = MapSpace(layer, CHIP.hardware, CHIP.dataflow("row-stationary"))
    expected, raw = space.reject(rng(1), 20_000)
    found, draws = space.draw_pruned(rng(2), 20_000, 10**7)

    assert distinct(found) == distinct(expected)
    ratio = draws[-1] / raw
    assert 0.95 < ratio < 1.05
    counts = [Counter(key.tobytes() for key in keys(batch)) for batch in (found, expected)]
    table = [[count[key] for key in sorted(counts[0])] for count in counts]
    assert stats.chi2_contingency(table).pvalue > 1e-3


def test_a_factorisation_is_visited_in_several_orders() -> None:
    """Sixteen of them where the orders are free; as many as there are if those are fewer."""
    space = MapSpace(RESNET.layers[0], CHIP.hardware)
    points, draws = space.draw_pruned(rng(), 1000, 10**6)

    first = np.flatnonzero(np.diff(draws, prepend=0))
    visits = np.diff(first, append=1000)
    turning = (points.temporal[first] > 1).sum(axis=2)
    orders = [math.prod(map(math.factorial, loops)) for loops in turning.tolist()]
    assert visits[:-1].tolist() == [min(PERMUTATIONS, count) for count in orders[:-1]]
    assert len(Counter(factors(points))) == len(first)
    assert len(distinct(points)) > 700

    pinned = MapSpace(RESNET.layers[0], CHIP.hardware, CHIP.dataflow("row-stationary"))
    _, draws = pinned.draw_pruned(rng(), 200, 10**6)
    assert len(np.unique(draws)) == 200


def test_orders_are_equally_likely() -> None:
    """All permutations of the loops that turn, and no others."""
    layer = Layer.conv("three", K=2, C=2, P=2)
    space = MapSpace(layer, PAIR)
    points, _ = space.draw_pruned(rng(), 40_000, 10**6)
    three = points[(points.temporal[:, 2] > 1).sum(axis=1) == 3]

    counts = Counter(
        tuple(name for name, _ in three.mapping(row).levels[2].temporal)
        for row in range(len(three))
    )

    assert len(counts) == 6
    # Each factorisation comes six times in a row, at random: about independent draws.
    assert max(counts.values()) < 1.2 * min(counts.values())


def test_batches_add_up() -> None:
    """Draws are counted from the start, over batches."""
    space = MapSpace(RESNET.layers[1], CHIP.hardware, CHIP.dataflow("row-stationary"))
    search = RandomPruned(space, rng())

    points = space.join([search.ask() for _ in range(3)])

    assert len(points) == len(search.draws) == 3 * BATCH
    assert (np.diff(search.draws) > 0).all()
    # R7's share of valid raw mappings, 6.7 %.
    assert len(points) / search.draws[-1] == pytest.approx(0.067, rel=0.15)
    assert Evaluator(space.layer, space.hardware).price(points).valid.all()


def test_where_nothing_fits_a_trial_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many draws in a row."""
    monkeypatch.setattr(random_pruned, "PATIENCE", 3)
    space = MapSpace(RESNET.layers[3], CHIP.hardware, CHIP.dataflow("row-stationary"))
    search = RandomPruned(space, rng())

    batches = [search.ask() for _ in range(60)]

    failed = [len(batch) == 1 and bool(space.violations(batch)[0]) for batch in batches]
    assert any(failed)
    assert not all(failed)
    assert search.draws[-1] <= 180
    assert len(search.draws) == sum(map(len, batches))
