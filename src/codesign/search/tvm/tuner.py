"""A tuner that proposes batches of trials by a ranking model (Chen et al. 2018, sections 3 and 4).

Chen, Zheng, Yan, Jiang, Moreau, Ceze, Guestrin, Krishnamurthy: Learning to optimize tensor
programs, NeurIPS 2018; details as in AutoTVM's `ModelBasedTuner`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic

import numpy as np

from codesign.search.history import Floats, History
from codesign.search.tvm.annealing import Annealer, AnnealingSettings
from codesign.search.tvm.ranking import RankingModel
from codesign.space.base import P, Space


@dataclass(frozen=True)
class TunerSettings:
    """Settings of `ModelBasedTuner`.

    Args:
        plan: trials per batch, between two fits. AutoTVM's 64 would mean four fits in 250 trials.
        epsilon: the share of trials that are random draws.
        annealing: the settings of the search for candidates.
    """

    plan: int = 16
    epsilon: float = 0.05
    annealing: AnnealingSettings = field(default_factory=AnnealingSettings)


class ModelBasedTuner(Generic[P]):
    """AutoTVM's tuner (an `Optimizer`).

    Batches are random draws before the first feasible trial. Then each batch has the points that
    the model, fitted to all trials, ranks highest. The score of a trial is EDP_best / EDP, or 0 if
    it failed. Trials meet the known constraints, because the space's draws and neighbours do. A
    point from the model is not a trial yet.

    Args:
        space: the space to search.
        rng: the only source of randomness.
        model: the ranking model.
        settings: the settings; the defaults if None.
    """

    def __init__(
        self,
        space: Space[P],
        rng: np.random.Generator,
        model: RankingModel[P],
        settings: TunerSettings | None = None,
    ) -> None:
        self.space = space
        self.rng = rng
        self.model = model
        self.settings = settings or TunerSettings()
        self.history: History[P] = History(len(space.parameters))
        self._annealer = Annealer(space, rng, self.settings.annealing)

    def ask(self) -> P:
        """The next batch. It does not wait for outcomes of the last batch."""
        plan = self.settings.plan
        if not self.history.feasible:
            return self.space.draw(self.rng, plan)
        trials = np.arange(self.history.count)
        self.model.fit(self.space.join(self.history.points(trials)), self._scores())
        planned = self._annealer.maximise(self.model, plan, self.history.codes)
        drawn = self.space.draw(self.rng, plan)
        is_drawn = self.rng.random(plan) < self.settings.epsilon
        found = len(planned)
        is_drawn[found:] = True
        rows = np.where(is_drawn, found, 0) + np.arange(plan)
        return self.space.join([planned, drawn])[rows]

    def tell(self, points: P, losses: Floats) -> None:
        """Tells the outcome of any points, not only of proposed ones."""
        self.history.add(points, self.space.encode(points), losses)

    def _scores(self) -> Floats:
        scores = np.exp(self.history.best - self.history.losses)
        return np.where(np.isfinite(scores), scores, 0.0)
