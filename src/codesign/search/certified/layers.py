"""The least energy + slope · cycles of a layer on a class of accelerators, and bounds on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.cost.tables import Floats, Ints
from codesign.mapping import MappingBatch
from codesign.search.certified.classes import FileSizes
from codesign.search.certified.pooled import PooledFacts
from codesign.search.exact.branch import branch
from codesign.search.exact.explore import Explorer
from codesign.search.exact.incumbent import TIE, Incumbent
from codesign.search.exact.spatial import Rates, least_words
from codesign.search.exact.splits import all_splits


@dataclass(frozen=True)
class Solution:
    """The least energy + slope · cycles of a layer on a class, or a bound on it.

    Args:
        slope: the value of a cycle in pJ.
        lower: a lower bound on energy + slope · cycles.
        best: the mapping that reaches the bound, as a batch of one; None if only the bound is
            known.
        energy_pj, cycles, words: energy, cycles, and register-file words of the mapping.
        work: pairs and nodes of the search.
        explored: the number of spatial splits that the search explored.
    """

    slope: float
    lower: float
    best: MappingBatch | None = None
    energy_pj: float = math.inf
    cycles: float = math.inf
    words: FileSizes | None = None
    work: int = 0
    explored: int = 0


class LayerBounds:
    """Lower bounds on energy and cycles of a layer for each of its spatial splits, [B] each."""

    def __init__(self, facts: PooledFacts) -> None:
        self.facts = facts
        split = all_splits(facts)
        self.energy, self.cycles = Rates(facts, split).costs(least_words(facts, split))

    def within(self, most_cycles: float) -> LayerBounds:
        """The bounds of the splits that can take at most `most_cycles` cycles."""
        keep = self.cycles <= most_cycles * (1 + TIE)
        new = object.__new__(LayerBounds)
        new.facts, new.energy, new.cycles = self.facts, self.energy[keep], self.cycles[keep]
        return new

    @property
    def least_energy(self) -> float:
        """The least energy bound of all splits in pJ."""
        return float(self.energy.min(initial=math.inf))

    @property
    def least_cycles(self) -> float:
        """The least bound on cycles of all splits."""
        return float(self.cycles.min(initial=math.inf))

    def sums(self, slope: float) -> Floats:
        """[B], lower bounds on energy + slope · cycles."""
        return np.asarray(self.energy + slope * self.cycles)


def minimise(
    facts: PooledFacts,
    slope: float,
    cutoff: float,
    most_work: float,
    climbs: bool,
    seeds: Sequence[MappingBatch] = (),
) -> Solution:
    """The mapping of least energy + slope · cycles, or only a bound if none is below the cut-off.

    Args:
        facts: the constants of the layer on the class.
        slope: the value of a cycle in pJ.
        cutoff: only mappings below it are searched for.
        most_work: the budget of pairs and nodes.
        climbs: whether to begin with hill climbing, which is worth it if the cut-off is loose.
        seeds: mappings that were good on other classes and may be valid here.
    """
    incumbent = Incumbent(facts, slope, cutoff)
    if seeds:
        incumbent.consider(facts.space.join(list(seeds)))
    if climbs:
        incumbent.climb()
    explorer = Explorer(incumbent, most_work=most_work)
    outcome = branch(explorer)
    work = outcome.counts["pairs"] + outcome.counts["nodes"]
    done = (work, 0 if outcome.explored is None else len(outcome.explored.splits))
    if incumbent.best is None or outcome.lower_bound < incumbent.limit:
        return Solution(slope, outcome.lower_bound, None, math.inf, math.inf, None, *done)
    costs = facts.price(incumbent.best)
    words: Ints = facts.words_of(incumbent.best)[0]
    return Solution(
        slope, incumbent.value, incumbent.best, float(costs.energy_pj[0]), float(costs.cycles[0]),
        (int(words[0]), int(words[1]), int(words[2])), *done,
    )  # fmt: skip
