"""TPE on a constrained space: Hyperopt's densities rank candidates that meet the constraints.

TPE is from Bergstra, Bardenet, Bengio, Kégl: Algorithms for hyper-parameter optimization, NIPS
2011. The good trials have density l, the others g, and the expected improvement grows with l / g.
Hyperopt draws candidates from l, parameter by parameter. Here, these would nearly always break a
known constraint. So candidates are drawn from the space, which meets the constraints.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic

import numpy as np

from codesign.compiled import compiled
from codesign.search.history import Floats, History, Ints
from codesign.search.pool import best_untried, draw_pool
from codesign.search.tpe.estimator import BAD, FAILED, GOOD, make_estimator
from codesign.search.tpe.grid import make_grid
from codesign.space.base import P, Space

MOST_GOOD = 25
"""The most good trials: `gamma_cap` in Hyperopt's `ap_split_trials`, which is its linear
forgetting."""


@dataclass(frozen=True)
class TPESettings:
    """Settings of `TPE`. The defaults are tuned for searches of 50 to 250 trials.

    With Hyperopt's own settings (`HYPEROPT_DEFAULTS`), four of 250 trials are good ones.

    Args:
        startup: random trials before the densities are used.
        gamma: `ceil(gamma * sqrt(trials))` trials are good ones, at most 25.
        pool: candidates per trial.
        local: share of the candidates that are neighbours of good trials; the rest are new draws.
        prior_weight: weight of the prior in every density, relative to a trial's.
        forgetting: so many of the latest trials have full weight; older ones have less.
        caution: weight of the logarithm of the probability of feasibility.
        estimator: `fast`, or `hyperopt` for Hyperopt's own functions. The proposals are the same.
    """

    startup: int = 10
    gamma: float = 2.0
    pool: int = 64
    local: float = 0.0
    prior_weight: float = 1.0
    forgetting: int = 25
    caution: float = 1.0
    estimator: str = "fast"


HYPEROPT_DEFAULTS = TPESettings(startup=20, gamma=0.25, pool=24)
"""Hyperopt's own settings. Those not listed are the same in both."""


class TPE(Generic[P]):
    """TPE (an `Optimizer`). For unknown constraints, it uses a probability of feasibility.

    Failed trials belong neither to l nor to g. If there are any, a second pair of densities, of
    the feasible and of the failed trials, gives the probability of feasibility by Bayes' rule.

    Args:
        space: the space to search.
        rng: the only source of randomness.
        settings: the settings; the defaults if None.
    """

    def __init__(
        self, space: Space[P], rng: np.random.Generator, settings: TPESettings | None = None
    ) -> None:
        self.space = space
        self.rng = rng
        self.settings = settings = settings or TPESettings()
        self.history: History[P] = History(len(space.parameters))
        self._grid = make_grid(space.parameters)
        self._estimate = make_estimator(
            settings.estimator, self._grid, settings.prior_weight, settings.forgetting
        )

    def ask(self) -> P:
        """First the start-up trials that are left, in one batch; then batches of one."""
        left = self.settings.startup - self.history.count
        if left > 0:
            return self.space.draw(self.rng, left)
        settings, near = self.settings, round(self.settings.local * self.settings.pool)
        pool = draw_pool(
            self.space, self.rng, self.history, settings.pool, near, parents=self._good
        )
        codes = self.space.encode(pool)
        best = best_untried(self.score(codes), codes, self.history.codes)
        return pool[np.array([best])]

    def tell(self, points: P, losses: Floats) -> None:
        """Tells the outcome of any points, not only of proposed ones."""
        self.history.add(points, self.space.encode(points), losses)

    def split(self) -> Ints:
        """[T], the labels of all trials. Feasible ones are split as in `ap_split_trials`."""
        good = self._good
        labels = np.full(self.history.count, FAILED)
        order = self.history.order
        labels[order[:good]] = GOOD
        labels[order[good:]] = BAD
        return labels

    @property
    def _good(self) -> int:
        return min(math.ceil(self.settings.gamma * math.sqrt(self.history.feasible)), MOST_GOOD)

    def score(self, codes: Ints) -> Floats:
        """[B], the acquisition of candidates [B, P]: log l/g + caution · log P(feasible)."""
        labels, trials = self.split(), self.history.codes
        gain = _log_ratio(
            self._estimate(trials, labels, 1 << GOOD), self._estimate(trials, labels, 1 << BAD)
        )
        scores = np.empty(len(codes))
        if not self.history.failed:
            add_up(codes, self._grid.offsets, gain, gain, 0.0, 0.0, scores)
            return scores
        chance = _log_ratio(
            self._estimate(trials, labels, 1 << GOOD | 1 << BAD),
            self._estimate(trials, labels, 1 << FAILED),
        )
        # Laplace's rule of succession, so that the odds are not 0 before the first feasible trial.
        odds = math.log((self.history.feasible + 1) / (self.history.failed + 1))
        caution = self.settings.caution
        add_up(codes, self._grid.offsets, gain, chance, odds, caution, scores)
        return scores


def _log_ratio(above: Floats, below: Floats) -> Floats:
    # Multiples of 2^-30 add up without rounding. So candidates that are equal are so on every
    # machine and with both estimators, which differ in their last digits.
    return np.rint(np.log(above / below) * 2.0**30) / 2.0**30


@compiled
def add_up(codes, offsets, gain, chance, odds, caution, scores) -> None:  # type: ignore[no-untyped-def]
    """Fills `scores` [B]: for every candidate, the sums of table entries [V] of its values.

    `chance` has log likelihood ratios, feasible to failed, and `odds` is the log of prior odds.
    """
    for row in range(len(codes)):
        score, logit = 0.0, odds
        for parameter in range(len(offsets)):
            value = offsets[parameter] + codes[row, parameter]
            score += gain[value]
            if caution:
                logit += chance[value]
        if caution:
            # log of 1 / (1 + exp(-logit)), without overflow
            feasible = min(logit, 0.0) - math.log1p(math.exp(-abs(logit)))
            score += caution * round(feasible * 2.0**30) / 2.0**30
        scores[row] = score
