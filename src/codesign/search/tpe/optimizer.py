"""TPE over a constrained space: Hyperopt's densities rank candidates that are feasible already.

Bergstra, Bardenet, Bengio, Kégl: Algorithms for hyper-parameter optimization, NIPS 2011: the
good trials have density l, the others g, and expected improvement grows with l / g. Hyperopt
draws candidates from l, parameter by parameter, which nearly always breaks a known constraint
here. Instead we draw them from the space, so that they meet the constraints by construction.
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
from codesign.search.tpe.grid import lay_out
from codesign.space.base import P, Space

MOST_GOOD = 25
"""`gamma_cap` of `ap_split_trials`, Hyperopt's linear forgetting."""


@dataclass(frozen=True)
class TPESettings:
    """How `TPE` searches; the defaults are those that searches of 50 to 250 trials like best.

    Hyperopt's own (`HYPEROPT_DEFAULTS`) leave four good trials of 250.

    Args:
        startup: trials drawn at random before the densities are asked.
        gamma: the good set holds `ceil(gamma * sqrt(trials))` trials, at most 25.
        pool: candidates a trial.
        local: share of the pool that are neighbours of good trials rather than fresh draws.
        prior_weight: weight of the prior in every density, a trial's being one.
        forgetting: the latest so many trials count in full, older ones less.
        caution: weight of the logarithm of the probability of feasibility.
        estimator: `fast`, or `hyperopt` for Hyperopt's own functions; the proposals are the same.
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
"""Hyperopt's own settings; the rest are its defaults already."""


class TPE(Generic[P]):
    """Ask/tell TPE; unknown constraints enter as a probability of feasibility.

    Failed trials belong neither to l nor to g. Where there are any, a second pair of estimators,
    of the feasible and of the failed trials, gives that probability by Bayes' rule.

    Args:
        space: where to search.
        rng: the only source of randomness.
        settings: how to search.
    """

    def __init__(
        self, space: Space[P], rng: np.random.Generator, settings: TPESettings | None = None
    ) -> None:
        self.space = space
        self.rng = rng
        self.settings = settings = settings or TPESettings()
        self.history: History[P] = History(len(space.parameters))
        self._grid = lay_out(space.parameters)
        self._estimate = make_estimator(
            settings.estimator, self._grid, settings.prior_weight, settings.forgetting
        )

    def ask(self) -> P:
        """What is left of the start-up trials in one batch, afterwards a batch of one."""
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
        """The outcome of any points, not only of those asked for."""
        self.history.add(points, self.space.encode(points), losses)

    def split(self) -> Ints:
        """[T], the label of every trial: `ap_split_trials` of the feasible ones."""
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
        """[B], the acquisition of candidates [B, parameters]: log l/g + log P(feasible)."""
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
        # Laplace's rule of succession, lest the odds vanish before the first feasible trial.
        odds = math.log((self.history.feasible + 1) / (self.history.failed + 1))
        caution = self.settings.caution
        add_up(codes, self._grid.offsets, gain, chance, odds, caution, scores)
        return scores


def _log_ratio(above: Floats, below: Floats) -> Floats:
    # Multiples of 2^-30 add up without rounding: candidates that tie do so on every machine and
    # with either estimator, whose last digits differ.
    return np.rint(np.log(above / below) * 2.0**30) / 2.0**30


@compiled
def add_up(codes, offsets, gain, chance, odds, caution, scores) -> None:  # type: ignore[no-untyped-def]
    """Adds the tables [V] up over the parameters of every candidate.

    `chance` is a log likelihood ratio feasible : failed, `odds` its prior logarithm.
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
