"""Bounds of the spatial splits of a task that couple levels, for all larger sizes at once or one.

`ranges` has the reasons. For one choice of sizes, k_l(d) are divisors of q(d).
"""

from __future__ import annotations

import math

import numpy as np

from codesign.cost.tables import ELEMENTS, IRRELEVANT, Ints
from codesign.search.exact.facts import Facts
from codesign.search.exact.range_search import least_objective
from codesign.search.exact.ranges import Tilings, Tower, Work, make_work
from codesign.search.exact.spatial import Rates
from codesign.space.factors import divisors, quotients

_MOST_RANGES = 4096
_MOST_EFFORT = 3 * 10**6


class Couplings:
    """Bounds of the spatial splits of a task, over the tiles of all levels together.

    Args:
        goal: the goal, a number of `goal.goal_of`.

    Attributes:
        effort: the choices of innermost loops that were tried so far.
    """

    def __init__(self, facts: Facts, goal: float) -> None:
        self.facts, self.goal = facts, facts.goal(goal)
        boundaries, tables = facts.boundaries, facts.tables
        self.levels, first = np.unique(boundaries.levels, return_index=True)
        spaces = np.arange(len(facts.role))
        kept = facts.keep[self.levels, np.newaxis] >> spaces & 1
        self.tower = Tower(
            np.append(first, len(boundaries.levels)).astype(np.int64),
            tables.limits[self.levels][:, ELEMENTS + spaces].astype(np.int64) * kept,
            facts.capacity[self.levels].astype(np.int64),
            facts.written,
        )
        self.inert = np.flatnonzero(facts.role[facts.written] == IRRELEVANT)[:1]
        self.work: Work | None = None
        self.effort = 0

    def least(self, split: Ints, sizes: Ints, limit: float, is_exact: bool) -> float:
        """A lower bound on the objective of a split [L, D]; infinite if it is not below `limit`.

        Args:
            sizes: [D], what the factors multiply to.
            is_exact: whether the bound is for these sizes only, and not for larger ones too.
        """
        if len(self.levels) == 0:
            return -math.inf
        tilings = self._tilings(split, sizes, is_exact)
        if self.work is None:
            ports = len(tilings.price) - 1
            self.work = make_work(self.facts, len(self.levels), ports, _MOST_RANGES)
            self.work.effort[0] = _MOST_EFFORT
        found = least_objective(self.facts.boundaries, self.tower, tilings, self.work, limit)
        self.effort += int(self.work.effort[1])
        return float(found)

    def _tilings(self, split: Ints, sizes: Ints, is_exact: bool) -> Tilings:
        # Where a size that no output depends on doubles, only what grows with outputs stays.
        doubled = sizes.copy()
        doubled[self.inert] *= 2
        rates = Rates(self.facts, np.stack([split, split]), np.stack([sizes, doubled]))
        linear = [rates.energy, *rates.ports]
        first, second = np.array([cost.const for cost in linear]).T
        grown = second - first if len(self.inert) else first
        left = sizes // split.prod(axis=0)
        listed = [(divisors if is_exact else quotients)(int(q)) for q in left]
        counts = np.array([len(choices) for choices in listed], np.int64)
        inner, outer = np.ones((2, len(left), counts.max()), np.int64)
        for d, choices in enumerate(listed):
            inner[d, : len(choices)] = choices
            outer[d, : len(choices)] = choices[::-1]
        return Tilings(
            inside=np.cumprod(split, axis=0)[self.levels],
            left=left,
            inner=inner,
            outer=outer,
            counts=counts,
            price=np.array([cost.fill[0] + cost.parent[0] for cost in linear]),
            const=np.stack([grown, grown - first], axis=1),
            steps=float(rates.cycles[0]),
            goal=self.goal,
        )
