"""Samplers, which propose points of a hardware space: the interface, and one for any template.

`ChipSpace` checks every proposal by the template's list of rules. So a sampler need not know all
of the rules.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from codesign.hardware.expression import Floats

if TYPE_CHECKING:
    from codesign.space.chip_space import ChipSpace

MOST_LISTED = 2**18
"""Spaces of up to so many points are listed completely, so that no draw is rejected."""

NEIGHBOURS = 32
"""Neighbours to propose at once, of which the first feasible one is used."""


class Sampler(Protocol):
    """Proposes points, as rows [parameters] in the template's order."""

    patience: int
    """So many infeasible proposals in sequence end a draw with an error."""

    @property
    def is_checked(self) -> bool:
        """Whether all draws meet all rules, so that they need not be checked."""

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """[count, parameters], independent proposals."""

    def moves(self, rng: np.random.Generator, point: Floats) -> Floats:
        """[M, parameters], neighbours of a point. The first feasible one is used."""

    def near(self, point: Floats) -> Floats:
        """[M, parameters], at least all points that differ from `point` in one parameter."""


class AnySampler:
    """Proposes points of any template.

    Every feasible point is equally likely. Up to 2^18 points, the feasible ones are listed once,
    and draws are from the list. Beyond that, every parameter is drawn from its domain.
    """

    patience = 2**20

    def __init__(self, space: ChipSpace) -> None:
        self.space = space
        self._sizes = np.array([len(parameter.values) for parameter in space.parameters])

    @cached_property
    def listed(self) -> Floats | None:
        """[B, parameters], all feasible points; None if there are too many points to list.

        Raises:
            InputError: none of them is feasible.
        """
        if float(np.prod(self._sizes.astype(float))) > MOST_LISTED:
            return None
        grid = np.indices(tuple(self._sizes)).reshape(len(self._sizes), -1).T
        values = self.space.at(grid)
        found = values[self.space.hold(values)]
        if not len(found):
            raise self.space.nothing_fits(values)
        return found

    @property
    def is_checked(self) -> bool:
        """Whether all feasible points are listed."""
        return self.listed is not None

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """[count, parameters], feasible if points are listed, otherwise any combinations."""
        if self.listed is not None:
            return self.listed[rng.integers(0, len(self.listed), count)]
        return self.space.at(rng.integers(0, self._sizes, (count, len(self._sizes))))

    def moves(self, rng: np.random.Generator, point: Floats) -> Floats:
        """[M, parameters], neighbours that differ in one to three parameters, mostly by a step."""
        codes = self.space.codes(point[np.newaxis])[0]
        near = np.tile(codes, (NEIGHBOURS, 1))
        changes = rng.integers(1, 4, NEIGHBOURS)
        for row in range(NEIGHBOURS):
            columns = rng.permutation(len(self._sizes))[: changes[row]]
            steps = rng.choice([-1, 1], len(columns))
            far = rng.random(len(columns)) < 0.2
            anew = rng.integers(0, self._sizes[columns])
            near[row, columns] = np.where(far, anew, near[row, columns] + steps)
        near = np.clip(near, 0, self._sizes - 1)
        return self.space.at(near[(near != codes).any(axis=1)])

    def near(self, point: Floats) -> Floats:
        """[M, parameters], all feasible points if listed, else those that differ in one."""
        if self.listed is not None:
            return self.listed
        codes = self.space.codes(point[np.newaxis])[0]
        found = []
        for column, size in enumerate(self._sizes):
            others = np.tile(codes, (size, 1))
            others[:, column] = np.arange(size)
            found.append(others)
        return self.space.at(np.concatenate(found))
