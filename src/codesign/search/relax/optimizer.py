"""Relax and round: Bayesian optimization on a continuous box, whose points are rounded.

It is the paper's out-of-the-box method for comparison (docs/paper.md, R2). It does not know that
values are discrete, nor which combinations meet the constraints. A point that breaks a constraint
is a failed trial.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic

import numpy as np

from codesign.compiled import compiled
from codesign.search.box import UnitBox
from codesign.search.history import Floats
from codesign.search.relax.process import GaussianProcess
from codesign.space.base import DecodableSpace, P


@dataclass(frozen=True)
class RelaxSettings:
    """Settings of `RelaxAndRound`.

    Args:
        startup: random trials from the box.
        random: random candidates per trial.
        starts: so many of the best random candidates, and the best trial, are starts of a local
            search.
        near: candidates around every start, for each of `widths` in order.
        widths: their standard deviations, in units of the box.
        refit: hyper-parameters are fitted again when the number of trials has grown by this
            factor.
    """

    startup: int = 10
    random: int = 256
    starts: int = 4
    near: int = 16
    widths: tuple[float, ...] = (0.1, 0.03, 0.01)
    refit: float = 1.15


class RelaxAndRound(Generic[P]):
    """Gaussian process and expected improvement on the unit box around a space.

    An ordered coordinate is one axis, with its values at equal distances. A label has one axis per
    value, and the value with the largest coordinate is used. The process is fitted to points of
    the box before rounding. A failed trial has the worst loss so far. The outcomes of its
    proposals must be told in the order of the proposals.

    Args:
        space: the space to search.
        rng: the only source of randomness.
        settings: the settings; the defaults if None.
    """

    def __init__(
        self,
        space: DecodableSpace[P],
        rng: np.random.Generator,
        settings: RelaxSettings | None = None,
    ) -> None:
        self.space = space
        self.rng = rng
        self.settings = settings or RelaxSettings()
        self._box = UnitBox(space)
        self._axes = self._box.axes
        self._inputs = np.empty((0, self._axes))
        self._losses = np.empty(0)
        self._waiting = self._inputs
        self._process = GaussianProcess(self._axes)
        self._fitted = 0

    def ask(self) -> P:
        """First the start-up trials that are left, in one batch; then batches of one."""
        left = self.settings.startup - len(self._losses)
        if left > 0:
            proposed = self.rng.random((left, self._axes))
        elif np.isnan(self._losses).all():
            proposed = self.rng.random((1, self._axes))
        else:
            proposed = self._propose()[np.newaxis]
        self._waiting = np.concatenate([self._waiting, proposed])
        return self.space.decode(self._box.round(proposed))[0]

    def tell(self, points: P, losses: Floats) -> None:
        """Tells outcomes: first those of the oldest open proposals, then those of other points."""
        others = self._box.place(self.space.locate(points[len(self._waiting) :]))
        told = np.concatenate([self._waiting[: len(losses)], others])
        self._inputs = np.concatenate([self._inputs, told])
        self._losses = np.concatenate([self._losses, losses])
        self._waiting = self._waiting[len(losses) :]

    def _propose(self) -> Floats:
        """[axes], the candidate with the highest expected improvement."""
        settings = self.settings
        best = self._learn()
        points = self.rng.random((settings.random, self._axes))
        gains = self._expect(points, best)
        order = np.argsort(-gains, kind="stable")[: settings.starts]
        incumbent = self._inputs[[np.nanargmin(self._losses)]]
        starts = np.concatenate([points[order], incumbent])
        heights = np.concatenate([gains[order], self._expect(incumbent, best)])
        for width in settings.widths:
            steps = self.rng.normal(0.0, width, (len(starts), settings.near, starts.shape[1]))
            around = np.clip(starts[:, np.newaxis] + steps, 0.0, 1.0)
            gains = self._expect(around.reshape(-1, starts.shape[1]), best)
            gains = gains.reshape(len(starts), settings.near)
            top = gains.argmax(axis=1)
            rows = np.flatnonzero(gains.max(axis=1) > heights)
            starts[rows], heights[rows] = around[rows, top[rows]], gains[rows, top[rows]]
        return starts[heights.argmax()]

    def _learn(self) -> float:
        """Updates the process to all trials, and returns the best standardised loss."""
        losses = np.where(np.isnan(self._losses), np.nanmax(self._losses), self._losses)
        targets = (losses - losses.mean()) / (losses.std() or 1.0)
        if len(losses) >= self._fitted * self.settings.refit:
            self._process.fit(self._inputs, targets)
            self._fitted = self._known = len(losses)
        for point in self._inputs[self._known :]:
            self._process.extend(point)
        self._known = len(losses)
        self._process.condition(targets)
        return float(targets.min())

    def _expect(self, points: Floats, best: float) -> Floats:
        means, deviations = self._process.predict(points)
        gains = np.empty(len(points))
        expect(means, deviations, best, gains)
        return gains


@compiled
def expect(means, deviations, best, gains) -> None:  # type: ignore[no-untyped-def]
    """Fills `gains` [B] with the expected improvement over `best` (Jones et al. 1998)."""
    for b in range(len(gains)):
        z = (best - means[b]) / deviations[b]
        density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        gains[b] = deviations[b] * (0.5 * z * math.erfc(-z / math.sqrt(2.0)) + density)
