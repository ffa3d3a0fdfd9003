"""Laplace's approximation against a numerical integral, and the acquisitions against theirs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from codesign.search.bo.acquisition import bound, improve
from codesign.search.bo.feasibility import GaussianClassifier


def toy_trials(trials: int = 30) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Two features, feasible where the first is low, with some noise."""
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(trials, 2))
    return rows, rows[:, 0] + 0.7 * rng.normal(size=trials) < 0.3


def log_posterior(weights, rows, is_feasible, precision):  # type: ignore[no-untyped-def]
    """On a grid of weights [G, 2], up to a constant."""
    margins = (weights @ rows.T) * np.where(is_feasible, 1.0, -1.0)
    return -np.logaddexp(0.0, -margins).sum(axis=1) - 0.5 * precision * (weights**2).sum(axis=1)


def test_peak_and_curvature_are_those_of_the_posterior() -> None:
    """Mean and covariance are found by brute force on a fine grid of weights."""
    rows, is_feasible = toy_trials()
    classifier = GaussianClassifier()
    classifier.fit(rows, is_feasible)
    peak, alpha = classifier._weights, classifier.precision
    axis = np.linspace(-1e-2, 1e-2, 201)
    grid = peak + np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)

    best = grid[np.argmax(log_posterior(grid, rows, is_feasible, alpha))]
    chance = 1.0 / (1.0 + np.exp(-rows @ peak))
    hessian = alpha * np.eye(2) + (rows.T * (chance * (1.0 - chance))) @ rows

    assert np.abs(best - peak).max() < 2e-4
    assert classifier._covariance == pytest.approx(np.linalg.inv(hessian), rel=1e-2)


def test_probabilities_are_near_the_integral_over_weights() -> None:
    """Averaged over the exact posterior, the probabilities differ by a few hundredths."""
    rows, is_feasible = toy_trials()
    classifier = GaussianClassifier()
    classifier.fit(rows, is_feasible)
    axis = np.linspace(-30.0, 30.0, 401)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    density = np.exp(log_posterior(grid, rows, is_feasible, classifier.precision))
    points = np.random.default_rng(5).normal(size=(20, 2))

    exact = density @ (1.0 / (1.0 + np.exp(-grid @ points.T))) / density.sum()

    assert classifier.predict(points) == pytest.approx(exact, abs=0.05)


def test_precision_maximises_laplaces_evidence() -> None:
    """More informative features get a looser prior than useless ones."""
    rng = np.random.default_rng(6)
    rows, _ = toy_trials(60)
    clear, useless = GaussianClassifier(), GaussianClassifier()

    clear.fit(rows, rows[:, 0] < 0.0)
    useless.fit(rows, rng.random(60) < 0.5)

    assert clear.precision < useless.precision


@pytest.mark.parametrize("is_feasible", [True, False])
def test_one_class_alone(is_feasible: bool) -> None:
    """Only failures so far, or none: probabilities lean that way and stay inside (0, 1)."""
    rows = np.column_stack([toy_trials()[0], np.ones(30)])
    classifier = GaussianClassifier()

    classifier.fit(rows, np.full(30, is_feasible))
    chances = classifier.predict(rows)

    assert ((chances > 0.0) & (chances < 1.0)).all()
    assert (chances > 0.5).mean() == float(is_feasible)


def test_refit_continues_to_the_same_place() -> None:
    """Trials that come later lead where they would have led at once."""
    rows, is_feasible = toy_trials(60)
    at_once, later = GaussianClassifier(), GaussianClassifier()
    at_once.fit(rows, is_feasible)
    later.fit(rows[:50], is_feasible[:50])
    later.precision = at_once.precision

    later.refit(rows, is_feasible)

    assert later.predict(rows) == pytest.approx(at_once.predict(rows), abs=1e-3)


def test_bound_orders_as_the_bound_when_all_is_feasible() -> None:
    """The soft cut-off changes no order, near the typical loss or far from it."""
    rng = np.random.default_rng(7)
    means, deviations = rng.normal(size=100) * 50.0, rng.random(100)
    scores = np.empty(100)

    bound(means, deviations, np.ones(100), 0.0, 2.0, 0.5, scores)

    assert np.array_equal(np.argsort(-scores), np.argsort(means - 2.0 * deviations))


def test_expected_improvement_is_the_integral() -> None:
    """E max(best − loss, 0) for a Gaussian loss, times the probability, in logarithms."""
    mean, deviation, best, chance = 1.3, 0.7, 1.0, 0.4
    scores = np.empty(1)

    improve(np.array([mean]), np.array([deviation]), np.array([chance]), best, 0.0, scores)

    loss = np.linspace(mean - 12 * deviation, best, 400_001)
    density = np.exp(-0.5 * ((loss - mean) / deviation) ** 2) / math.sqrt(2 * math.pi) / deviation
    integral = np.trapezoid((best - loss) * density, loss)
    assert scores[0] == pytest.approx(math.log(integral * chance), rel=1e-6)


def test_expected_improvement_falls_smoothly_far_away() -> None:
    """Where the formula would cancel, its asymptote takes over."""
    means, ones, scores = np.linspace(0.0, 60.0, 601), np.ones(601), np.empty(601)

    improve(means, ones, ones, 0.0, 0.0, scores)

    steps = np.diff(scores)
    assert np.isfinite(scores).all()
    assert (np.diff(steps) < 1e-3).all()
    assert (steps < 0).all()
