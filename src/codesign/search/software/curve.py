"""Energy against delay of a layer as a convex curve, and the least cost of sums over layers.

The energy E and the delay D of a network are sums over its layers. Its cost is E, D or E · D. All
three are quasi-concave where E and D are positive, so their least value over any set of designs is
that over the set's convex hull, and it is reached at a vertex. A vertex has the least E + μ · D for
some value μ ≥ 0 of a cycle, and that sum separates: every layer then has its own least E + μ · D.

So a layer matters only through the vertices of the lower left side of its convex hull. And the
network of least cost is among the sums of vertices that have one μ in common. These are few: one
more than the layers have edges. The same holds for lower bounds: if no mapping of a layer lies
below its curve, no network lies below the sum of the curves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.search.objective import EDP

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Curve:
    """The vertices of a convex curve, from the least energy to the least delay.

    Args:
        energy_pj: [V], ascending.
        cycles: [V], descending.
    """

    energy_pj: Floats
    cycles: Floats

    @classmethod
    def around(cls, energy_pj: Floats, cycles: Floats) -> tuple[Curve, Ints]:
        """The lower left side of the convex hull of points [B], and the points that it has."""
        kept: list[int] = []
        for at in np.lexsort((cycles, energy_pj)):
            if not (np.isfinite(energy_pj[at]) and np.isfinite(cycles[at])):
                continue
            if kept and cycles[at] >= cycles[kept[-1]]:
                continue
            while len(kept) > 1 and _is_above(energy_pj, cycles, kept[-2], kept[-1], int(at)):
                kept.pop()
            kept.append(int(at))
        rows = np.array(kept, np.int64)
        return cls(energy_pj[rows], cycles[rows]), rows

    def __len__(self) -> int:
        return len(self.energy_pj)

    @property
    def slopes(self) -> Floats:
        """[V - 1], the value of a cycle in pJ at which both ends of an edge cost the same."""
        return np.asarray(-np.diff(self.energy_pj) / np.diff(self.cycles))

    def at(self, slope: float) -> int:
        """The vertex of least energy + slope · cycles; of equal ones that of less energy."""
        return int(np.searchsorted(self.slopes, slope, side="left"))


def _is_above(energy: Floats, cycles: Floats, a: int, b: int, c: int) -> bool:
    """Whether b is on or above the line from a to c."""
    left = (energy[b] - energy[a]) * (cycles[a] - cycles[c])
    return bool(left >= (energy[c] - energy[a]) * (cycles[a] - cycles[b]))


@dataclass(frozen=True)
class Steps:
    """The sums of vertices of some curves that have one value of a cycle in common.

    Args:
        vertices: [K, L], the vertex of every curve, from the least energy to the least delay; -1
            for a curve without vertices.
        energy_pj, cycles: [K, L], what these vertices cost; infinite for a curve without vertices.
    """

    vertices: Ints
    energy_pj: Floats
    cycles: Floats

    @classmethod
    def over(cls, curves: Sequence[Curve]) -> Steps:
        """The sums for some curves."""
        slopes = np.concatenate([curve.slopes for curve in curves]) if curves else np.zeros(0)
        owner = np.repeat(np.arange(len(curves)), [max(len(curve) - 1, 0) for curve in curves])
        order = np.argsort(slopes, kind="stable")
        vertices = np.zeros((len(slopes) + 1, len(curves)), np.int64)
        for step, edge in enumerate(order, start=1):
            vertices[step] = vertices[step - 1]
            vertices[step, owner[edge]] += 1
        energy, cycles = np.full((2, *vertices.shape), np.inf)
        for at, curve in enumerate(curves):
            if len(curve):
                energy[:, at] = curve.energy_pj[vertices[:, at]]
                cycles[:, at] = curve.cycles[vertices[:, at]]
            else:
                vertices[:, at] = -1
        return cls(vertices, energy, cycles)

    def least(self, counts: Ints, objective: str) -> tuple[Floats, Ints]:
        """The least cost of networks that have the layers of the curves `counts` [N, L] times.

        Args:
            counts: the counts; a layer that a network does not have may lack vertices.
            objective: `edp` (pJ·cycles), `energy` (pJ) or `delay` (cycles).

        Returns:
            [N], the costs, infinite if a layer lacks vertices; [N], the rows of `vertices`. Of
            sums of equal delay, the one of least EDP is returned, and of others the first.
        """
        energy, cycles = self._sums(counts, self.energy_pj), self._sums(counts, self.cycles)
        edp = energy * cycles
        cost = {EDP: edp, "energy": energy, "delay": cycles}[objective]
        ties = np.where(cost == cost.min(axis=1, keepdims=True), edp, np.inf)
        rows = np.argmin(ties, axis=1)
        return cost[np.arange(len(counts)), rows], rows

    @staticmethod
    def _sums(counts: Ints, costs: Floats) -> Floats:
        """[N, K], the sums over layers of counts [N, L] times costs [K, L], in a fixed order."""
        total = np.zeros((len(counts), len(costs)))
        for at in range(costs.shape[1]):
            has = counts[:, at] > 0
            total[has] += counts[has, at, np.newaxis] * costs[np.newaxis, :, at]
        return total
