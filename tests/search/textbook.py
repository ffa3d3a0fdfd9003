"""Textbook Bayesian optimization: slow and simple, a reference for the fast one.

At every trial, everything is fitted from scratch with dense algebra, and there are 150 new
candidates. The posterior is that of a Gaussian process, a matrix over trials instead of features.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from codesign.search.bo.acquisition import log_softplus
from codesign.search.bo.surrogate import RATIOS
from codesign.space.base import Space

P = TypeVar("P")

Floats = NDArray[np.float64]

STARTUP, POOL, BETA, LEAST_NOISE = 10, 150, 1.0, 1e-3
PRECISIONS = (1.0, 0.1, 0.01, 0.001)


class TextbookBO(Generic[P]):
    """An optimizer of the same method as `bo`, without any of its shortcuts."""

    def __init__(self, space: Space[P], rng: np.random.Generator) -> None:
        self.space, self.rng = space, rng
        self.points: list[Any] = []
        self.losses = np.empty(0)

    def ask(self) -> P:
        if len(self.losses) < STARTUP:
            return self.space.draw(self.rng, STARTUP - len(self.losses))
        pool: Any = self.space.draw(self.rng, POOL)
        told: Any = self.space.join(self.points)
        scores = self.score(self.space.features(told), self.space.features(pool))
        codes = self.space.encode(pool)
        was_tried = (codes[:, np.newaxis] == self.space.encode(told)).all(axis=2).any(axis=1)
        if not was_tried.all():
            scores[was_tried] = -np.inf
        return pool[np.array([scores.argmax()])]  # type: ignore[no-any-return]

    def tell(self, points: P, losses: Floats) -> None:
        self.points.append(points)
        self.losses = np.concatenate([self.losses, losses])

    def score(self, trials: Floats, candidates: Floats) -> Floats:
        """The acquisition of candidates [B, F] after trials [T, F]."""
        both = np.concatenate([trials, candidates])
        deviation = both.std(axis=0)
        is_constant = deviation <= 1e-9 * np.maximum(1.0, np.abs(both.mean(axis=0)))
        deviation = np.where(is_constant, 1.0, deviation) * np.sqrt(max(both.shape[1], 1))
        rows, points = (
            np.column_stack([(part - both.mean(axis=0)) / deviation, np.ones(len(part))])
            for part in (trials, candidates)
        )
        is_feasible = np.isfinite(self.losses)
        chances = np.ones(len(points))
        if not is_feasible.all():
            chances = classify(rows, is_feasible, points)
        if not is_feasible.any():
            return chances
        losses = self.losses[is_feasible]
        means, deviations, noise = regress(rows[is_feasible], losses, points)
        typical = np.sort(losses)[(len(losses) - 1) // 2]
        gains = (typical - means + BETA * deviations) / max(noise, 1e-12)
        return np.array([log_softplus(gain) for gain in gains]) + np.log(
            np.maximum(chances, 1e-300)
        )


def regress(rows: Floats, losses: Floats, points: Floats) -> tuple[Floats, Floats, float]:
    """Mean and deviation of a Gaussian process at `points`, and its noise.

    Rasmussen and Williams 2006, equations 2.25, 2.26 and, for the choice of ρ, 5.8.
    """
    offset, spread = losses.mean(), losses.std() or 1.0
    targets = (losses - offset) / spread
    values, vectors = np.linalg.eigh(rows @ rows.T)
    seen = vectors.T @ targets
    best: tuple[float, float, float] = (-np.inf, 1.0, 1.0)
    for ratio in RATIOS:
        shape = 1.0 + np.maximum(values, 0.0) / ratio
        rest = float((seen**2 / shape).sum())
        variance = max(rest / len(rows), LEAST_NOISE**2)
        height = len(rows) * np.log(variance) + rest / variance + np.log(shape).sum()
        best = max(best, (-0.5 * float(height), -ratio, variance))
    ratio, variance = -best[1], best[2]
    shape = 1.0 + np.maximum(values, 0.0) / ratio
    cross = points @ rows.T @ vectors / ratio
    means = cross @ (seen / shape)
    variances = np.maximum((points**2).sum(axis=1) / ratio - (cross**2 / shape).sum(axis=1), 0.0)
    noise = spread * np.sqrt(variance)
    return offset + spread * means, noise * np.sqrt(variances), float(noise)


def classify(rows: Floats, is_feasible: NDArray[np.bool_], points: Floats) -> Floats:
    """Probability of feasibility: Laplace's approximation (ibid., 3.4), by Newton's method."""
    best: tuple[float, Floats, Floats] = (-np.inf, np.empty(0), np.empty(0))
    for precision in PRECISIONS:
        weights = np.zeros(rows.shape[1])
        for _ in range(100):
            chances = 1.0 / (1.0 + np.exp(-rows @ weights))
            hessian = precision * np.eye(rows.shape[1]) + rows.T * (chances * (1 - chances)) @ rows
            step = np.linalg.solve(hessian, rows.T @ (is_feasible - chances) - precision * weights)
            # Half steps at most: slow, and safe.
            weights += 0.5 * step
            if np.abs(step).max() < 1e-6:
                break
        logits = np.where(is_feasible, 1, -1) * (rows @ weights)
        height = -np.logaddexp(0.0, -logits).sum() - 0.5 * precision * weights @ weights
        height += 0.5 * (len(weights) * np.log(precision) - np.linalg.slogdet(hessian)[1])
        if height > best[0]:
            best = (height, weights, np.linalg.inv(hessian))
    variances = np.einsum("bi,ij,bj->b", points, best[2], points)
    return 1.0 / (1.0 + np.exp(-(points @ best[1]) / np.sqrt(1.0 + np.pi * variances / 8.0)))
