"""The Matérn process against scikit-learn, and on tables of accelerators against others."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from codesign.search.bo.matern import (
    FIRST_STEP,
    LEAST_RATIO,
    MOST_RATIO,
    MOST_WEIGHT,
    Climb,
    MaternSurrogate,
    differentiate,
)
from tests.search.tables import TableSpace, regret_percent

ROOT = Path(__file__).parents[2]
VAESA = Path(os.environ.get("CODESIGN_SHARED", ROOT.parent / "shared")) / "vaesa"
TABLES = ("all", "net_resnet50")

Floats = NDArray[np.float64]


def toy_trials(seed: int, trials: int = 30, size: int = 4) -> tuple[Floats, Floats]:
    """Features, and losses with a bowl in the first one and a slope in the second one."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(trials, size))
    return features, features[:, 0] ** 2 + 0.3 * features[:, 1] + 0.01 * rng.normal(size=trials)


def score(features: Floats, targets: Floats, place: Floats) -> tuple[float, Floats]:
    """The log posterior at log w and log ρ, and its derivatives."""
    count, size = features.shape
    work = Climb(
        place.copy(), *(np.zeros(size + 1) for _ in range(3)), np.full(size + 1, FIRST_STEP),
        np.empty(size), np.empty((count, count)), np.empty((count, count)), np.empty(count),
    )  # fmt: skip
    return differentiate(features, targets, work), work.slopes


@pytest.mark.parametrize("updates", [0, 7])
@pytest.mark.parametrize("seed", range(3))
def test_posterior_is_that_of_scikit_learn(seed: int, updates: int) -> None:
    """With the weights that the fit has found, means and deviations agree to 1e-7."""
    features, losses = toy_trials(seed)
    candidates = toy_trials(seed + 50)[0]
    first = len(features) - updates
    surrogate = MaternSurrogate()

    surrogate.fit(features[:first], losses[:first])
    for row, loss in zip(features[first:], losses[first:], strict=True):
        surrogate.update(row, float(loss))
    means, deviations = surrogate.predict(candidates)

    spread = losses.std()
    ratio = (surrogate.noise / spread) ** 2
    kernel = ConstantKernel(surrogate.variance) * Matern(surrogate.weights**-0.5, nu=2.5)
    process = GaussianProcessRegressor(kernel, alpha=ratio, optimizer=None)
    process.fit(features, (losses - losses.mean()) / spread)
    expected, errors = process.predict(candidates, return_std=True)
    assert means == pytest.approx(losses.mean() + spread * expected, rel=1e-7, abs=1e-9)
    assert deviations == pytest.approx(spread * errors, rel=1e-5, abs=1e-9)


def test_derivatives_are_those_of_the_score() -> None:
    """Central differences of the log posterior, for every weight and for the noise."""
    features, losses = toy_trials(3)
    targets = (losses - losses.mean()) / losses.std()
    place = np.array([0.3, -0.7, 0.1, -1.2, -3.0])
    _, slopes = score(features, targets, place)
    for f, step in enumerate(1e-5 * np.eye(len(place))):
        above, below = (score(features, targets, place + sign * step)[0] for sign in (1, -1))
        change = (above - below) / 2e-5
        assert slopes[f] == pytest.approx(change, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_climb_ends_near_the_best_fit(seed: int) -> None:
    """SciPy's L-BFGS finds a log posterior that is at most 0.5 larger, from four starts."""
    features, losses = toy_trials(seed, 40)
    targets = (losses - losses.mean()) / losses.std()
    surrogate = MaternSurrogate()
    surrogate.fit(features, losses)
    size = features.shape[1]
    bounds = [(-MOST_WEIGHT, MOST_WEIGHT)] * size + [(np.log(LEAST_RATIO), np.log(MOST_RATIO))]

    def loss(place: Floats) -> tuple[float, Floats]:
        found, slopes = score(features, targets, place)
        return -found, -slopes

    starts = np.random.default_rng(seed).normal(size=(4, size + 1)) - [*[0] * size, 4]
    best = max(-minimize(loss, s, jac=True, method="L-BFGS-B", bounds=bounds).fun for s in starts)

    own = [*np.log(surrogate.weights), surrogate._log_ratio]
    assert score(features, targets, np.array(own))[0] > best - 0.5


def test_features_without_influence_get_small_weights() -> None:
    """Two of four features matter (automatic relevance determination)."""
    features, losses = toy_trials(0, 60)
    surrogate = MaternSurrogate()

    surrogate.fit(features, losses)

    assert surrogate.weights[:2].min() > 5 * surrogate.weights[2:].max()


def medians(table: str, methods: tuple[str, ...], seeds: int) -> dict[str, float]:
    """The median regret of methods after 50 trials, in %."""
    path = VAESA / f"{table}.csv"
    if not path.exists():
        pytest.skip(f"no {path}")
    space = TableSpace(path)
    return {
        method: float(np.median([regret_percent(space, method, s, 50) for s in range(seeds)]))
        for method in methods
    }


@pytest.mark.parametrize("table", TABLES)
def test_tpe_has_at_most_half_of_the_regret_of_random_search(table: str) -> None:
    """On tables of accelerators, 20 seeds."""
    found = medians(table, ("random", "tpe"), 20)
    assert found["tpe"] <= found["random"] / 2


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_the_best_arm_is_no_worse_than_a_textbook_process(table: str) -> None:
    """That is a process of scikit-learn with an RBF kernel and ARD, on the same candidates."""
    arms = ("tpe", "bo", "bo-ei", "bo-rf-ei", "bo-matern", "bo-matern-ei")
    found = medians(table, (*arms, "textbook"), 20)
    assert min(found[arm] for arm in arms) <= found["textbook"]
