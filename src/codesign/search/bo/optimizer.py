"""The paper's Bayesian optimization: the best acquisition in a pool of feasible candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

import numpy as np

from codesign.search.bo.acquisition import bound, improve
from codesign.search.bo.feasibility import Classifier, GaussianClassifier
from codesign.search.bo.plain import PlainSpace
from codesign.search.bo.scaling import ScaledTrials, Scaler
from codesign.search.bo.surrogate import LinearSurrogate, Surrogate
from codesign.search.history import Floats, History
from codesign.search.pool import Candidates
from codesign.space.base import P, Space

LEAST_GAIN = 0.01
"""Once there are failures, this share of the losses' standard deviation is added to expected
improvements (`acquisition.improve`)."""

CHOICES = {
    "surrogate": ("linear", "forest", "matern"),
    "acquisition": ("lcb", "ei"),
    "features": ("own", "plain"),
    "failures": ("classify", "classify by forest", "drop", "penalise"),
}


@dataclass(frozen=True)
class BOSettings:
    """Settings of `BayesianOptimization`. The defaults are the paper's where it gives them.

    Args:
        startup: random trials before the surrogate is used.
        pool: candidates per trial.
        surrogate: `linear`, the paper's Gaussian process; `matern`, one with a Matérn kernel and a
            length scale per feature; or `forest`.
        acquisition: `lcb`, the paper's, or `ei`.
        beta: λ of the lower confidence bound.
        failures: how failed trials are used. `classify`, the paper's: a classifier learns from
            them, and the acquisition is weighted by the probability of feasibility. `classify by
            forest`: the same with a random forest. `drop`: they are ignored. `penalise`: the
            surrogate gets them with the worst loss plus one standard deviation.
        features: `own`, those of the space, with domain knowledge as in the paper; or `plain`, the
            values of parameters.
        noise: least standard deviation of the noise, as a share of the losses' deviation.
        growth: surrogate and classifier are fitted from scratch whenever the number of trials has
            grown by this factor; in between, they are only updated.

    Raises:
        ValueError: a setting is not one of its choices.
    """

    startup: int = 10
    pool: int = 150
    surrogate: str = "linear"
    acquisition: str = "lcb"
    beta: float = 1.0
    failures: str = "classify"
    features: str = "own"
    noise: float = 1e-3
    growth: float = 1.1

    def __post_init__(self) -> None:
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                expected = ", ".join(map(repr, known))
                raise ValueError(f"{name} is {getattr(self, name)!r}, expected one of {expected}")


class BayesianOptimization(Generic[P]):
    """Bayesian optimization (an `Optimizer`). Failed trials are treated as unknown constraints.

    Args:
        space: the space to search.
        rng: the only source of randomness.
        settings: the settings; the defaults if None.
    """

    def __init__(
        self, space: Space[P], rng: np.random.Generator, settings: BOSettings | None = None
    ) -> None:
        self.rng = rng
        self.settings = settings = settings or BOSettings()
        self.space = PlainSpace(space) if settings.features == "plain" else space
        self.surrogate = _make_surrogate(settings, rng)
        self.classifier = _make_classifier(settings, rng)
        self.history: History[P] = History(len(space.parameters))
        self.pool = Candidates(self.space, rng, settings.pool)
        self._trials = ScaledTrials()
        self._is_fitted = False
        self._next_fit = 0
        self._is_classified = False
        self._next_classification = 0
        self._penalty = np.nan

    def ask(self) -> P:
        """First the start-up trials that are left, in one batch; then batches of one."""
        left = self.settings.startup - self.history.count
        if left > 0:
            return self.space.draw(self.rng, left)
        self.pool.renew()
        return self.pool.best_untried(self.score(self.pool.features), self.history.codes)

    def tell(self, points: P, losses: Floats) -> None:
        """Tells the outcome of any points, not only of proposed ones."""
        self.history.add(points, self.space.encode(points), losses)
        rows = self._trials.append(self.space.features(points))
        if self._is_fitted:
            # If failures are not penalised, the penalty is NaN, and they are skipped below.
            penalised = np.where(np.isfinite(losses), losses, self._penalty)
            for row, loss in zip(rows, penalised, strict=True):
                if np.isfinite(loss):
                    self.surrogate.update(row, float(loss))
        if not np.isfinite(losses).all():
            self._next_classification = 0

    def score(self, features: Floats) -> Floats:
        """[B], the acquisition of candidates with features [B, F]."""
        candidates = self._fit(features)(features)
        chances = self._chances(candidates)
        if not self._is_fitted:
            return chances
        means, deviations = self.surrogate.predict(candidates)
        history, scores = self.history, np.empty(len(candidates))
        if self.settings.acquisition == "ei":
            is_weighed = self.classifier is not None and history.failed > 0
            spread = history.losses[history.order].std() if is_weighed else 0.0
            improve(means, deviations, chances, history.best, LEAST_GAIN * spread, scores)
        else:
            softness = max(self.surrogate.noise, 1e-12)
            typical, beta = history.median, self.settings.beta
            bound(means, deviations, chances, typical, beta, softness, scores)
        return scores

    def _fit(self, candidates: Floats) -> Scaler:
        """Fits scale and surrogate from scratch if they are due, and returns the scale."""
        count, feasible = self.history.count, self.history.feasible
        is_first = feasible > 0 and not self._is_fitted
        if self._trials.scale is not None and count < self._next_fit and not is_first:
            return self._trials.scale
        scale = self._trials.rescale(candidates)
        if feasible:
            self._fit_surrogate()
        self._is_classified = False
        self._next_fit = self._later(count)
        return scale

    def _fit_surrogate(self) -> None:
        losses = self.history.losses
        is_feasible = np.isfinite(losses)
        if self.settings.failures == "penalise":
            known = losses[is_feasible]
            self._penalty = float(known.max() + known.std())
        penalised = np.where(is_feasible, losses, self._penalty)
        learnt = np.isfinite(penalised)
        self.surrogate.fit(self._trials.rows[learnt], penalised[learnt])
        self._is_fitted = True

    def _chances(self, candidates: Floats) -> Floats:
        """[B], the probability of feasibility; 1 before the first failure or without classifier."""
        if self.classifier is None or not self.history.failed:
            return np.ones(len(candidates))
        count = self.history.count
        if not self._is_classified or count >= self._next_classification:
            is_feasible = np.isfinite(self.history.losses)
            fit = self.classifier.refit if self._is_classified else self.classifier.fit
            fit(self._trials.rows, is_feasible)
            self._is_classified = True
            self._next_classification = self._later(count)
        return self.classifier.predict(candidates)

    def _later(self, count: int) -> int:
        return max(count + 1, int(count * self.settings.growth))


def _make_surrogate(settings: BOSettings, rng: np.random.Generator) -> Surrogate:
    if settings.surrogate == "forest":
        from codesign.search.bo.forest import ForestSurrogate

        return ForestSurrogate(rng)
    if settings.surrogate == "matern":
        from codesign.search.bo.matern import MaternSurrogate

        return MaternSurrogate()
    return LinearSurrogate(settings.noise)


def _make_classifier(settings: BOSettings, rng: np.random.Generator) -> Classifier | None:
    if settings.failures == "classify by forest":
        from codesign.search.bo.forest import ForestClassifier

        return ForestClassifier(rng)
    return GaussianClassifier() if settings.failures == "classify" else None
