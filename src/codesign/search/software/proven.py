"""The curve of a layer on an accelerator: proven by the exact mapper, or bounded without it.

The exact mapper minimises energy + μ · cycles for any value μ of a cycle. Two runs give the ends of
the curve. A run for the μ of the chord between two known points finds a point below the chord, and
then there are two shorter chords, or shows that there is none, and then the chord is an edge.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from codesign.factors import DIVISORS
from codesign.mapping import MappingBatch
from codesign.search.exact.branch_and_bound import solve
from codesign.search.exact.exhaustive import exhaust
from codesign.search.exact.explore import Explorer
from codesign.search.exact.facts import Facts
from codesign.search.exact.floors import Floors
from codesign.search.exact.goal import bounded, goal_of
from codesign.search.exact.incumbent import TIE, Incumbent
from codesign.search.exact.spatial import Rates, least_words
from codesign.search.exact.splits import all_splits
from codesign.search.exact.variants import explore_variants
from codesign.search.software.curve import Curve, Floats
from codesign.search.task import MappingTask


@dataclass(frozen=True)
class LayerCurve:
    """What is known of the energy and delay of a layer's mappings.

    Args:
        task: the layer and the accelerator.
        floor: a curve that no mapping lies below.
        found: the curve of the known mappings, without vertices if none is known.
        points: the mapping of every vertex of `found`.
        runs: the number of runs of the exact mapper.
    """

    task: MappingTask
    floor: Curve
    found: Curve
    points: MappingBatch
    runs: int = 0

    @property
    def is_known(self) -> bool:
        """Whether mappings were searched."""
        return self.runs > 0


def bounded_curve(task: MappingTask) -> LayerCurve:
    """A layer whose mappings are not searched: a curve that follows from its spatial splits.

    Every mapping has a spatial split, and costs at least what the bounds of the split say. So no
    mapping lies below the convex hull of these bounds. Where the splits are not listed, with padded
    factors and with levels that may bypass, one bound on energy and one on cycles are left.

    Returns:
        The curve; its floor has no vertex if the task has no mapping.
    """
    nothing = np.zeros(0)
    points = MappingBatch.empty(task.layer.shape, 0, len(task.hardware.levels))
    if task.problem is not None:
        return LayerCurve(task, Curve(nothing, nothing), Curve(nothing, nothing), points)
    facts = Facts(task)
    floor, _ = Curve.around(*_bounds(task, facts))
    return LayerCurve(task, floor, Curve(nothing, nothing), points)


def _bounds(task: MappingTask, facts: Facts) -> tuple[Floats, Floats]:
    """[B], [B], energies and cycles: every mapping costs at least one of these pairs."""
    if not facts.is_covered:
        return np.zeros(1), np.zeros(1)
    if task.dataflow.factors == DIVISORS and not any(
        level.may_bypass for level in task.hardware.levels
    ):
        try:
            split = all_splits(facts)
        except MemoryError:
            pass
        else:
            energy, cycles = Rates(facts, split).costs(least_words(facts, split))
            return bounded(facts.goal(0.0), energy, cycles), bounded(
                facts.goal(math.inf), energy, cycles
            )
    return np.array([Floors(facts, 0.0).least]), np.array([Floors(facts, math.inf).least])


def proven_curve(
    task: MappingTask, most_work: float = math.inf, tolerance: float = 0.0
) -> LayerCurve:
    """The curve of all mappings of a task that has a mapping.

    Args:
        task: the layer and the accelerator.
        most_work: the budget of every run of the exact mapper, in pairs and nodes. If it ends a
            run, the floor is below the mappings that were found.
        tolerance: chords that cannot be lower by more than this share are not searched; the floor
            takes this into account.

    Raises:
        InputError: the exact mapper does not cover the task.
    """
    return _Prover(task, most_work, tolerance).run()


class _Point(NamedTuple):
    """The cost of a mapping, and the line energy + slope · cycles ≥ least that it was found on."""

    energy_pj: float
    cycles: float
    slope: float
    least: float


class _Prover:
    """The runs of the exact mapper for one task.

    Attributes:
        lines: (μ, h) of half-planes energy + μ · cycles ≥ h that have all mappings.
    """

    def __init__(self, task: MappingTask, most_work: float, tolerance: float) -> None:
        self.task, self.most_work, self.tolerance = task, most_work, tolerance
        self.facts = Facts(task)
        self.lines: list[tuple[float, float]] = []
        self.batches: list[MappingBatch] = []
        self.is_complete = True

    def run(self) -> LayerCurve:
        """The curve, from both ends inwards."""
        open_chords = [(self._end("energy"), self._end("delay"))]
        while open_chords:
            first, last = open_chords.pop()
            if last.energy_pj <= first.energy_pj or last.cycles >= first.cycles:
                continue
            slope = (last.energy_pj - first.energy_pj) / (first.cycles - last.cycles)
            height = first.energy_pj + slope * first.cycles
            energy, cycles = _corner((first.slope, first.least), (last.slope, last.least))
            if energy + slope * cycles >= height * (1 - self.tolerance):
                self.is_complete = False
                continue
            point = self._below(slope, height)
            if point is not None:
                open_chords += [(first, point), (point, last)]
        points = self.facts.space.join(self.batches)
        costs = self.facts.price(points)
        found, rows = Curve.around(costs.energy_pj, costs.cycles.astype(np.float64))
        floor = found if self.is_complete else _envelope(self.lines)
        return LayerCurve(self.task, floor, found, points[rows], len(self.lines))

    def _end(self, objective: str) -> _Point:
        """A mapping of least energy, or of least delay."""
        result = solve(self.task, objective, most_work=self.most_work)
        is_optimal = result.certificate.verdict == "optimal"
        return self._keep(
            result.best, goal_of(objective), result.certificate.lower_bound, is_optimal
        )

    def _below(self, slope: float, height: float) -> _Point | None:
        """A mapping of least energy + slope · cycles, if that is below `height`."""
        if not self.facts.is_covered:
            result = exhaust(self.task, slope)
            least = result.certificate.lower_bound
            is_below = least < height * (1 - TIE)
            return self._keep(result.best, slope, least, True) if is_below else None
        # With the chord as cut-off, only what is below it is searched for.
        incumbent = Incumbent(self.facts, slope, height)
        outcome = explore_variants(Explorer(incumbent, most_work=self.most_work))
        is_optimal = outcome.lower_bound >= incumbent.limit
        least = incumbent.value if is_optimal else outcome.lower_bound
        if incumbent.best is not None and incumbent.value < height * (1 - TIE):
            return self._keep(incumbent.best, slope, least, is_optimal)
        self.lines.append((slope, least))
        self.is_complete &= is_optimal
        return None

    def _keep(self, best: MappingBatch, slope: float, least: float, is_optimal: bool) -> _Point:
        self.lines.append((slope, least))
        self.is_complete &= is_optimal
        self.batches.append(best)
        costs = self.facts.price(best)
        return _Point(float(costs.energy_pj[0]), float(costs.cycles[0]), slope, least)


def _corner(low: tuple[float, float], high: tuple[float, float]) -> tuple[float, float]:
    """Energy and cycles where two lines (μ, h) cross; the second μ is larger, and may be ∞."""
    (m, h), (n, g) = low, high
    cycles = g if n == math.inf else (g - h) / (n - m)
    return h - m * cycles, cycles


def _envelope(lines: list[tuple[float, float]]) -> Curve:
    """The curve that half-planes energy + μ · cycles ≥ h leave: the corners of their intersection.

    Args:
        lines: (μ, h), with μ = 0 and μ = ∞, where h bounds the cycles.
    """
    least: dict[float, float] = {}
    for slope, height in lines:
        least[slope] = max(height, least.get(slope, 0.0))
    corners = [_corner(low, high) for low, high in itertools.combinations(sorted(least.items()), 2)]
    kept = [
        point
        for point in corners
        if all(_height(point, slope) >= height * (1 - TIE) for slope, height in least.items())
    ]
    return Curve.around(*np.array(kept).T)[0]


def _height(point: tuple[float, float], slope: float) -> float:
    """Energy + slope · cycles of a point; its cycles if the slope is infinite."""
    energy, cycles = point
    return cycles if slope == math.inf else energy + slope * cycles
