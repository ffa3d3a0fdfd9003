"""The paper's Bayesian optimization: the acquisition's maximum over a pool of feasible points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from codesign.search.bo.acquisition import bound, improve
from codesign.search.bo.feasibility import FeasibilityClassifier
from codesign.search.bo.scaling import ScaledTrials, Scaler
from codesign.search.bo.surrogate import LinearSurrogate, Surrogate
from codesign.search.history import Floats, History
from codesign.search.pool import LastingPool
from codesign.space.base import Space

P = TypeVar("P")

LEAST_GAIN = 0.01
"""Expected improvements are told apart, once there are failures, in units of so much spread."""


@dataclass(frozen=True)
class BOSettings:
    """How `BayesianOptimization` searches.

    Args:
        startup: trials drawn at random before the surrogate is asked.
        pool: candidates a trial; the paper's 150.
        fresh: how many of them are new; the paper's 150.
        acquisition: `lcb`, the paper's, or `ei`.
        beta: λ of the lower confidence bound; the paper's 1.
        noise: least standard deviation of the noise, as a share of the losses'.
        growth: everything is fitted anew whenever the trials have grown by this factor; in
            between the posterior is only updated.
    """

    startup: int = 10
    pool: int = 150
    fresh: int = 100
    acquisition: str = "lcb"
    beta: float = 1.0
    noise: float = 1e-3
    growth: float = 1.5


class BayesianOptimization(Generic[P]):
    """Ask/tell Bayesian optimization with a classifier for unknown constraints.

    Args:
        space: where to search.
        rng: the only source of randomness.
        settings: how to search.
        surrogate: the model of the losses, unless it is to be the paper's.

    Raises:
        ValueError: the acquisition is none of ours.
    """

    def __init__(
        self,
        space: Space[P],
        rng: np.random.Generator,
        settings: BOSettings | None = None,
        surrogate: Surrogate | None = None,
    ) -> None:
        self.space = space
        self.rng = rng
        self.settings = settings = settings or BOSettings()
        if settings.acquisition not in ("lcb", "ei"):
            raise ValueError(f"acquisition is {settings.acquisition!r}, expected 'lcb' or 'ei'")
        self.surrogate: Surrogate = surrogate or LinearSurrogate(settings.noise)
        self.classifier = FeasibilityClassifier()
        self.history: History[P] = History(len(space.parameters))
        self.pool = LastingPool(space, rng, settings.pool, settings.fresh)
        self._trials = ScaledTrials()
        self._is_fitted = False
        self._next_fit = 0
        self._is_classified = False
        self._next_classification = 0

    def ask(self) -> P:
        """What is left of the start-up trials in one batch, afterwards a batch of one."""
        left = self.settings.startup - self.history.count
        if left > 0:
            return self.space.draw(self.rng, left)
        self.pool.renew()
        return self.pool.best_untried(self.score(self.pool.features), self.history.codes)

    def tell(self, points: P, losses: Floats) -> None:
        """The outcome of any points, not only of those asked for."""
        self.history.add(points, self.space.encode(points), losses)
        rows = self._trials.append(self.space.features(points))
        if self._is_fitted:
            for row, loss in zip(rows, losses, strict=True):
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
            spread = history.losses[history.order].std() if history.failed else 0.0
            improve(means, deviations, chances, history.best, LEAST_GAIN * spread, scores)
        else:
            softness = max(self.surrogate.noise, 1e-12)
            typical, beta = history.median, self.settings.beta
            bound(means, deviations, chances, typical, beta, softness, scores)
        return scores

    def _fit(self, candidates: Floats) -> Scaler:
        """Fits everything anew if it is time to, and returns the scale of features."""
        count, feasible = self.history.count, np.sort(self.history.order)
        is_first = len(feasible) > 0 and not self._is_fitted
        if self._trials.scale is not None and count < self._next_fit and not is_first:
            return self._trials.scale
        scale = self._trials.rescale(candidates)
        if len(feasible):
            self.surrogate.fit(self._trials.rows[feasible], self.history.losses[feasible])
            self._is_fitted = True
        self._is_classified = False
        self._next_fit = self._later(count)
        return scale

    def _chances(self, candidates: Floats) -> Floats:
        """[B], the probability of feasibility: one before the first failure."""
        if not self.history.failed:
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
