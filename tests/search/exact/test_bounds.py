"""Bounds against the cost model: no mapping costs less than any bound that covers it."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.mapping import MappingBatch
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import GOALS
from codesign.search.exact.spatial import Rates, least_words, seen
from codesign.search.objective import COSTS
from codesign.search.task import MappingTask
from codesign.workload import GROUPED_CONV, Layer
from tests.budgets import count
from tests.eyeriss import budget_of, eyeriss, point_of
from tests.search.exact.cases import is_feasible, random_task
from tests.search.exact.replay import Replay

EYERISS = eyeriss("eyeriss-168", point_of(14, 12), budget_of(168))
SPREAD = eyeriss("spread", point_of(12, 14, 6, 100, 30, 6, 3, 2), budget_of(168))
SIZED = (
    Layer.conv("resnet-2", R=3, S=3, P=28, Q=28, C=128, K=128),
    Layer.conv("dqn-1", R=8, S=8, P=20, Q=20, C=4, K=16, Wstride=4, Hstride=4),
    Layer.conv("dilated", R=3, S=3, P=12, Q=12, C=4, K=16, N=2, Wdilation=2, Hdilation=3),
    Layer.conv("one-channel", R=5, S=3, P=24, Q=24, K=16, Wstride=2),
    Layer.conv("windows", R=4, S=4, P=16, Q=16),
    Layer.of(GROUPED_CONV, "depthwise", G=16, R=3, S=3, P=14, Q=14, Wstride=2, Hstride=2),
)


def _splits(batch: MappingBatch) -> np.ndarray:
    return np.asarray(batch.spatial.prod(axis=2, dtype=np.int64))


def _check_splits(task: MappingTask, count: int, seed: int) -> int:
    """Energy, cycles and words of random mappings against what their splits alone imply."""
    facts = Facts(task)
    batch = facts.space.draw(np.random.default_rng(seed), count)
    costs = facts.evaluator.price(batch)
    split = _splits(batch)
    rates, words = Rates(facts, split), least_words(facts, split)
    valid = costs.valid
    slack = 1 + 1e-12
    assert (rates.energy.least(words) <= costs.energy_pj * slack)[valid].all()
    assert (rates.cycles <= costs.cycles)[valid].all()
    for port in rates.ports:
        assert (port.least(words) <= costs.cycles * slack)[valid].all()
    return int(valid.sum())


@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
@pytest.mark.parametrize("layer", SIZED, ids=lambda layer: layer.name)
def test_a_split_bounds_its_mappings(layer: Layer, accounting: str) -> None:
    for hardware in (EYERISS, SPREAD):
        task = MappingTask(layer, hardware, accounting=accounting)
        assert _check_splits(task, 4000, seed=1) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
@pytest.mark.parametrize("layer", SIZED, ids=lambda layer: layer.name)
def test_a_split_bounds_its_mappings_by_the_hundred_thousand(layer: Layer, accounting: str) -> None:
    for seed, hardware in enumerate((EYERISS, SPREAD)):
        _check_splits(MappingTask(layer, hardware, accounting=accounting), 100_000, seed)


def _check_nests(task: MappingTask, count: int, seed: int, objective: str) -> None:
    """Every prefix of every mapping's nest, inside out, bounds the mapping's cost."""
    facts = Facts(task)
    if not facts.is_covered:
        return
    rng = np.random.default_rng(seed)
    batch = facts.space.draw(rng, count)
    costs = facts.evaluator.price(batch)
    values = getattr(costs, COSTS[objective])
    replay = Replay(facts, GOALS[objective])
    for row in np.flatnonzero(costs.valid):
        bounds = replay.bounds(batch, int(row))
        assert max(bounds) <= values[row] * (1 + 1e-12), (batch.mapping(int(row)), bounds)


@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
@pytest.mark.parametrize("layer", SIZED, ids=lambda layer: layer.name)
def test_pairs_and_nests_bound_their_mappings(layer: Layer, accounting: str) -> None:
    for hardware in (EYERISS, SPREAD):
        _check_nests(MappingTask(layer, hardware, accounting=accounting), 150, 3, "edp")


def test_pairs_and_nests_bound_mappings_of_odd_tasks() -> None:
    _check_odd(range(count(75, 300)), 20)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 6000, 1000))
def test_pairs_and_nests_bound_mappings_of_many_odd_tasks(start: int) -> None:
    _check_odd(range(start, start + 1000), 100)


@pytest.mark.slow
@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
@pytest.mark.parametrize("layer", SIZED, ids=lambda layer: layer.name)
def test_pairs_and_nests_bound_many_mappings(layer: Layer, accounting: str) -> None:
    for hardware in (EYERISS, SPREAD):
        _check_nests(MappingTask(layer, hardware, accounting=accounting), 10_000, 4, "edp")


def _check_odd(seeds: range, count: int) -> None:
    for seed in seeds:
        task, objective = random_task(seed)
        if is_feasible(task):
            _check_nests(task, count, seed, objective)


def test_seen_counts_what_one_instance_works_on() -> None:
    facts = Facts(MappingTask(SIZED[0], EYERISS))
    split = np.ones((1, 6, 7), np.int64)
    split[0, 3, 5], split[0, 4, 2] = 4, 7
    counts = seen(facts, split)[0]
    assert counts[5].tolist() == list(SIZED[0].sizes)
    assert counts[3][2] == 4
    assert counts[2][5] == 32
