"""What `check` goes through, by the same plain code: variants, spatial splits and their bounds.

In the names of the cost model: with fixed spatial factors, an instance of level s works on
seen_s[d] = |d| / (spatial factors further out) iterations of every dimension. So D_s is at least
the number of words that these need. A sum of n dimensions has at least Σ sizes - n + 1 values.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from codesign.accounting import rules_of
from codesign.errors import InputError
from codesign.factors import PADDED
from codesign.search.task import MappingTask
from codesign.space.slots import TEMPORAL, Slots
from codesign.workload.shape import Dataspace

Split = tuple[tuple[int, ...], ...]
"""For every level, the spatial factor of every dimension, with X and Y multiplied."""

Sizes = tuple[int, ...]
"""For every dimension, what its factors multiply to."""

Keep = tuple[int, ...]
"""For every level, the dataspaces that it keeps, as bits."""

Variant = tuple[Sizes, Keep]
"""Mappings with these products of factors that keep these dataspaces."""

ROUNDING = 1e-11
"""Bounds below the optimum by up to this share count as equal; rounding of sums is smaller."""

MOST_SPLITS = 10**6


def keeps(slots: Slots) -> Iterator[Keep]:
    """What levels may keep: all that they may, without any of what they may bypass."""
    choices = []
    for keep, optional in zip(slots.keep.tolist(), slots.optional.tolist(), strict=True):
        choices.append([keep & ~out for out in range(optional + 1) if out & ~optional == 0])
    yield from itertools.product(*choices)


def products(task: MappingTask, slots: Slots) -> list[list[int]]:
    """What the factors of every dimension may multiply to, ascending.

    Divisors multiply to the layer's size. Padded factors can multiply to a larger number n if its
    prime factors, none of which could be smaller, do. A dimension that the dataflow pins has one
    product.
    """
    layer = task.layer
    if task.dataflow.factors != PADDED:
        return [[size] for size in layer.sizes]
    options = []
    for d, size in enumerate(layer.sizes):
        pinned = math.prod(int(row[d]) for row in slots.fixed)
        is_pinned = pinned >= size or not slots.free[:, d].any()
        options.append([pinned] if is_pinned else [n for n in _padded(size) if n % pinned == 0])
    return options


def sizes_below(
    task: MappingTask, options: list[list[int]], goal: float, limit: float
) -> Iterator[Sizes]:
    """The choices of one product per dimension whose mappings may cost less than `limit`.

    Costs grow with every size, so if one is too large, all larger ones are.
    """
    bounder = SplitBounder(task)

    def further(chosen: Sizes) -> Iterator[Sizes]:
        if len(chosen) == len(options):
            yield chosen
            return
        for n in options[len(chosen)]:
            least = (*chosen, n, *(sizes[0] for sizes in options[len(chosen) + 1 :]))
            if combine(goal, *bounder.floor(least)) >= limit * (1 - ROUNDING):
                return
            yield from further((*chosen, n))

    yield from further(())


def _padded(size: int) -> list[int]:
    found = [size]
    for n in range(size + 1, 2 * size):
        rest, primes, p = n, [], 2
        while rest > 1:
            p = p if p * p <= rest else rest
            if rest % p:
                p += 1
                continue
            primes.append(p)
            rest //= p
        if all((p - 1) * (n // p) < size for p in primes):
            found.append(n)
    return found


def combine(goal: float, energy_pj: float, cycles: float) -> float:
    """The objective for `goal`, a number of `goal.goal_of`."""
    if goal < 0:
        return energy_pj * cycles
    return cycles if goal == math.inf else energy_pj + goal * cycles


def splits(slots: Slots) -> Iterator[Split]:
    """All spatial splits of a map-space, some of them repeated.

    Their factors multiply to divisors of the sizes, and fit the fan-out along X and along Y.

    Raises:
        InputError: there are too many to list.
    """
    sizes = slots.layer.sizes
    spatial = [i for i, kind in enumerate(slots.kind) if kind != TEMPORAL]
    per_slot = []
    for slot in spatial:
        fanout = slots.hardware.fanouts[slots.level[slot]][slots.kind[slot]]
        options = [
            [f for f in range(1, fanout + 1) if size % f == 0 and f % fixed == 0]
            if free
            else [int(fixed)]
            for size, fixed, free in zip(sizes, slots.fixed[slot], slots.free[slot], strict=True)
        ]
        per_slot.append(list(_products_up_to(fanout, options)))
    found: set[tuple[tuple[int, ...], ...]] = {((1,) * len(sizes),) * len(slots.hardware.levels)}
    for slot, choices in zip(spatial, per_slot, strict=True):
        level = int(slots.level[slot])
        grown = set()
        for split in found:
            used = [math.prod(column) for column in zip(*split, strict=True)]
            for choice in choices:
                if all(n % (u * f) == 0 for n, u, f in zip(sizes, used, choice, strict=True)):
                    row = tuple(a * b for a, b in zip(split[level], choice, strict=True))
                    grown.add((*split[:level], row, *split[level + 1 :]))
        found = grown
        if len(found) > MOST_SPLITS:
            raise InputError(f"{slots.layer.name}: too many spatial splits to be checked")
    pinned = [
        math.prod(int(slots.fixed[i, d]) for i, k in enumerate(slots.kind) if k == TEMPORAL)
        for d in range(len(sizes))
    ]
    for split in found:
        used = [math.prod(column) for column in zip(*split, strict=True)]
        if all(n % (u * p) == 0 for n, u, p in zip(sizes, used, pinned, strict=True)):
            yield split


def _products_up_to(most: int, options: list[list[int]]) -> Iterator[tuple[int, ...]]:
    """All choices of one factor from every list with a product of at most `most`."""
    if not options:
        yield ()
        return
    for factor in options[0]:
        if factor <= most:
            for rest in _products_up_to(most // factor, options[1:]):
                yield (factor, *rest)


def has_room(slots: Slots, split: Split) -> bool:
    """Whether the smallest tiles of a split fit, with all other factors in the outermost loops."""
    layer, hardware = slots.layer, slots.hardware
    temporal = [i for i, kind in enumerate(slots.kind) if kind == TEMPORAL]
    loops = [[int(f) for f in slots.fixed[i]] for i in temporal]
    for d, size in enumerate(layer.sizes):
        placed = math.prod(row[d] for row in split) * math.prod(row[d] for row in loops)
        free = [n for n, i in enumerate(temporal) if slots.free[i, d]]
        if free:
            loops[free[-1]][d] *= size // placed
        elif placed != size:
            return False
    tile = dict.fromkeys(layer.shape.dimensions, 1)
    for level, row, loop in zip(hardware.levels, split, loops, strict=True):
        for d, letter in enumerate(layer.shape.dimensions):
            tile[letter] *= row[d] * loop[d]
        held_bits = sum(
            (width or level.word_bits)
            * math.prod(
                1 + sum((tile[name] - 1) * layer.coefficient(c) for name, c in axis.terms)
                for axis in space.axes
            )
            for space, width in zip(layer.shape.dataspaces, layer.widths, strict=True)
            if level.may_hold(space.name)
        )
        if level.capacity is not None and held_bits > level.capacity * level.word_bits:
            return False
    return True


class SplitBounder:
    """Bounds on energy and cycles from a spatial split (`docs/cost-model.md`, sections 4 to 10
    and 17 to 19)."""

    def __init__(self, task: MappingTask) -> None:
        self.task, self.layer, self.levels = task, task.layer, task.hardware.levels
        self.rules = rules_of(task.accounting)
        technology, hardware = task.technology, task.hardware
        self.late_cycles = hardware.arithmetic.latency - 1
        for level in self.levels:
            self.late_cycles += level.network_fill_latency + level.network_drain_latency
        self.leak_pj = technology.leak.chip(hardware) + math.fsum(
            [
                technology.leak.mac(hardware.arithmetic) * hardware.pes,
                *(technology.leak.memory(level) * level.instances for level in self.levels),
            ]
        )
        word_bits = hardware.arithmetic.word_bits
        self.mac_pj = technology.mac_energy_pj(word_bits, self.layer.operand_bits(word_bits))
        self.read_pj = [technology.vector_energy_pj(level) for level in self.levels]
        self.write_pj = [technology.write_energy_pj(level) for level in self.levels]
        self.address_pj = [
            technology.address_generator_pj
            if v.address_pj is None or v.address_pj < 0
            else v.address_pj
            for v in self.levels
        ]

    def floor(self, sizes: Sizes) -> tuple[float, float]:
        """Lower bounds on energy in pJ and on cycles of all mappings with these products.

        Every operation accesses a word of a dataspace in the innermost level that holds it, shared
        with at most all other children up to there. Every word is accessed in the outermost level.
        """
        macs, sharing = math.prod(sizes), 1
        energy, waiting = macs * self.mac_pj, {space.name for space in self.layer.shape.dataspaces}
        counts = dict(zip(self.layer.shape.dimensions, sizes, strict=True))
        top = self.levels[-1]
        for s, (level, (x, y)) in enumerate(
            zip(self.levels, self.task.hardware.fanouts, strict=True)
        ):
            sharing *= x * y
            for space, width in zip(self.layer.shape.dataspaces, self.layer.widths, strict=True):
                if space.name not in waiting or not level.may_hold(space.name):
                    continue
                waiting.discard(space.name)
                energy += macs / sharing * self._access_pj(s, space, width)
                if level is not top:
                    energy += self._values(space, counts) * self._access_pj(-1, space, width)
        delay = macs / self.task.hardware.pes + self.late_cycles
        return energy + self.leak_pj * delay, delay

    def _access_pj(self, level: int, space: Dataspace, width: int | None) -> float:
        """The least that an access to an element costs: a read, or of outputs a write."""
        storage, block_pj = self.levels[level], self.read_pj[level]
        if storage.cluster_size > 1:
            return 0.0
        write_pj = self.write_pj[level]
        if space.read_write and write_pj is not None:
            block_pj = min(block_pj, write_pj)
        return block_pj * (width or storage.word_bits) / (storage.block_size * storage.word_bits)

    def bounds(self, split: Split) -> tuple[float, float]:
        """Lower bounds on energy in pJ and on cycles."""
        layer, top = self.layer, len(self.levels) - 1
        busy = [math.prod(row) for row in split]
        used = [math.prod(busy[s + 1 :]) for s in range(top + 1)]
        steps = layer.macs / math.prod(busy)
        energy, ports = layer.macs * self.mac_pj, [[0.0, 0.0] for _ in self.levels]
        for space, width in zip(layer.shape.dataspaces, layer.widths, strict=True):
            asked, words = steps, 0.0
            for s, level in enumerate(self.levels):
                asked *= self._values(
                    space, dict(zip(layer.shape.dimensions, split[s], strict=True))
                )
                if not level.may_hold(space.name):
                    continue
                seen = {
                    letter: layer.sizes[d] // math.prod(row[d] for row in split[s + 1 :])
                    for d, letter in enumerate(layer.shape.dimensions)
                }
                words = self._values(space, seen)
                fills = 0.0 if s == top else words
                reads, updates, additions = asked, 0.0, 0.0
                if space.read_write:
                    updates, reads = asked, asked - words
                    additions = reads
                    if not self.rules.first_fills:
                        fills = max(0.0, fills - words)
                paid, decoders = self._paid(s, used[s])
                addresses = (updates if space.read_write else reads) + fills
                bits = width or level.word_bits
                block = bits / (level.block_size * level.word_bits)
                read_pj, write_pj = self.read_pj[s], self.write_pj[s]
                write_pj = read_pj if write_pj is None else write_pj
                energy += (reads * read_pj + (updates + fills) * write_pj) * block * paid
                energy += addresses * self.address_pj[s] * decoders
                energy += additions * self.task.technology.adder_pj * used[s]
                share = bits / (level.transfer_bits or level.word_bits)
                ports[s][0] += reads * share
                ports[s][1] += (updates + fills) * share
                asked = words
        cycles = steps
        for level, (reads, writes) in zip(self.levels, ports, strict=True):
            cycles = max(cycles, reads / (level.read_bandwidth or math.inf))
            cycles = max(cycles, writes / (level.write_bandwidth or math.inf))
            cycles = max(cycles, (reads + writes) / (level.shared_bandwidth or math.inf))
        delay = cycles + self.late_cycles
        return energy + self.leak_pj * delay, delay

    def _values(self, space: Dataspace, counts: dict[str, int]) -> float:
        """The fewest different words that these counts of iterations need, by dimension."""
        return float(
            math.prod(
                sum(counts[name] for name, _ in axis.terms) - len(axis.terms) + 1
                for axis in space.axes
            )
        )

    def _paid(self, level: int, used: int) -> tuple[float, float]:
        """The accesses paid, and the addresses generated, per access of one instance."""
        cluster = self.levels[level].cluster_size
        if self.rules.lockstep:
            decoders = -(-used // cluster)
            return decoders * cluster, decoders
        paid = min(used, self.levels[level].instances // cluster)
        return paid, paid
