"""The fast optimizers find what the slow ones find that they replace: paired searches.

Both forms get equal seeds, so that they share their start-up trials.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from codesign.cost import Evaluator
from codesign.hardware.dataflow import FREE
from codesign.hardware.files import Chip, load_chip
from codesign.search.base import Optimizer
from codesign.search.bo import BayesianOptimization, BOSettings
from codesign.search.tpe import TPE, TPESettings
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer, load_workload
from tests.search.textbook import TextbookBO
from tests.search.toys import ToySpace, bowl, half_fails, run

Builder = Callable[[Any, np.random.Generator], Optimizer[Any]]

CASES = [
    ("resnet", "ResNet-K2", "row-stationary"),
    ("resnet", "ResNet-K4", "free"),
    ("dqn", "DQN-K1", "free"),
    ("mlp", "MLP-K1", "free"),
]


def case(workload: str, name: str, dataflow: str) -> tuple[Layer, Chip, MapSpace]:
    """A layer on Eyeriss, with the hints of a hardware search where its dataflow is free."""
    chip = load_chip("eyeriss-168")
    (layer,) = (layer for layer in load_workload(workload).layers if layer.name == name)
    rules = FREE if dataflow == "free" else chip.dataflow(dataflow)
    return layer, chip, MapSpace(layer, chip.hardware, rules, chip.hints)


def best_so_far(
    layer: Layer, chip: Chip, space: MapSpace, build: Builder, trials: int, seed: int
) -> np.ndarray:  # type: ignore[type-arg]
    """[trials], the least log EDP after every trial of a mapping search."""
    evaluator = Evaluator(layer, chip.hardware, chip.technology)
    optimizer = build(space, np.random.default_rng(seed))
    losses = np.empty(0)
    while len(losses) < trials:
        points = optimizer.ask()
        told = np.log(evaluator.price(points).edp)
        optimizer.tell(points, told)
        losses = np.concatenate([losses, told])
    return np.minimum.accumulate(losses)


def upper_bound(differences: np.ndarray) -> float:  # type: ignore[type-arg]
    """Upper end of the 95 % bootstrap interval of the mean over pairs; fixed seed."""
    rng = np.random.default_rng(0)
    picks = rng.integers(len(differences), size=(2000, len(differences)))
    return float(np.quantile(differences[picks].mean(axis=1), 0.975))


@pytest.mark.slow
def test_bo_maps_as_well_as_the_textbook() -> None:
    """After 150 trials the mean EDP over all cases is not 2 % worse, with 97.5 % confidence."""
    differences = []
    for name in CASES:
        layer, chip, space = case(*name)
        ends = [
            [best_so_far(layer, chip, space, build, 150, seed)[-1] for seed in range(16)]
            for build in (BayesianOptimization, TextbookBO)
        ]
        differences.append(np.subtract(*ends))

    assert upper_bound(np.concatenate(differences)) < 0.02


@pytest.mark.slow
@pytest.mark.parametrize("objective", [bowl, half_fails])
def test_bo_is_as_good_as_the_textbook_on_toys(objective) -> None:  # type: ignore[no-untyped-def]
    """With and without failures: the mean regret over 60 seeds is not greater by half a unit."""
    space = ToySpace((10,) * 6, (4, 4), 24)
    ends = [
        [
            np.nanmin(run(build(space, np.random.default_rng(seed)), space, objective, 60)[1])
            for seed in range(60)
        ]
        for build in (BayesianOptimization, TextbookBO)
    ]

    assert upper_bound(np.subtract(*ends)) < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_tpe_maps_exactly_as_with_hyperopts_estimators(name: tuple[str, str, str]) -> None:
    """Trial by trial the same losses: nothing is lost, on real map-spaces too."""
    layer, chip, space = case(*name)

    def slow(space: Any, rng: np.random.Generator) -> Optimizer[Any]:
        return TPE(space, rng, TPESettings(estimator="hyperopt"))

    for seed in range(2):
        runs = [best_so_far(layer, chip, space, build, 60, seed) for build in (TPE, slow)]
        assert np.array_equal(*runs)


@pytest.mark.slow
def test_forests_may_lag_behind() -> None:
    """Forests that are grown only sometimes map as well as if grown at every trial, within 3 %."""
    differences = []
    for name in CASES[1:]:
        layer, chip, space = case(*name)
        ends = [
            [
                best_so_far(
                    layer, chip, space,
                    lambda space, rng, g=growth: BayesianOptimization(
                        space, rng, BOSettings(surrogate="forest", growth=g)
                    ),
                    120, seed,
                )[-1]
                for seed in range(8)
            ]
            for growth in (BOSettings().growth, 1.0)
        ]  # fmt: skip
        differences.append(np.subtract(*ends))

    assert upper_bound(np.concatenate(differences)) < 0.03
