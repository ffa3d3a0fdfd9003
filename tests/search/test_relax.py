"""Relax and round: its Gaussian process, and how it rounds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import check_grad
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from codesign.search.relax.optimizer import RelaxAndRound, expect
from codesign.search.relax.process import GaussianProcess, evidence
from tests.search.toys import ToySpace, bowl, run

Floats = NDArray[np.float64]


def data(count: int = 30, axes: int = 3) -> tuple[Floats, Floats]:
    """Inputs, and standardised targets."""
    rng = np.random.default_rng(0)
    inputs = rng.random((count, axes))
    targets = np.sin(5 * inputs[:, 0]) + inputs[:, 1] ** 2 + 0.05 * rng.normal(size=count)
    return inputs, (targets - targets.mean()) / targets.std()


def measure(logs: Floats, inputs: Floats, targets: Floats) -> tuple[float, Floats]:
    """The evidence at logarithmic hyper-parameters, and its slope."""
    count = len(inputs)
    slope = np.empty(len(logs))
    work = np.empty((count, count)), np.empty((count, count)), np.empty(count)
    return evidence(inputs, targets, np.exp(logs), *work, slope), slope


def oracle(logs: Floats) -> GaussianProcessRegressor:
    """scikit-learn's process with the same hyper-parameters."""
    *scales, amplitude, noise = np.exp(logs)
    kernel = ConstantKernel(amplitude) * Matern(scales, nu=2.5) + WhiteKernel(noise)
    return GaussianProcessRegressor(kernel, optimizer=None, alpha=0.0)


@pytest.mark.parametrize("logs", [[0.1, -0.5, 1.0, 0.3, -3.0], [-1.0, -2.0, 0.0, -1.0, -6.0]])
def test_evidence_is_scikit_learns(logs: list[float]) -> None:
    """Up to the constant, and its slope is that of finite differences."""
    inputs, targets = data()
    at = np.array(logs)

    value, _ = measure(at, inputs, targets)

    theirs = oracle(at).fit(inputs, targets)
    constant = 0.5 * len(targets) * np.log(2 * np.pi)
    assert value - constant == pytest.approx(theirs.log_marginal_likelihood_value_, rel=1e-9)
    off = check_grad(
        lambda x: measure(x, inputs, targets)[0], lambda x: measure(x, inputs, targets)[1], at
    )
    assert off < 1e-4


def test_predictions_are_scikit_learns() -> None:
    """With the hyper-parameters that were fitted, also after trials were added one by one."""
    inputs, targets = data()
    points = np.random.default_rng(1).random((50, 3))
    process = GaussianProcess(3)
    process.fit(inputs[:20], targets[:20])
    for row in inputs[20:]:
        process.extend(row)
    process.condition(targets)

    means, deviations = process.predict(points)

    theirs = oracle(process._logs).fit(inputs, targets)
    mean, deviation = theirs.predict(points, return_std=True)
    noise = np.exp(process._logs[-1])
    np.testing.assert_allclose(means, mean, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(deviations**2, deviation**2 - noise, rtol=1e-5, atol=1e-7)


def test_fitting_raises_the_evidence() -> None:
    """Above that of the hyper-parameters it starts from, and an axis without effect grows long."""
    inputs, targets = data(60)
    process = GaussianProcess(3)
    before, _ = measure(process._logs, inputs, targets)

    process.fit(inputs, targets)

    after, _ = measure(process._logs, inputs, targets)
    assert after > before + 10
    assert process._logs[2] > max(process._logs[:2])


def test_expected_improvement() -> None:
    """It agrees with a simulation."""
    means, deviations = np.array([0.0, 0.5, -1.0]), np.array([1.0, 0.3, 0.1])
    gains = np.empty(3)

    expect(means, deviations, 0.2, gains)

    draws = means + deviations * np.random.default_rng(0).normal(size=(400_000, 3))
    np.testing.assert_allclose(gains, np.maximum(0.2 - draws, 0).mean(axis=0), rtol=0.05)


def test_it_beats_random_points_of_the_box() -> None:
    """On the bowl, where two thirds of the box are feasible."""
    space = ToySpace((10,) * 4, (4,), 24)
    best = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        relaxed = run(RelaxAndRound(space, rng), space, bowl, 40)[1]
        sizes = space.sizes
        drawn = np.random.default_rng(seed).integers(sizes, size=(40, len(sizes)))
        random = np.where(space.is_valid(drawn), bowl(space, drawn), np.nan)
        best.append((np.nanmin(relaxed), np.nanmin(random)))

    relaxed_best, random_best = np.median(best, axis=0)
    assert relaxed_best <= 0.5 * random_best
