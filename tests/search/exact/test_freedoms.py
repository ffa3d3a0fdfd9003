"""All freedoms at once: padded factors and bypasses, on tasks with all that makes mappers go wrong.

And the bounds that know what levels can hold, against mappings, and against the checker's.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import InputError
from codesign.factors import PADDED
from codesign.search.exact import exhaust, incumbent, solve
from codesign.search.exact.capacity import Capacities
from codesign.search.exact.check import check_layer
from codesign.search.exact.check_bounds import SplitBounder
from codesign.search.exact.check_couplings import CouplingBounder
from codesign.search.exact.couplings import Couplings
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import GOALS, bounded, priced
from codesign.search.exact.spatial import Rates
from codesign.search.exact.splits import Sizes
from codesign.search.task import MappingTask
from tests.budgets import count
from tests.search.exact.cases import is_feasible, random_task
from tests.search.exact.test_padded import claim_of

MOST_MACS = 150


def loose_task(seed: int) -> tuple[MappingTask, str]:
    """A random task of which some levels may bypass something, mostly with padded factors."""
    rng = random.Random(seed)
    task, objective = random_task(seed)
    names = task.layer.shape.dataspace_names
    *inner, outer = task.hardware.levels
    levels = [
        replace(
            level,
            may_bypass=frozenset(n for n in names if level.may_hold(n) and rng.random() < 0.4),
        )
        for level in inner
    ]
    task = replace(task, hardware=replace(task.hardware, levels=(*levels, outer)))
    if rng.random() < 0.7:
        task = replace(task, dataflow=replace(task.dataflow, factors=PADDED))
    return task, objective


@pytest.fixture(autouse=True)
def _proofs_start_badly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search has to find what is best, and not the climb before it."""
    monkeypatch.setattr(incumbent, "START", (8, 1, 4))


def compare(seeds: range) -> int:
    """Compares proofs with enumeration, and checks them; returns how many there were."""
    compared = 0
    for seed in seeds:
        task, objective = loose_task(seed)
        if not is_feasible(task) or task.layer.macs > MOST_MACS:
            continue
        if not Facts(task).is_covered:
            continue
        try:
            least = exhaust(task, objective).certificate.lower_bound
        except InputError:
            continue
        proof = solve(task, objective).certificate
        assert proof.verdict == "optimal", (seed, task)
        assert proof.lower_bound == pytest.approx(least, rel=1e-12), (seed, task, objective)
        check_layer(task, claim_of(task, objective))
        compared += 1
    return compared


def test_proofs_with_all_freedoms_equal_enumeration() -> None:
    assert compare(range(count(6, 60))) > count(1, 20)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 3000, 500))
def test_many_proofs_with_all_freedoms_equal_enumeration(start: int) -> None:
    assert compare(range(start, start + 500)) > 150


def test_a_stopped_proof_bounds_what_it_left_out() -> None:
    """Whatever the budget, the bound is at most the optimum, and more work never lowers it."""
    stopped = 0
    for seed in range(count(3, 40)):
        task, objective = loose_task(seed)
        if not is_feasible(task) or task.layer.macs > MOST_MACS:
            continue
        try:
            whole = solve(task, objective).certificate.lower_bound
        except InputError:
            continue
        before = 0.0
        for work in (0, 10, 1000):
            proof = solve(task, objective, most_work=work).certificate
            assert before * (1 - 1e-12) <= proof.lower_bound <= whole * (1 + 1e-12), (seed, work)
            before = proof.lower_bound
            stopped += proof.verdict == "bound"
    assert stopped > count(0, 5)


