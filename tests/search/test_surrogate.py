"""Bayesian linear regression against the textbook's dense formulas."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from codesign.search.bo.scaling import ScaledTrials, Scaler
from codesign.search.bo.surrogate import RATIOS, LinearSurrogate

Floats = NDArray[np.float64]


def toy_trials(seed: int, trials: int = 40, size: int = 12) -> tuple[Floats, Floats]:
    """Features in [0, 9], and losses that are linear in them up to noise."""
    rng = np.random.default_rng(seed)
    features = rng.integers(0, 10, size=(trials, size)).astype(float)
    return features, features @ rng.normal(size=size) + rng.normal(size=trials) + 30.0


def process(  # type: ignore[no-untyped-def]
    rows: Floats,
    losses: Floats,
    candidates: Floats,
    ratio: float,
    variance: float,
    *,
    spread,
    offset,
) -> tuple[Floats, Floats]:
    """The same as a Gaussian process with kernel s²/ρ xᵀx' (Rasmussen and Williams, eq. 2.25)."""
    prior = variance / ratio
    kernel = prior * rows @ rows.T + variance * np.eye(len(rows))
    cross = prior * candidates @ rows.T
    means = cross @ np.linalg.solve(kernel, (losses - offset) / spread)
    explained = np.einsum("bt,tb->b", cross, np.linalg.solve(kernel, cross.T))
    variances = prior * (candidates**2).sum(axis=1) - explained
    return offset + spread * means, spread * np.sqrt(variances)


@pytest.mark.parametrize("updates", [0, 1, 15])
@pytest.mark.parametrize("seed", range(5))
def test_posterior_is_that_of_the_gaussian_process(seed: int, updates: int) -> None:
    """Means and deviations agree to 1e-9, whether trials came at once or one by one."""
    features, losses = toy_trials(seed)
    scale = Scaler(features)
    rows, candidates = scale(features), scale(toy_trials(seed + 100, 25)[0])
    first = len(rows) - updates
    surrogate = LinearSurrogate()

    surrogate.fit(rows[:first], losses[:first])
    for row, loss in zip(rows[first:], losses[first:], strict=True):
        surrogate.update(row, loss)
    means, deviations = surrogate.predict(candidates)

    expected = process(
        rows, losses, candidates, surrogate.ratio, surrogate.variance,
        spread=losses[:first].std(), offset=losses[:first].mean(),
    )  # fmt: skip
    assert np.abs(means - expected[0]).max() < 1e-9
    assert np.abs(deviations - expected[1]).max() < 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_hyperparameters_maximise_the_marginal_likelihood(seed: int) -> None:
    """Of all ρ, each with its best s², the one of highest density of the losses is taken."""
    features, losses = toy_trials(seed)
    rows = Scaler(features)(features)
    surrogate = LinearSurrogate()
    surrogate.fit(rows, losses)

    targets = (losses - losses.mean()) / losses.std()
    heights = []
    for ratio in RATIOS:
        shape = np.eye(len(rows)) + rows @ rows.T / ratio
        variance = targets @ np.linalg.solve(shape, targets) / len(rows)
        heights.append(-0.5 * (len(rows) * np.log(variance) + np.linalg.slogdet(shape)[1]))

    assert surrogate.ratio == RATIOS[np.argmax(heights)]


def test_finds_the_noise() -> None:
    """With many trials, the noise is about what was added."""
    features, losses = toy_trials(1, trials=400)
    surrogate = LinearSurrogate()

    surrogate.fit(Scaler(features)(features), losses)

    assert surrogate.noise == pytest.approx(1.0, rel=0.15)


def test_scaled_features_have_unit_length() -> None:
    """On average, whatever their units; constant ones are zero, and a one is appended."""
    features = toy_trials(2)[0] * 1000.0
    features[:, 3] = 7.0

    scaled = Scaler(features)(features)

    assert (scaled[:, :-1] ** 2).sum(axis=1).mean() == pytest.approx(11 / 12)
    assert (scaled[:, 3] == 0.0).all()
    assert (scaled[:, -1] == 1.0).all()


def test_trials_are_scaled_one_by_one_as_at_once() -> None:
    """Rows appended after `rescale` are those that the scale would give."""
    features = toy_trials(3)[0]
    trials = ScaledTrials()
    assert len(trials.append(features[:5])) == 0
    scale = trials.rescale(features)

    for row in range(5, len(features)):
        appended = trials.append(features[row : row + 1])
        assert np.array_equal(appended, scale(features[row : row + 1]))

    assert np.array_equal(trials.rows, scale(features))
