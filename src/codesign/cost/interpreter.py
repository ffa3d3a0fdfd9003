"""The reference interpreter: the cost of one mapping, slowly and obviously.

It prices a mapping in the `exact` accounting (`docs/cost-model.md`, section 13 on top of 1 to 12)
by walking every iteration of the loop nest. Its use is to be held against the batch kernel, with
which it shares nothing but the data models.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.cost.walk import Boxes, Loop, iterations, loop_nest
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.technology import PAT, Technology
from codesign.mapping.mapping import Mapping
from codesign.workload.layer import Layer

Counts = NDArray[np.int64]
Picojoules = NDArray[np.float64]


@dataclass(frozen=True)
class Interpretation:
    """What a mapping costs, over L storage levels and W dataspaces.

    Args:
        valid: whether the mapping fits the hardware; if not, counts and cycles are 0 and
            energies NaN.
        reason, level: the violated rule, "fanout" or "capacity", and the level that breaks it.
        cycles, energy_pj, edp, utilization: of the whole layer; pJ, pJ · cycles, 0 to 1.
        tile_words, partition_words, reads, fills, updates: [L, W], words per instance, 0 where
            a dataspace is bypassed. `partition_words` are the different words that an instance
            ever holds, of every dataspace.
        instances, level_cycles: [L], instances in use, and cycles that the bandwidth asks for.
        energy_pj_by: [L, W], pJ of reads, updates and fills, of all instances.
        address_pj, accumulation_pj: [L, W], pJ of address generation and of adding to words
            in the buffer, of all instances.
        network_pj: [L, W], pJ between a level and its child, of all instances.
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
    instances: Counts
    level_cycles: Counts
    energy_pj_by: Picojoules
    address_pj: Picojoules
    accumulation_pj: Picojoules
    network_pj: Picojoules


def interpret(
    layer: Layer, hardware: Hardware, mapping: Mapping, technology: Technology = PAT
) -> Interpretation:
    """Prices `mapping` in the `exact` accounting by walking its loop nest.

    Raises:
        InputError: it is no mapping of the layer on the hardware, a cluster size does not
            divide its level's instances, or there is too much to walk.
    """
    mapping.check(layer, hardware)
    _check_clusters(hardware)
    nest = loop_nest(layer, mapping)
    boxes = [Boxes.of(layer, space, nest) for space in layer.shape.dataspaces]
    violation = _fanout_violation(hardware, mapping)
    violation = violation or _capacity_violation(layer, hardware, mapping, boxes)
    if violation is not None:
        return _invalid(*violation, len(hardware.levels), len(boxes))
    walk = _Walk(layer, hardware, mapping, technology, nest, boxes)
    for w in range(len(boxes)):
        walk.count(w)
    for s in range(len(hardware.levels)):
        walk.price(s)
    return walk.conclude()


def _check_clusters(hardware: Hardware) -> None:
    for level in hardware.levels:
        if level.instances % level.cluster_size:
            raise InputError(
                f"level {level.name}: cluster size is {level.cluster_size}, "
                f"expected a divisor of its {level.instances} instances"
            )


def _fanout_violation(hardware: Hardware, mapping: Mapping) -> tuple[str, str] | None:
    """The innermost level that spreads over more children than it has (section 11)."""
    for storage, level, fanout in zip(
        hardware.levels, mapping.levels, hardware.fanouts, strict=True
    ):
        for axis, children in zip("XY", fanout, strict=True):
            if math.prod(bound for _, a, bound in level.spatial if a == axis) > children:
                return "fanout", storage.name
    return None


def _capacity_violation(
    layer: Layer, hardware: Hardware, mapping: Mapping, boxes: list[Boxes]
) -> tuple[str, str] | None:
    """The innermost level whose kept tiles are too large, or too small, for it (section 11)."""
    names = layer.shape.dataspace_names
    for s, (storage, level) in enumerate(zip(hardware.levels, mapping.levels, strict=True)):
        if storage.capacity is None:
            continue
        kept = [box for name, box in zip(names, boxes, strict=True) if name not in level.bypass]
        words = sum(box.size(s) for box in kept)
        if not storage.min_utilization * storage.capacity <= words <= storage.capacity:
            return "capacity", storage.name
    return None


