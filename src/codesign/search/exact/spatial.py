"""Spatial splits, and bounds that follow from a split: costs that are linear in the traffic.

Fixed spatial factors determine the number of busy PEs, the multicast groups, and the words that an
instance accumulates. Energy, and the words that a level's ports carry, are then

    const + Σ over boundaries of (fill + parent) · D(b, w)

plus terms that are not negative: rounding to blocks, networks, over-counted fills (quirk Q2), and
more groups of children on sliding axes than the lower bound rows + columns - 1 (a sumset has at
least that many elements). Cycles are at least the product of the temporal loops, and at least the
cycles that each port needs.

This is another form of `docs/cost-model.md`: reads, fills and updates of section 7 with the groups
of section 4 and the partitions of section 6, priced as in section 8, and the ports of section 10.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from codesign.compiled import compiled
from codesign.cost.kernel import pay
from codesign.cost.tables import (
    ADDER_PJ,
    ADDRESS_PJ,
    BLOCK_UNITS,
    CLUSTER_SIZE,
    ELEMENTS,
    INSTANCES,
    IRRELEVANT,
    MAC_PJ,
    PLAIN,
    READ_RATE,
    SHARED_RATE,
    SHARES,
    VECTOR_PJ,
    WRITE_PJ,
    WRITE_RATE,
    Floats,
    Ints,
)
from codesign.search.exact.facts import Facts


@dataclass(frozen=True)
class Linear:
    """A linear cost: const [B] + the sum over J of (fill + parent) [B, J] · D."""

    const: Floats
    fill: Floats
    parent: Floats

    def least(self, words: Floats) -> Floats:
        """[B], the cost if the boundaries receive `words` [B, J]."""
        return np.asarray(self.const + ((self.fill + self.parent) * words).sum(axis=1))


def group_totals(facts: Facts, split: Ints) -> Ints:
    """[B, L, W], a lower bound on the number of groups of children that need different data."""
    total = np.ones((*split.shape[:2], len(facts.role)), np.int64)
    for w, roles in enumerate(facts.role):
        for role in range(PLAIN, int(roles.max()) + 1):
            dims = np.flatnonzero(roles == role)
            if role == PLAIN:
                total[:, :, w] *= split[:, :, dims].prod(axis=2)
            elif len(dims):
                total[:, :, w] *= split[:, :, dims].sum(axis=2) - len(dims) + 1
    return total


def seen(facts: Facts, split: Ints, sizes: Ints | None = None) -> Ints:
    """[B, L, D], iterations of every dimension that one instance works on in the whole run.

    Args:
        sizes: [B, D], what the factors multiply to; by default what they do in `facts`.
    """
    above = np.cumprod(split[:, ::-1], axis=1)[:, ::-1]
    outside = np.concatenate([above[:, 1:], np.ones_like(above[:, :1])], axis=1)
    whole = facts.sizes if sizes is None else sizes[:, np.newaxis]
    return np.asarray(whole // outside)


def least_words(facts: Facts, split: Ints, sizes: Ints | None = None) -> Floats:
    """[B, J], the least words that an instance receives: the different words that it needs.

    Args:
        sizes: [B, D], as in `seen`.
    """
    counts = seen(facts, split, sizes)
    out = np.ones((len(split), len(facts.boundaries.levels)))
    for j, (b, w) in enumerate(zip(facts.boundaries.levels, facts.boundaries.spaces, strict=True)):
        for role in range(PLAIN, int(facts.role[w].max()) + 1):
            dims = np.flatnonzero(facts.role[w] == role)
            if role == PLAIN:
                out[:, j] *= counts[:, b][:, dims].prod(axis=1)
            elif len(dims):
                out[:, j] *= counts[:, b][:, dims].sum(axis=1) - len(dims) + 1
    return out


class Rates:
    """The linear costs of spatial splits [B, L, D].

    Args:
        sizes: [B, D], as in `seen`.

    Attributes:
        energy: the energy in pJ.
        ports: the cycles that each port needs.
        cycles: [B], the product of the temporal loops.
        paid: [B, L], accesses that are paid per access of an instance.
        asked: [B, L], accesses to a level by the operations, which do not depend on tiles.
    """

    def __init__(self, facts: Facts, split: Ints, sizes: Ints | None = None) -> None:
        self.facts = facts
        self.sizes: Ints = np.tile(facts.sizes, (len(split), 1)) if sizes is None else sizes
        tables, levels = facts.tables, split.shape[1]
        busy = split.prod(axis=2)
        used = np.concatenate(
            [np.cumprod(busy[:, ::-1], axis=1)[:, ::-1][:, 1:], np.ones((len(split), 1), np.int64)],
            axis=1,
        )
        macs = self.sizes.prod(axis=1).astype(np.float64)
        self.cycles: Floats = macs / busy.prod(axis=1)
        self.total = group_totals(facts, split)
        self.partition = self._partitions(split, levels)
        self.paid, decoders = self._paid(used)
        self.asked = np.zeros((len(split), levels))
        per_unit = tables.rates[:, [VECTOR_PJ, WRITE_PJ]] / tables.limits[:, [BLOCK_UNITS]]
        is_same = tables.rates[:, WRITE_PJ] < 0
        vector = per_unit[:, 0] * self.paid
        write = np.where(is_same, per_unit[:, 0], per_unit[:, 1]) * self.paid
        address = tables.rates[:, ADDRESS_PJ] * decoders
        adder = float(tables.energies[ADDER_PJ]) * used
        shape = (len(split), len(facts.boundaries.levels))
        const = macs * float(tables.energies[MAC_PJ])
        fill, parent = np.zeros(shape), np.zeros(shape)
        ports: dict[tuple[int, int], Linear] = {}
        for s, column in itertools.product(range(levels), (READ_RATE, WRITE_RATE, SHARED_RATE)):
            if np.isfinite(tables.rates[s, column]) and facts.keep[s]:
                blank = (np.zeros(len(split)), np.zeros(shape), np.zeros(shape))
                ports[s, column] = Linear(*blank)
        for s, w, source, words in self._contents():
            is_written = w == facts.written
            size, part = tables.limits[s, ELEMENTS + w], tables.rates[s, SHARES + w]
            per_read = vector[:, s] * size + (adder[:, s] if is_written else address[:, s])
            per_update = write[:, s] * size + address[:, s]
            price = (per_read + per_update) if is_written else per_read
            kept = self.partition[:, s] if is_written else np.zeros(len(split))
            const -= kept * per_read
            self._add(const, parent, source, price * words)
            if source is None:
                accesses = 2 * words - (2 - facts.rules.first_fills) * kept if is_written else words
                self.asked[:, s] += accesses * self.paid[:, s]
            j = self._boundary(s, w)
            if j is not None:
                fill[:, j] += per_update
                if is_written and not facts.rules.first_fills:
                    const -= kept * per_update
            for (level, column), port in ports.items():
                if level != s:
                    continue
                rate = float(tables.rates[s, column] / part)
                if column != WRITE_RATE:
                    port.const[:] -= kept / rate
                    self._add(port.const, port.parent, source, words / rate)
                if column == READ_RATE:
                    continue
                if is_written:
                    self._add(port.const, port.parent, source, words / rate)
                if j is not None:
                    port.fill[:, j] += 1 / rate
                    if is_written and not facts.rules.first_fills:
                        port.const[:] -= kept / rate
        self.energy = Linear(const, fill, parent)
        self.ports = list(ports.values())

    def _boundary(self, level: int, w: int) -> int | None:
        at = np.flatnonzero(
            (self.facts.boundaries.levels == level) & (self.facts.boundaries.spaces == w)
        )
        return int(at[0]) if len(at) else None

    def costs(self, words: Floats) -> tuple[Floats, Floats]:
        """[B], [B], lower bounds on dynamic energy and cycles, from words [B, J]."""
        cycles = self.cycles.copy()
        for port in self.ports:
            cycles = np.maximum(cycles, port.least(words))
        return self.energy.least(words), cycles

    @staticmethod
    def _add(const: Floats, parent: Floats, source: int | None, words: Floats) -> None:
        if source is None:
            const += words
        else:
            parent[:, source] += words

    def _contents(self) -> Iterator[tuple[int, int, int | None, Floats]]:
        """For every level s and dataspace w that it keeps: s, w, a boundary, and words [B].

        The words that s must supply are `words` times D of the boundary, or `words` themselves if
        there is no boundary further in (None).
        """
        for w in range(len(self.facts.role)):
            source: int | None = None
            words = self.cycles.copy()
            for s, keep in enumerate(self.facts.keep):
                words = words * self.total[:, s, w]
                if keep >> w & 1:
                    yield s, w, source, words
                    source, words = self._boundary(s, w), np.ones_like(words)

    def _partitions(self, split: Ints, levels: int) -> Floats:
        relevant = self.facts.role[self.facts.written] > IRRELEVANT
        spread = split[:, :, relevant].prod(axis=2)
        out = np.ones((len(split), levels))
        out[:, -1] = self.sizes[:, relevant].prod(axis=1)
        for s in range(levels - 2, -1, -1):
            out[:, s] = out[:, s + 1] / spread[:, s + 1]
        return out

    def _paid(self, used: Ints) -> tuple[Floats, Floats]:
        paid, decoders = np.empty(used.shape), np.empty(used.shape)
        count_paid(self.facts.tables.limits, self.facts.rules.lockstep, used, paid, decoders)
        return paid, decoders


@compiled
def count_paid(limits, lockstep, used, paid, decoders) -> None:  # type: ignore[no-untyped-def]
    """Fills `paid` and `decoders` [B, L] for the numbers of instances in use [B, L]."""
    for row in range(used.shape[0]):
        for s in range(used.shape[1]):
            paid[row, s], decoders[row, s] = pay(
                limits[s, CLUSTER_SIZE], limits[s, INSTANCES], used[row, s], lockstep
            )
