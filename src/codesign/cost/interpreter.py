"""The reference interpreter: the cost of one mapping, by slow and simple code.

It prices a mapping in any accounting (`docs/cost-model.md`) by walking through the loop nest: every
iteration of it in `exact` accounting, and two iterations of every loop where Timeloop takes two.
With factors `any`, it walks every iteration of every instance. It is a reference for the batch
kernels, with which it shares only the data models and the names of the switches.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codesign.accounting import Rules, require_accounting, rules_of
from codesign.cost.edges import EdgeCounts, Edges
from codesign.cost.walk import Boxes, Loop, Tally, WordCounts, iterations, loop_nest
from codesign.errors import InputError
from codesign.factors import ANY, DIVISORS
from codesign.hardware.architecture import Hardware
from codesign.hardware.technology import PAT, Technology
from codesign.mapping.mapping import Mapping
from codesign.workload.layer import Layer

Counts = NDArray[np.int64]
Picojoules = NDArray[np.float64]


@dataclass(frozen=True)
class Interpretation:
    """The cost of a mapping, with L storage levels and W dataspaces.

    Args:
        valid: whether the mapping fits the hardware. If not, counts and cycles are 0, and energies
            are NaN.
        reason, level: the broken rule, "fanout" or "capacity", and the level that breaks it.
        cycles, energy_pj, edp, utilization: of the whole layer; pJ, pJ·cycles, and 0 to 1.
        tile_words, partition_words, reads, fills, updates: [L, W], words per instance, of the one
            at the origin of the mesh; 0 for dataspaces that bypass the level. `partition_words` are
            the different words that an instance holds in the whole run.
        all_reads, all_fills, all_updates: [L, W], words of all instances.
        instances, level_cycles: [L], instances in use, and cycles that the bandwidth requires.
        energy_pj_by: [L, W], pJ of reads, updates and fills, for all instances.
        address_pj, accumulation_pj: [L, W], pJ of address generation, and of additions to words in
            the buffer, for all instances.
        network_pj: [L, W], pJ of the network between a level and its child, for all instances.
        static_pj: pJ that the whole accelerator costs in these cycles, used or not.
    """

    valid: bool
    reason: str | None
    level: str | None
    cycles: int
    energy_pj: float
    edp: float
    utilization: float
    tile_words: Counts
    partition_words: Counts
    reads: Counts
    fills: Counts
    updates: Counts
    all_reads: Counts
    all_fills: Counts
    all_updates: Counts
    instances: Counts
    level_cycles: Counts
    energy_pj_by: Picojoules
    address_pj: Picojoules
    accumulation_pj: Picojoules
    network_pj: Picojoules
    static_pj: float


def interpret(
    layer: Layer,
    hardware: Hardware,
    mapping: Mapping,
    technology: Technology = PAT,
    accounting: str | Rules = "exact",
    factors: str = DIVISORS,
) -> Interpretation:
    """Prices `mapping` by walking its loop nest.

    Args:
        factors: how factors cover the layer's sizes, as in `Mapping.check`.

    Raises:
        InputError: it is not a mapping of the layer on the hardware, the accounting is not
            defined for these factors, a cluster size does not divide its level's instances, or
            there are too many iterations or words to walk.
    """
    mapping.check(layer, hardware, factors)
    require_accounting(accounting, factors)
    rules = rules_of(accounting)
    if rules.lockstep:
        _check_clusters(hardware)
    nest = loop_nest(layer, mapping)
    spaces, levels = layer.shape.dataspaces, len(hardware.levels)
    kept = [[space.name not in level.bypass for level in mapping.levels] for space in spaces]
    boxes: list[Boxes | Edges]
    if factors == ANY:
        boxes = [Edges.of(layer, space, nest, levels) for space in spaces]
    else:
        boxes = [Boxes.of(layer, space, nest) for space in spaces]
    violation = _fanout_violation(hardware, mapping)
    violation = violation or _capacity_violation(layer, hardware, mapping, boxes)
    if violation is not None:
        return _invalid(*violation, levels, len(boxes))
    tallies: list[WordCounts] = []
    for box, space, keeps in zip(boxes, spaces, kept, strict=True):
        if isinstance(box, Edges):
            tallies.append(EdgeCounts(box, space.read_write, keeps))
        else:
            tallies.append(Tally(box, space.read_write, keeps, rules))
    if isinstance(boxes[0], Edges):
        active = boxes[0].walk(-1).is_active
        moments = int(active.reshape(len(active), -1)[:, 0].sum())
        macs = layer.macs
    else:
        moments = iterations(nest)
        macs = moments * boxes[0].instances(-1)
    return _Pricing(layer, hardware, technology, nest, tallies, rules, moments).conclude(macs)


def _check_clusters(hardware: Hardware) -> None:
    for level in hardware.levels:
        if level.instances % level.cluster_size:
            raise InputError(
                f"hardware {hardware.name}, level {level.name}: cluster size is "
                f"{level.cluster_size}, expected a divisor of its {level.instances} instances "
                "where clusters are read in lockstep"
            )


def _fanout_violation(hardware: Hardware, mapping: Mapping) -> tuple[str, str] | None:
    """The innermost level whose fan-out the mapping exceeds (section 11)."""
    for storage, level, fanout in zip(
        hardware.levels, mapping.levels, hardware.fanouts, strict=True
    ):
        for axis, children in zip("XY", fanout, strict=True):
            if math.prod(bound for _, a, bound in level.spatial if a == axis) > children:
                return "fanout", storage.name
    return None


def _capacity_violation(
    layer: Layer, hardware: Hardware, mapping: Mapping, boxes: list[Boxes | Edges]
) -> tuple[str, str] | None:
    """The innermost level whose tiles exceed the capacity or miss its least use (section 11)."""
    names = layer.shape.dataspace_names
    for s, (storage, level) in enumerate(zip(hardware.levels, mapping.levels, strict=True)):
        if storage.capacity is None:
            continue
        widths = [width or storage.word_bits for width in layer.widths]
        known = zip(names, boxes, widths, strict=True)
        kept = [(box, width) for name, box, width in known if name not in level.bypass]
        bits = sum(box.size(s) * box_bits for box, box_bits in kept)
        capacity = storage.capacity * storage.word_bits
        if not storage.min_utilization * capacity <= bits <= capacity:
            return "capacity", storage.name
    return None


def _invalid(reason: str, level: str, levels: int, spaces: int) -> Interpretation:
    none, no_counts = np.zeros(levels, np.int64), np.zeros((levels, spaces), np.int64)
    unknown = np.full((levels, spaces), np.nan)
    totals = 0, math.nan, math.nan, 0.0
    counts = (no_counts,) * 8
    energies = (unknown,) * 4
    return Interpretation(False, reason, level, *totals, *counts, none, none, *energies, math.nan)


class _Pricing:
    """The computation of energy and cycles from words: L levels, W dataspaces."""

    def __init__(
        self,
        layer: Layer,
        hardware: Hardware,
        technology: Technology,
        nest: tuple[Loop, ...],
        tallies: list[WordCounts],
        rules: Rules,
        moments: int,
    ) -> None:
        self.layer, self.hardware = layer, hardware
        self.technology, self.rules = technology, rules
        self.nest, self.tallies = nest, tallies
        self.moments = moments

    def access_pj(self, s: int, tally: WordCounts) -> float:
        """Energy of reads and writes in all instances of level `s`, in pJ (sections 8, 13, 20)."""
        level = self.hardware.levels[s]
        block_bits, bits = level.block_size * level.word_bits, self.bits(s, tally)
        reads, written = self.charged(s, tally)
        used = self.clusters(s)
        if self.rules.lockstep:
            # Instances of a cluster are read together: a part of it costs as much as all of it.
            used *= level.cluster_size
        reading = self.technology.vector_energy_pj(level)
        writing = self.technology.write_energy_pj(level)
        if writing is None:
            return math.ceil((reads + written) * bits / block_bits) * reading * used
        read_pj = math.ceil(reads * bits / block_bits) * reading
        return (read_pj + math.ceil(written * bits / block_bits) * writing) * used

    def charged(self, s: int, tally: WordCounts) -> tuple[Fraction, Fraction]:
        """Words read and written that each instance of level `s` pays for (sections 8, 20)."""
        if self.hardware.levels[s].cluster_size > 1:
            # The instances of a cluster do what its busiest one does.
            return Fraction(int(tally.reads[s])), Fraction(int(tally.updates[s] + tally.fills[s]))
        used, written = self.instances(s), int(tally.all_updates[s] + tally.all_fills[s])
        return Fraction(int(tally.all_reads[s]), used), Fraction(written, used)

    def bits(self, s: int, tally: WordCounts) -> int:
        """The width of an element of a dataspace at level `s` (section 19)."""
        width = self.layer.widths[self.tallies.index(tally)]
        return self.hardware.levels[s].word_bits if width is None else width

    def address_pj(self, s: int, tally: WordCounts) -> float:
        """Energy of addresses of level `s` in pJ (section 8). A cluster shares its generator."""
        address_pj = self.hardware.levels[s].address_pj
        if address_pj is None or address_pj < 0:
            address_pj = self.technology.address_generator_pj
        reads, written = self.charged(s, tally)
        # A word that is read and written back needs only one address.
        addresses = written if tally.is_written else reads + written
        return float(addresses) * address_pj * self.clusters(s)

    def accumulation_pj(self, s: int, tally: WordCounts) -> float:
        """Energy of additions to words in all instances of level `s`, in pJ (section 8)."""
        return float(tally.all_reads[s] * tally.is_written * self.technology.adder_pj)

    def network_pj(self, s: int, tally: WordCounts) -> float:
        """Energy between all instances of level `s` and their children, in pJ (sections 9, 20)."""
        level, instances = self.hardware.levels[s], self.instances(s)
        children = math.prod(o.bound for o in self.nest if o.level == s and o.is_spatial)
        hops, routers, additions = 0.0, 0, 0.0
        for m, everything in tally.streams[s]:
            words = everything / instances
            if tally.is_written and level.technology == "DRAM":
                # DRAM cannot add: except for the first ones, partial sums travel both ways.
                words = (2 * everything - int(tally.all_partition[s])) / instances
            distance = _hops(children, m)
            hops += distance * words
            routers = int(routers + (1 + distance) * words)
            additions += (m - 1) * words if tally.is_written else 0
        energy = self._hop_pj(s) * hops + level.router_pj * routers
        energy *= self.bits(s, tally) / level.word_bits
        return (energy + self.technology.adder_pj * additions) * instances

    def _hop_pj(self, s: int) -> float:
        level = self.hardware.levels[s]
        if level.hop_pj is not None:
            return level.hop_pj
        wire_pj = level.wire_pj_per_bit_mm
        if wire_pj is None:
            wire_pj = self.technology.wire_pj_per_bit_mm
        return level.word_bits * (level.tile_width_um or 0.0) / 1000 * wire_pj

    def instances(self, s: int) -> int:
        """Instances of level `s` in use (sections 7, 20)."""
        return int(self.tallies[0].used[s])

    def clusters(self, s: int) -> int:
        """Clusters of level `s` that are used at least in part (section 13); Timeloop takes as many
        as instances are used, as far as there are so many (section 8)."""
        if not self.rules.lockstep:
            level = self.hardware.levels[s]
            return min(self.instances(s), level.instances // level.cluster_size)
        return -(-self.instances(s) // self.hardware.levels[s].cluster_size)

    def level_cycles(self, s: int) -> int:
        """Cycles that level `s` needs with its bandwidth (section 10, in floating point)."""
        level = self.hardware.levels[s]
        read = written = 0.0
        for tally in self.tallies:
            part = self.bits(s, tally) / (level.transfer_bits or level.word_bits)
            read += int(tally.reads[s]) / self.moments * part
            written += int(tally.updates[s] + tally.fills[s]) / self.moments * part
        slow = 1.0
        for bandwidth, rate in (level.read_bandwidth, read), (level.write_bandwidth, written):
            if bandwidth is not None and bandwidth < rate:
                slow = min(slow, bandwidth / rate)
        shared = level.shared_bandwidth
        if shared is not None and shared < read + written:
            slow = min(slow, shared / (read + written))
        return math.ceil(self.moments / slow)

    def late_cycles(self) -> int:
        """Cycles until the first operands and, after the last ones, until the last sum (18)."""
        late = self.hardware.arithmetic.latency - 1
        for level in self.hardware.levels:
            late += level.network_fill_latency + level.network_drain_latency
        return late

    def static_pj(self, cycles: int) -> float:
        """Static energy of multipliers, levels and the rest, used or not, in pJ (section 17)."""
        hardware, leak = self.hardware, self.technology.leak
        total = leak.chip(hardware) + leak.mac(hardware.arithmetic) * hardware.pes
        for level in hardware.levels:
            total += leak.memory(level) * level.instances
        return total * cycles

    def by_level(self, price: Callable[[int, WordCounts], float]) -> Picojoules:
        """[L, W], `price` for every level and dataspace."""
        levels = range(len(self.hardware.levels))
        return np.array([[price(s, tally) for tally in self.tallies] for s in levels])

    def conclude(self, macs: int) -> Interpretation:
        """The costs of the whole layer, with `macs` operations (sections 8 and 10)."""
        levels = range(len(self.hardware.levels))
        level_cycles = [self.level_cycles(s) for s in levels]
        cycles = max(self.moments, *level_cycles) + self.late_cycles()
        energies = [
            self.by_level(price)
            for price in (self.access_pj, self.address_pj, self.accumulation_pj, self.network_pj)
        ]
        word_bits = self.hardware.arithmetic.word_bits
        operands = self.layer.operand_bits(word_bits)
        energy = macs * self.technology.mac_energy_pj(word_bits, operands)
        energy += math.fsum(float(table.sum()) for table in energies)
        static_pj = self.static_pj(cycles)
        energy += static_pj
        return Interpretation(
            valid=True,
            reason=None,
            level=None,
            cycles=cycles,
            energy_pj=energy,
            edp=energy * cycles,
            utilization=self.layer.macs / self.hardware.pes / cycles,
            tile_words=np.stack([tally.tiles for tally in self.tallies], axis=1),
            partition_words=np.stack([tally.partition for tally in self.tallies], axis=1),
            reads=np.stack([tally.reads for tally in self.tallies], axis=1),
            fills=np.stack([tally.fills for tally in self.tallies], axis=1),
            updates=np.stack([tally.updates for tally in self.tallies], axis=1),
            all_reads=np.stack([tally.all_reads for tally in self.tallies], axis=1),
            all_fills=np.stack([tally.all_fills for tally in self.tallies], axis=1),
            all_updates=np.stack([tally.all_updates for tally in self.tallies], axis=1),
            instances=np.array([self.instances(s) for s in levels], np.int64),
            level_cycles=np.array(level_cycles, np.int64),
            energy_pj_by=energies[0],
            address_pj=energies[1],
            accumulation_pj=energies[2],
            network_pj=energies[3],
            static_pj=static_pj,
        )


def _hops(children: int, m: float) -> float:
    """The hops of a word that goes to `m` of `children` (section 9)."""
    n = children
    return math.sqrt(n) * math.sqrt(m) + (math.sqrt(n) - math.sqrt(m)) / 2 - math.sqrt(n / m) + 0.5
