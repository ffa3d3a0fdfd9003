"""The least energy + μ · cycles of a layer over a class of accelerators, and bounds of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.cost.tables import Floats, Ints
from codesign.mapping import MappingBatch
from codesign.search.certified.classes import FileSizes
from codesign.search.certified.pooled import PooledFacts
from codesign.search.exact.branch_and_bound import branch, split_costs
from codesign.search.exact.explore import Explorer
from codesign.search.exact.incumbent import TIE, Incumbent
from codesign.search.exact.spatial import Rates, all_splits, least_words


@dataclass(frozen=True)
class Solution:
    """What is known of a layer's least energy + slope · cycles in a class.

    Args:
        lower: nothing is below.
        best: the mapping that is, as a batch of one; None where only the bound is known.
        energy_pj, cycles, words: the mapping's.
        work: pairs and nodes it took; explored: spatial splits that were gone through.
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
    """Least energy and cycles that follow from each spatial split of a layer alone, [B] each."""

    def __init__(self, model: PooledFacts) -> None:
        self.model = model
        split, _ = all_splits(model, 0.0)
        rates = Rates(model, split)
        self.energy, self.cycles = split_costs(rates, least_words(model, split))

    def within(self, most_cycles: float) -> LayerBounds:
        """Those of the splits that take no more cycles."""
        keep = self.cycles <= most_cycles * (1 + TIE)
        new = object.__new__(LayerBounds)
        new.model, new.energy, new.cycles = self.model, self.energy[keep], self.cycles[keep]
        return new

    @property
    def least_energy(self) -> float:
        """pJ."""
        return float(self.energy.min(initial=math.inf))

    @property
    def least_cycles(self) -> float:
        """Cycles."""
        return float(self.cycles.min(initial=math.inf))

    def sums(self, slope: float) -> Floats:
        """[B], bounds of energy + slope · cycles."""
        return np.asarray(self.energy + slope * self.cycles)


def minimise(
    model: PooledFacts,
    slope: float,
    cutoff: float,
    most_work: float,
    climbs: bool,
    seeds: Sequence[MappingBatch] = (),
) -> Solution:
    """The mapping of least energy + slope · cycles; none where nothing is below the cut-off.

    Args:
        seeds: mappings that were good elsewhere, and may be valid here.
        climbs: begins with a mapping found by climbing, which pays where the cut-off is loose.
    """
    incumbent = Incumbent(model, slope, cutoff)
    if seeds:
        incumbent.consider(model.space.join(list(seeds)))
    if climbs:
        incumbent.climb()
    explorer = Explorer(incumbent, most_work=most_work)
    outcome = branch(explorer)
    work = outcome.counts["pairs"] + outcome.counts["nodes"]
    done = (work, 0 if outcome.explored is None else len(outcome.explored))
    if incumbent.best is None or outcome.lower_bound < incumbent.limit:
        return Solution(slope, outcome.lower_bound, None, math.inf, math.inf, None, *done)
    costs = model.price(incumbent.best)
    words: Ints = model.words_of(incumbent.best)[0]
    return Solution(
        slope, incumbent.value, incumbent.best, float(costs.energy_pj[0]), float(costs.cycles[0]),
        (int(words[0]), int(words[1]), int(words[2])), *done,
    )  # fmt: skip
