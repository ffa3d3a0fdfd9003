"""Evolution by CMA-ES, as NAAS searches accelerators and mappings (Lin et al., DAC 2021).

A generation is drawn from a normal distribution over the unit box of a space. Its better half moves
the mean, the covariance and the step size (Hansen, arXiv 1604.00772, whose names are used below).
The distribution is kept as a Cholesky factor, as in Krause, Arbonès and Igel (2016): its inverse is
applied to the mean's step in place of C^(-1/2).

As in NAAS, an offspring that breaks a known constraint is drawn again.
"""

from __future__ import annotations

import math
from typing import Generic

import numpy as np

from codesign.search.bo.algebra import factorise
from codesign.search.box import UnitBox
from codesign.search.history import Floats
from codesign.space.base import DecodableSpace, P

FIRST_STEP = 0.3
"""σ of the first generation: the box is 1 wide."""

DRAWS = 100
"""Draws per offspring, of which the first is taken that is new and meets the known constraints. If
none does, the offspring is a random point of the space."""

LEAST_STEP = 0.4
"""The least standard deviation along an axis, as a share of the distance of neighbouring values.
With less, hardly any offspring would differ from its parents."""


class Evolution(Generic[P]):
    """CMA-ES on the coordinates of a space (an `Optimizer`).

    Args:
        space: the space to search.
        rng: the only source of randomness.
    """

    def __init__(self, space: DecodableSpace[P], rng: np.random.Generator) -> None:
        self.space, self.rng = space, rng
        self._box = UnitBox(space)
        self._spacings = self._box.spacings
        size = self._box.axes
        self._size = max(1, size)
        self.offspring = 4 + int(3 * math.log(self._size))
        parents = self.offspring // 2
        ranks = math.log(parents + 0.5) - np.log(np.arange(1, parents + 1))
        self._weights = ranks / ranks.sum()
        self._mean = self._box.place(space.locate(space.draw(rng, 1)))[0]
        self._step = FIRST_STEP
        self._covariance, self._factor = np.eye(size), np.eye(size)
        self._path, self._step_path = np.zeros(size), np.zeros(size)
        self._generation = 0
        self._tried: set[tuple[int, ...]] = set()
        self._waiting = np.empty((0, size))
        self._points, self._losses = np.empty((0, size)), np.empty(0)

    def ask(self) -> P:
        """The offspring of this generation that are not told yet, in one batch."""
        missing = max(1, self.offspring - len(self._losses) - len(self._waiting))
        drawn = [self._draw() for _ in range(missing)]
        self._waiting = np.concatenate([self._waiting, np.stack([place for place, _ in drawn])])
        return self.space.join([point for _, point in drawn])

    def tell(self, points: P, losses: Floats) -> None:
        """Tells outcomes: first those of the oldest open proposals, then those of other points."""
        indices = self.space.locate(points)
        self._tried.update(map(tuple, indices.tolist()))
        known = min(len(self._waiting), len(losses))
        others = self._box.place(indices[known:])
        self._points = np.concatenate([self._points, self._waiting[:known], others])
        self._losses = np.append(self._losses, losses)
        self._waiting = self._waiting[known:]
        if len(self._losses) >= self.offspring:
            self._select()
            self._points, self._losses = self._points[:0], self._losses[:0]

    def _draw(self) -> tuple[Floats, P]:
        """A new offspring, and the point that it is."""
        normal = self.rng.standard_normal((DRAWS, len(self._mean)))
        moves = self._step * np.einsum("ji,bj->bi", self._factor, normal)
        deviations = self._step * np.sqrt(np.diagonal(self._covariance))
        moves *= np.maximum(1.0, LEAST_STEP * self._spacings / np.maximum(deviations, 1e-12))
        places = np.clip(self._mean + moves, 0.0, 1.0)
        indices = self._box.round(places)
        points, is_valid = self.space.decode(indices)
        for row in np.flatnonzero(is_valid).tolist():
            key = tuple(indices[row].tolist())
            if key not in self._tried:
                self._tried.add(key)
                return places[row], points[row : row + 1]
        point = self.space.draw(self.rng, 1)
        return self._box.place(self.space.locate(point))[0], point

    def _select(self) -> None:
        """Moves the distribution to the better half of the generation (Hansen, figure 6)."""
        losses = np.where(np.isfinite(self._losses), self._losses, np.inf)
        if np.isinf(losses).all():
            return
        order = np.argsort(losses, kind="stable")[: len(self._weights)]
        size, weights = self._size, self._weights
        effective = 1.0 / float((weights**2).sum())
        moves = (self._points[order] - self._mean) / self._step
        move = np.einsum("i,ij->j", weights, moves)
        self._mean = self._mean + self._step * move
        self._generation += 1

        c_sigma = (effective + 2) / (size + effective + 5)
        damping = 1 + 2 * max(0.0, math.sqrt((effective - 1) / (size + 1)) - 1) + c_sigma
        c_path = (4 + effective / size) / (size + 4 + 2 * effective / size)
        c_one = 2 / ((size + 1.3) ** 2 + effective)
        c_rank = min(1 - c_one, 2 * (effective - 2 + 1 / effective) / ((size + 2) ** 2 + effective))
        expected = math.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size**2))

        gain = math.sqrt(c_sigma * (2 - c_sigma) * effective)
        self._step_path = (1 - c_sigma) * self._step_path + gain * _forward(self._factor, move)
        length = math.sqrt(float((self._step_path**2).sum()))
        decay = math.sqrt(1 - (1 - c_sigma) ** (2 * self._generation))
        is_short = length / decay < (1.4 + 2 / (size + 1)) * expected
        gain = math.sqrt(c_path * (2 - c_path) * effective) * is_short
        self._path = (1 - c_path) * self._path + gain * move
        kept = 1 - c_one - c_rank + (not is_short) * c_one * c_path * (2 - c_path)
        self._covariance = (
            kept * self._covariance
            + c_one * np.einsum("i,j->ij", self._path, self._path)
            + c_rank * np.einsum("k,ki,kj->ij", weights, moves, moves)
        )
        self._factor = np.triu(self._covariance)
        factorise(self._factor)
        change = (c_sigma / damping) * (length / expected - 1)
        self._step = min(self._step * math.exp(min(1.0, change)), 1.0)


def _forward(factor: Floats, vector: Floats) -> Floats:
    """U⁻ᵀ v, for the upper triangle U."""
    found = vector.copy()
    for i in range(len(found)):
        found[i] /= factor[i, i]
        found[i + 1 :] -= factor[i, i + 1 :] * found[i]
    return found