def bound_draws(task: MappingTask, draws: int, seed: int) -> int:
    """Bounds drawn mappings from their splits, by the search and by the checker."""
    facts = Facts(task)
    if not facts.is_covered or len(facts.boundaries.levels) == 0:
        return 0
    batch = facts.space.draw(np.random.default_rng(seed), draws)
    costs = facts.price(batch)
    capacities, bounder, sizes = Capacities(facts), SplitBounder(task), Sizes(facts)
    bounded_count = 0
    for row in np.flatnonzero(costs.valid):
        split = batch.spatial[row].prod(axis=1, dtype=np.int64)
        whole = batch.temporal[row].astype(np.int64).prod(axis=0) * split.prod(axis=0)
        least = sizes.least(split.prod(axis=0)[np.newaxis])[0]
        assert (least > 0).all()
        assert (least <= whole).all()
        plain = tuple(tuple(int(f) for f in level) for level in split)
        rates = Rates(facts, split[np.newaxis], whole[np.newaxis])
        energy, cycles = capacities.costs(split, whole, rates, 0)
        told = bounder.tight(plain, tuple(whole.tolist()))
        for goal in (*GOALS.values(), 3.0):
            bound = float(bounded(facts.goal(goal), np.array(energy), np.array(cycles)))
            value = float(priced(goal, costs)[row])
            assert bound <= value * (1 + 1e-12), (task, batch.mapping(int(row)))
        late, leak = facts.goal(0.0).late_cycles, facts.goal(0.0).leak_pj
        delay = cycles + late
        assert told[0] == pytest.approx(energy + leak * delay, rel=1e-11)
        assert told[1] == pytest.approx(delay, rel=1e-11)
        bounded_count += 1
    return bounded_count


def couple_draws(task: MappingTask, draws: int, seed: int) -> int:
    """Bounds drawn mappings from their splits, with levels coupled; the checker finds the same."""
    facts = Facts(task)
    if not facts.is_covered or len(facts.boundaries.levels) == 0:
        return 0
    batch = facts.space.draw(np.random.default_rng(seed), draws)
    costs = facts.price(batch)
    goal = (*GOALS.values(), 3.0)[seed % 4]
    couplings, told = Couplings(facts, goal), CouplingBounder(SplitBounder(task), goal)
    values, count = priced(goal, costs), 0
    for row in np.flatnonzero(costs.valid):
        split = batch.spatial[row].prod(axis=1, dtype=np.int64)
        whole = batch.temporal[row].astype(np.int64).prod(axis=0) * split.prod(axis=0)
        least = Sizes(facts).least(split.prod(axis=0)[np.newaxis])[0]
        plain = tuple(tuple(int(f) for f in level) for level in split)
        before = float(values[row]) * (1 + 1e-12)
        for n, is_exact in ((whole, True), (whole, False), (least, False)):
            bound = couplings.least(split, n, np.inf, is_exact)
            assert bound <= before, (task, goal, batch.mapping(int(row)), is_exact)
            before = bound * (1 + 1e-12)
            sizes = tuple(n.tolist())
            assert told.is_above(plain, sizes, is_exact, bound * (1 - 1e-11)), (task, goal, n)
            if bound > 0:
                assert not told.is_above(plain, sizes, is_exact, bound * (1 + 1e-11))
        count += 1
    return count


def plain_task(seed: int) -> MappingTask:
    """A random task without a choice of what levels keep, and with padded factors half the time."""
    task, _ = random_task(seed)
    if seed % 2:
        task = replace(task, dataflow=replace(task.dataflow, factors=PADDED))
    return task


def padded_task(seed: int) -> MappingTask:
    """The same with padded factors always."""
    task, _ = random_task(seed)
    return replace(task, dataflow=replace(task.dataflow, factors=PADDED))


def test_what_levels_can_hold_bounds_mappings_as_the_checker_says() -> None:
    tasks = [plain_task(seed) for seed in range(count(16, 300))]
    assert sum(bound_draws(t, 5, n) for n, t in enumerate(tasks) if is_feasible(t)) > count(20, 400)


def test_bounds_that_couple_levels_hold_as_the_checker_says() -> None:
    tasks = [padded_task(seed) for seed in range(count(24, 300))]
    found = sum(couple_draws(t, 3, n) for n, t in enumerate(tasks) if is_feasible(t))
    assert found > count(20, 300)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 4000, 1000))
def test_what_levels_can_hold_bounds_many_mappings(start: int) -> None:
    tasks = [plain_task(seed) for seed in range(start, start + 1000)]
    assert sum(bound_draws(t, 40, n) for n, t in enumerate(tasks) if is_feasible(t)) > 5000


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 3000, 500))
def test_bounds_that_couple_levels_hold_for_many_mappings(start: int) -> None:
    tasks = [padded_task(seed) for seed in range(start, start + 500)]
    found = sum(couple_draws(t, 20, n) for n, t in enumerate(tasks, start) if is_feasible(t))
    assert found > 1000
