"""Lower bounds from the sizes of a layer alone: its operations, and accesses to its words.

In `docs/cost-model.md`, section 8, these are MACs · e_mac and parts of `access`. Every operation
accesses one word of a dataspace in the innermost level that keeps it. The access is shared at most
with all other children of the levels up to that one. Every word of a dataspace is accessed once in
the outermost level, if that is another one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import (
    BLOCK_UNITS,
    CLUSTER_SIZE,
    ELEMENTS,
    MAC_PJ,
    PLAIN,
    VECTOR_PJ,
    WRITE_PJ,
    Floats,
    Ints,
)
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import bounded


class Floors:
    """Lower bounds on the objective of all mappings whose factors multiply to given sizes.

    They do not fall if a size grows.
    """

    def __init__(self, facts: Facts, goal: float) -> None:
        self.facts, self.goal = facts, facts.goal(goal)
        self.pes = float(facts.space.hardware.pes)
        self.per_mac = float(facts.tables.energies[MAC_PJ])
        self.per_word: list[tuple[int, float]] = []
        sharing, missing, top = 1.0, set(range(len(facts.role))), len(facts.keep) - 1
        for s, (along_x, along_y) in enumerate(facts.space.hardware.fanouts):
            sharing *= along_x * along_y
            for w in sorted(missing):
                if facts.keep[s] >> w & 1:
                    missing.discard(w)
                    self.per_mac += _least_access_pj(facts, s, w) / sharing
                    if s < top:
                        self.per_word.append((w, _least_access_pj(facts, top, w)))

    def energy(self, sizes: Ints) -> Floats:
        """[B], a lower bound on the dynamic energy in pJ for sizes [B, D]."""
        total = sizes.prod(axis=1) * self.per_mac
        for w, access_pj in self.per_word:
            total = total + _least_words(self.facts, w, sizes) * access_pj
        return np.asarray(total)

    def of(self, sizes: Ints, pes: Floats | float | None = None) -> Floats:
        """[B], a lower bound on the objective for sizes [B, D]: PEs never wait.

        Args:
            pes: [B], the most PEs that are busy; all of them by default.
        """
        cycles = sizes.prod(axis=1) / (self.pes if pes is None else pes)
        return bounded(self.goal, self.energy(sizes), cycles)

    def at(self, sizes: tuple[int, ...]) -> float:
        """`of` for one choice of sizes."""
        return float(self.of(np.array([sizes], np.int64))[0])

    @property
    def least(self) -> float:
        """A lower bound on the objective of all mappings of the task."""
        return self.at(tuple(self.facts.sizes.tolist()))

    def is_below(self, limit: float, sizes: Ints, pes: Floats) -> NDArray[np.bool_]:
        """bool [B], whether `of` is below a limit."""
        return np.asarray(self.of(sizes, pes) < limit)


def _least_access_pj(facts: Facts, level: int, w: int) -> float:
    """A lower bound on the energy of an access to an element of dataspace w at a level, pJ.

    It is a read, or for the dataspace of outputs at least a write. The accountings differ in the
    cost of clusters; 0 is a bound for all of them.
    """
    tables = facts.tables
    if tables.limits[level, CLUSTER_SIZE] > 1:
        return 0.0
    read, write = tables.rates[level, VECTOR_PJ], tables.rates[level, WRITE_PJ]
    block_pj = min(read, write) if w == facts.written and write >= 0 else read
    element = tables.limits[level, ELEMENTS + w]
    return float(block_pj / tables.limits[level, BLOCK_UNITS] * element)


def _least_words(facts: Facts, w: int, sizes: Ints) -> Floats:
    """[B], the fewest words of dataspace w: a sumset has at least Σ sizes - n + 1 elements."""
    role = facts.role[w]
    words = sizes[:, role == PLAIN].prod(axis=1).astype(np.float64)
    for axis in range(PLAIN + 1, int(role.max()) + 1):
        words *= 1 + (sizes[:, role == axis] - 1).sum(axis=1)
    return words
