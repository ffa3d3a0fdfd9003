"""The plugin with Optuna's TPE keeps the contract of methods."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.search import registry
from codesign.search.plugins import VARIABLE, load_plugins
from codesign.search.registry import METHODS, make_optimizer
from tests.search.toys import Points, ToySpace, bowl, half_fails, run

PLUGIN = Path(__file__).parents[2] / "examples" / "optuna_tpe.py"
MISSING = """
import sys
sys.modules["optuna"] = None
from codesign.cli import main
sys.exit(main())
"""

installed = pytest.mark.skipif(
    importlib.util.find_spec("optuna") is None, reason="Optuna is not installed"
)


@pytest.fixture
def method(monkeypatch: pytest.MonkeyPatch) -> str:
    """The plugin's method, which is known for one test."""
    monkeypatch.setattr(registry, "METHODS", dict(METHODS))
    monkeypatch.setenv(VARIABLE, str(PLUGIN))
    load_plugins()
    return "optuna-tpe"


def search(method: str, seed: int, trials: int, objective: Callable[..., Any]) -> Points:
    """The points of a search that is told of three points first."""
    space = ToySpace(limit=12)
    optimizer = make_optimizer(method, space, np.random.default_rng(seed), trials)
    known = space.draw(np.random.default_rng(9), 3)
    optimizer.tell(known, half_fails(space, known))
    return run(optimizer, space, objective, trials)[0]


@installed
@pytest.mark.parametrize("objective", [bowl, half_fails])
def test_a_search_is_a_function_of_its_seed(method: str, objective: Callable[..., Any]) -> None:
    """A short one is the beginning of a long one."""
    long, short, other = (
        search(method, seed, trials, objective) for seed, trials in [(3, 25), (3, 15), (4, 25)]
    )

    assert np.array_equal(long[:15], short)
    assert not np.array_equal(long, other)


@installed
def test_it_learns(method: str) -> None:
    """It ends below random points of the same box."""
    space = ToySpace((10,) * 4, (4,), 24)
    found, drawn = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        optimizer = make_optimizer(method, space, rng, 60)
        found.append(np.nanmin(run(optimizer, space, bowl, 60)[1]))
        points = np.random.default_rng(seed).integers(space.sizes, size=(60, len(space.sizes)))
        drawn.append(np.where(space.is_valid(points), bowl(space, points), np.inf).min())

    assert np.median(found) < np.median(drawn)


@installed
def test_it_survives_points_without_a_choice(method: str) -> None:
    """A coordinate with one value, and trials that all fail."""
    space = ToySpace((1, 1), (1,), 0)
    optimizer = make_optimizer(method, space, np.random.default_rng(0), 5)

    tried, _ = run(optimizer, space, lambda space, points: np.full(len(points), np.nan), 5)

    assert not tried.any()


def test_without_optuna_it_says_what_to_install(tmp_path: Path) -> None:
    """In one sentence."""
    chip = ["--workload", "dqn", "--hardware", "eyeriss-168", "--trials", "2"]
    answer = subprocess.run(
        [sys.executable, "-c", MISSING, "map", *chip, "--method", "optuna-tpe", "--output", "x"],
        cwd=tmp_path,
        env={**os.environ, VARIABLE: str(PLUGIN)},
        capture_output=True,
        text=True,
    )

    assert answer.returncode == 2
    assert "method 'optuna-tpe' needs optuna, which is not installed" in answer.stderr
    assert "pip install 'codesign[optuna]'" in answer.stderr
    assert "Traceback" not in answer.stderr
