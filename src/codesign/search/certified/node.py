"""A class of accelerators that is not settled yet, or a part of one, in the order of its bound."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from codesign.hardware.files import Chip
from codesign.search.certified.classes import HardwareClass
from codesign.search.certified.layers import LayerBounds, Solution
from codesign.search.certified.pooled import NothingFitsError, PooledFacts


@dataclass(order=True)
class Node:
    """An open class, or a part of one.

    Args:
        bound: a lower bound on its EDP.
        number: a running number, which orders nodes with equal bounds.
        layers: the bounds of its layers' spatial splits.
        known: the solutions of each layer so far.
        ranges: the ranges of energies that are left to prove for an EDP of at least `reached`.
        reached: the goal that `ranges` refers to.
    """

    bound: float
    number: int
    hardware_class: HardwareClass = field(compare=False)
    layers: list[LayerBounds] = field(compare=False)
    known: list[list[Solution]] = field(compare=False)
    ranges: list[tuple[float, float]] = field(compare=False, default_factory=list)
    reached: float = field(compare=False, default=0.0)

    def part(
        self,
        half: HardwareClass,
        chip: Chip,
        accounting: str,
        number: int,
        ranges: list[tuple[float, float]],
        reached: float,
    ) -> Node | None:
        """The node for a part of the class, with the knowledge of this one that holds for it.

        None if some layer has no mapping on it.
        """
        layers, known = [], []
        for layer, earlier in zip(self.layers, self.known, strict=True):
            try:
                facts = PooledFacts(layer.facts.space.layer, half, chip, accounting)
            except NothingFitsError:
                return None
            new = layer.within(math.inf)
            new.facts = facts
            layers.append(new)
            known.append([_inherited(solution, half) for solution in earlier])
        return Node(self.bound, number, half, layers, known, ranges, reached)


def _inherited(solution: Solution, half: HardwareClass) -> Solution:
    """A solution for a class as one for a part of it: the mapping if it fits, and the bound."""
    if solution.words is not None and half.holds(solution.words):
        return solution
    return Solution(solution.slope, solution.lower)