def _invalid(reason: str, level: str, levels: int, spaces: int) -> Interpretation:
    none, no_counts = np.zeros(levels, np.int64), np.zeros((levels, spaces), np.int64)
    unknown = np.full((levels, spaces), np.nan)
    totals = 0, math.nan, math.nan, 0.0
    counts = (no_counts,) * 5
    energies = (unknown,) * 4
    return Interpretation(False, reason, level, *totals, *counts, none, none, *energies)


class _Walk:
    """The tallies of one mapping: [L, W] words per instance, [L, W] pJ of all instances."""

    def __init__(
        self,
        layer: Layer,
        hardware: Hardware,
        mapping: Mapping,
        technology: Technology,
        nest: tuple[Loop, ...],
        boxes: list[Boxes],
    ) -> None:
        self.layer, self.hardware, self.mapping = layer, hardware, mapping
        self.technology, self.nest, self.boxes = technology, nest, boxes
        self.spaces = layer.shape.dataspaces
        self.moments = iterations(nest)
        shape = len(hardware.levels), len(boxes)
        self.tiles, self.partition, self.reads, self.fills, self.updates = np.zeros(
            (5, *shape), np.int64
        )
        self.accumulations, self.addresses = np.zeros((2, *shape), np.int64)
        # Words sent between a level and its child, per instance of the level, split by how
        # many children each word goes to (or comes from): {multicast factor: words}.
        self.sent: list[list[dict[int, int]]] = [[{} for _ in boxes] for _ in hardware.levels]
        self.access_pj, self.address_pj, self.adder_pj, self.network_pj = np.zeros((4, *shape))

    def count(self, w: int) -> None:
        """Counts the words of dataspace `w` at every level, from the MACs outwards."""
        space, boxes = self.spaces[w], self.boxes[w]
        # What one child wants of its parent. A MAC holds nothing: it wants a word every moment.
        wanted, child = self.moments, -1
        for s, level in enumerate(self.mapping.levels):
            self.sent[s][w] = {m: wanted * u for m, u in boxes.groups(s).items()}
            content = sum(self.sent[s][w].values())
            if space.name in level.bypass:
                # The level hands on what its children want; it cannot reuse anything.
                wanted = content
                continue
            wanted = boxes.delivered(s)
            self.tiles[s, w], self.partition[s, w] = boxes.size(s), boxes.distinct(s, s)
            if space.read_write:
                self.firsts[s, w] = boxes.distinct(child, s)
                self._tally_written(s, w, content, wanted)
            else:
                self.reads[s, w], self.fills[s, w] = content, wanted
            child = s
        # Nothing lies above the outermost level that could fill it.
        self.fills[-1, w] = 0

    def _tally_written(self, s: int, w: int, content: int, delivered: int) -> None:
        """Section 7 for outputs: all of `content` is added to what lies in the buffer.

        The first update of a word finds nothing to add to, hence no read; nor is there
        anything to fetch from above when a word is seen for the first time, hence no fill.
        Each of the different words comes for the first time once.
        """
        self.updates[s, w] = content
        self.reads[s, w] = content - self.firsts[s, w]
        self.fills[s, w] = delivered - self.partition[s, w]

    def price(self, s: int) -> None:
        """Sections 8, 9 and 13, for every dataspace at level `s`."""
        level, used = self.hardware.levels[s], self.instances(s)
        clusters = -(-used // level.cluster_size)
        vector_pj = self.technology.vector_energy_pj(level)
        address_pj = level.address_pj
        if address_pj is None:
            address_pj = self.technology.address_generator_pj
        for w in range(len(self.spaces)):
            words = int(self.reads[s, w] + self.updates[s, w] + self.fills[s, w])
            vectors = -(-words // level.block_size)
            # Instances of a cluster are read in lockstep: a part of it costs the whole of it.
            self.access_pj[s, w] = vectors * vector_pj * clusters * level.cluster_size
            self.address_pj[s, w] = self.addresses[s, w] * address_pj * clusters
            self.adder_pj[s, w] = self.accumulations[s, w] * self.technology.adder_pj * used
            self.network_pj[s, w] = self._network_pj(s, w) * used

    def _network_pj(self, s: int, w: int) -> float:
        """Section 9: pJ between one instance of level `s` and its children."""
        level, is_written = self.hardware.levels[s], self.spaces[w].read_write
        children = math.prod(o.bound for o in self.nest if o.level == s and o.is_spatial)
        hops, routers, additions = 0.0, 0, 0
        for m, words in sorted(self.sent[s][w].items()):
            if is_written and level.technology == "DRAM":
                # It cannot add: but for the first ones, partial sums make the way both ways.
                words = 2 * words - int(self.partition[s, w])
            distance = _hops(children, m)
            hops += distance * words
            routers = int(routers + (1 + distance) * words)
            additions += (m - 1) * words if is_written else 0
        return (
            self._hop_pj(s) * hops
            + level.router_pj * routers
            + self.technology.adder_pj * additions
        )

    def _hop_pj(self, s: int) -> float:
        level = self.hardware.levels[s]
        if level.hop_pj is not None:
            return level.hop_pj
        wire_pj = level.wire_pj_per_bit_mm
        if wire_pj is None:
            wire_pj = self.technology.wire_pj_per_bit_mm
        width_um = level.tile_width_um
        if width_um is None:
            width_um = math.sqrt(_child_um2(self.hardware, s, self.technology))
        return level.word_bits * width_um / 1000 * wire_pj

    def instances(self, s: int) -> int:
        """Instances of level `s` in use: the spatial iterations of all levels above (section 7)."""
        return math.prod(o.bound for o in self.nest if o.level > s and o.is_spatial)

    def level_cycles(self, s: int) -> int:
        """Cycles that level `s` needs with its bandwidth (section 10, in double arithmetic)."""
        level = self.hardware.levels[s]
        read = sum(int(words) / self.moments for words in self.reads[s])
        written = sum(
            int(updates + fills) / self.moments
            for updates, fills in zip(self.updates[s], self.fills[s], strict=True)
        )
        slow = 1.0
        for bandwidth, rate in (level.read_bandwidth, read), (level.write_bandwidth, written):
            if bandwidth is not None and bandwidth < rate:
                slow = min(slow, bandwidth / rate)
        return math.ceil(self.moments / slow)

    def conclude(self) -> Interpretation:
        """Sections 8 and 10, over the whole layer."""
        levels, pes = range(len(self.hardware.levels)), self.instances(-1)
        level_cycles = np.array([self.level_cycles(s) for s in levels], np.int64)
        cycles = max(self.moments, int(level_cycles.max()))
        macs = pes * self.moments
        energies = self.access_pj, self.address_pj, self.adder_pj, self.network_pj
        energy = macs * self.technology.mac_energy_pj(self.hardware.arithmetic.word_bits)
        energy += math.fsum(float(table.sum()) for table in energies)
        return Interpretation(
            valid=True,
            reason=None,
            level=None,
            cycles=cycles,
            energy_pj=energy,
            edp=energy * cycles,
            utilization=macs / self.hardware.pes / cycles,
            tile_words=self.tiles,
            partition_words=self.partition,
            reads=self.reads,
            fills=self.fills,
            updates=self.updates,
            instances=np.array([self.instances(s) for s in levels], np.int64),
            level_cycles=level_cycles,
            energy_pj_by=self.access_pj,
            address_pj=self.address_pj,
            accumulation_pj=self.adder_pj,
            network_pj=self.network_pj,
        )


def _hops(children: int, m: int) -> float:
    """How far a word travels that goes to `m` of `children` (section 9)."""
    n = children
    return math.sqrt(n) * math.sqrt(m) + (math.sqrt(n) - math.sqrt(m)) / 2 - math.sqrt(n / m) + 0.5


def _child_um2(hardware: Hardware, s: int, technology: Technology) -> float:
    """Area of a child of level `s` with all that lies below it, µm²."""
    area = technology.mac_area_um2(hardware.arithmetic.word_bits)
    for level, (x, y) in zip(hardware.levels[:s], hardware.fanouts[:s], strict=True):
        area = technology.area_um2(level) + x * y * area
    return area
