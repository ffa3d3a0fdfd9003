"""The hunt for a counterexample: no method beats the exact mapper on any task, in any cost."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

from benchmarks.cases import layers
from codesign.errors import InputError
from codesign.hardware.files import load_chip
from codesign.search.exact import solve
from codesign.search.exact.goal import GOALS, goal_of, priced
from codesign.search.mapper import map_layer
from codesign.search.registry import searchers
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.space.chip_space import ChipSpace
from tests.budgets import count
from tests.eyeriss import dataflow_of
from tests.search.exact.cases import is_feasible, random_task

LAYERS = {layer.name: layer for layer, _ in layers()}


def hunt(task: MappingTask, methods: tuple[str, ...], trials: int, seed: int) -> int:
    """Lets methods search a task; returns how many could.

    Their mappings are compared with the optima of energy, of cycles and of a sum of both as well,
    although the methods minimise EDP.
    """
    found = []
    for method in methods:
        # Some methods do not search spaces of every kind.
        with contextlib.suppress(InputError):
            costs = map_layer(task, Search(method, trials, seed)).costs
            if costs.valid.any():
                found.append(costs)
    if not found:
        return 0
    energy = min(float(np.nanmin(costs.energy_pj)) for costs in found)
    cycles = min(float(costs.cycles[costs.valid].min()) for costs in found)
    for objective in (*GOALS, energy / cycles):
        proof = solve(task, objective).certificate
        assert proof.verdict == "optimal"
        least = min(float(priced(goal_of(objective), costs).min()) for costs in found)
        assert least >= proof.lower_bound * (1 - 1e-11), (task.layer, task.hardware, objective)
    return len(found)


def hunt_odd(seeds: range, methods: tuple[str, ...], trials: int) -> int:
    """Hunts on random small tasks; returns how many searches there were."""
    return sum(
        hunt(task, methods, trials, seed)
        for seed in seeds
        if is_feasible(task := random_task(seed)[0])
        and all(level.min_utilization == 0 for level in task.hardware.levels)
    )


def test_no_method_beats_it_on_odd_tasks() -> None:
    assert hunt_odd(range(500, count(505, 512)), ("random", "tpe"), 60) > count(3, 8)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(50_000, 50_800, 100))
def test_no_registered_method_beats_it_on_odd_tasks(start: int) -> None:
    assert hunt_odd(range(start, start + 100), searchers(), 150) > 100


def hunt_hardware(name: str, chip: str, points: int, methods: tuple[str, ...], seed: int) -> int:
    """Hunts on a layer of the paper and random accelerators of its hardware space."""
    known = load_chip(chip)
    space = ChipSpace(known)
    batch = space.draw(np.random.default_rng(seed), points)
    total = 0
    for row in range(len(batch)):
        point = batch.point(row)
        accounting = ("timeloop", "exact", "timeloop-4")[row % 3]
        task = MappingTask(
            LAYERS[name], space.hardware(point), known.technology, dataflow_of(point), accounting
        )
        if task.problem is None:
            total += hunt(task, methods, 250, row)
    return total


def test_no_method_beats_it_on_random_accelerators() -> None:
    assert hunt_hardware("MLP-K2", "eyeriss-168", 3, ("random", "tpe"), 1) > 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "chip"),
    [
        ("DQN-K2", "eyeriss-168"),
        ("MLP-K1", "eyeriss-168"),
        ("ResNet-K4", "eyeriss-168"),
        ("Transformer-K1", "eyeriss-256"),
        ("Transformer-K2", "eyeriss-256"),
    ],
)
def test_no_registered_method_beats_it_on_random_accelerators(name: str, chip: str) -> None:
    assert hunt_hardware(name, chip, 12, searchers(), 2) > 20
