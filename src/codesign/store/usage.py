"""What the mappings of a design use of its accelerator, and the smallest one that is enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from codesign.cost.evaluate import Evaluator
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.levels import MIN_BANDWIDTH
from codesign.hardware.point import PLAIN
from codesign.hardware.resizing import entries_for, resized
from codesign.hardware.widths import units
from codesign.mapping.batch import MappingBatch
from codesign.store.design import Design, LayerDesign, NetworkDesign

BANDWIDTH_STEPS = 1024
"""Bandwidths are multiples of this fraction of a word per cycle."""


@dataclass(frozen=True)
class LevelUsage:
    """What all mappings need of a level: for each quantity, the largest need of any mapping.

    Args:
        level: the name of the level.
        entries, used_entries: words per instance that exist (None without bound), and that tiles
            fill; both include multiple buffering.
        by_layer: the layer that fills most words.
        instances, used_instances: instances that exist, and that are in use.
        fanout, used_fanout: (X, Y), children that exist, and that are in use.
        read_bandwidth, write_bandwidth, shared_bandwidth: words per cycle and instance; None
            without bound.
        used_read, used_write, used_shared: the smallest bandwidths that would not slow any layer
            down.
    """

    level: str
    entries: int | None
    used_entries: int
    by_layer: str
    instances: int
    used_instances: int
    fanout: tuple[int, int]
    used_fanout: tuple[int, int]
    read_bandwidth: float | None
    used_read: float
    write_bandwidth: float | None
    used_write: float
    shared_bandwidth: float | None
    used_shared: float


def usage(design: Design) -> list[LevelUsage]:
    """What a design uses of every level, one `LevelUsage` per level, innermost first.

    Raises:
        InputError: a mapping does not fit the accelerator.
    """
    per_layer = [
        (entry.layer.name, _usage_of(entry, design))
        for net in design.networks
        for entry in net.layers
    ]
    found = []
    for s in range(len(design.hardware.levels)):
        mine = [(name, levels[s]) for name, levels in per_layer]
        fullest, most = max(mine, key=lambda item: item[1].used_entries)
        fans = [level.used_fanout for _, level in mine]
        found.append(
            replace(
                most,
                by_layer=fullest,
                used_instances=max(level.used_instances for _, level in mine),
                used_fanout=(max(x for x, _ in fans), max(y for _, y in fans)),
                used_read=max(level.used_read for _, level in mine),
                used_write=max(level.used_write for _, level in mine),
                used_shared=max(level.used_shared for _, level in mine),
            )
        )
    return found


def _usage_of(entry: LayerDesign, design: Design) -> list[LevelUsage]:
    """What one layer uses of every level."""
    hardware = design.hardware
    evaluator = Evaluator(
        entry.layer, hardware, design.technology, design.accounting, factors=design.factors
    )
    batch = MappingBatch.of(entry.layer.shape, [entry.mapping])
    costs, detail = evaluator.detail(batch)
    if not costs.valid[0]:
        level = hardware.levels[int(costs.level[0])].name
        raise InputError(f"{design.name}, layer {entry.layer.name}: its mapping overflows {level}")
    cycles = int(costs.cycles[0]) - hardware.late_cycles
    kept = batch.keep[0][:, np.newaxis] >> np.arange(detail.tile_words.shape[2]) & 1
    sizes = [units(level, entry.layer.widths) for level in hardware.levels]
    words = [
        _in_words(counts, size.element_bits, size.word_bits)
        for counts, size in zip(detail.tile_words[0] * kept, sizes, strict=True)
    ]
    reads, writes = (
        [
            _in_words(counts, size.element_bits, size.transfer_bits)
            for counts, size in zip(moved[0], sizes, strict=True)
        ]
        for moved in (detail.reads, detail.updates + detail.fills)
    )
    spread = batch.spatial[0].prod(axis=2, dtype=np.int64)
    return [
        LevelUsage(
            level.name,
            level.entries,
            entries_for(words[s], level.multiple_buffering),
            entry.layer.name,
            level.instances,
            int(detail.instances[0, s]),
            hardware.fanouts[s],
            (int(spread[s, 0]), int(spread[s, 1])),
            level.read_bandwidth,
            _rate(reads[s], cycles, level.read_bandwidth),
            level.write_bandwidth,
            _rate(writes[s], cycles, level.write_bandwidth),
            level.shared_bandwidth,
            _rate(reads[s] + writes[s], cycles, level.shared_bandwidth),
        )
        for s, level in enumerate(hardware.levels)
    ]


def _in_words(counts: NDArray[np.int64], bits: Sequence[int], word_bits: int) -> int:
    """The words that `counts` [W] elements of these bits fill together."""
    return -(-sum(n * width for n, width in zip(counts.tolist(), bits, strict=True)) // word_bits)


def _rate(words: int, cycles: int, has: float | None) -> float:
    """Words per cycle: the next step above the need, because the model divides in doubles and
    rounds cycles up; at most `has`."""
    if words == 0:
        return 0.0
    rate = (words * BANDWIDTH_STEPS // cycles + 1) / BANDWIDTH_STEPS
    return rate if has is None else min(rate, has)


def minimal_hardware(design: Design) -> Hardware:
    """The smallest accelerator on which the design's mappings run in as many cycles.

    Words, fan-outs and bandwidths become those that `usage` finds. A quantity of a level that is
    without bound, or would become larger, is not changed.

    Raises:
        InputError: a mapping does not fit the accelerator.
    """
    found = usage(design)
    hardware = resized(
        design.hardware,
        [None if each.entries is None else each.used_entries for each in found],
        [each.used_fanout for each in found],
    )
    levels = []
    for level, each in zip(hardware.levels, found, strict=True):
        rates = [
            None if has is None else min(has, max(used, MIN_BANDWIDTH))
            for has, used in (
                (each.read_bandwidth, each.used_read),
                (each.write_bandwidth, each.used_write),
                (each.shared_bandwidth, each.used_shared),
            )
        ]
        cluster = math.gcd(level.cluster_size, level.instances)
        levels.append(
            replace(
                level,
                read_bandwidth=rates[0],
                write_bandwidth=rates[1],
                shared_bandwidth=rates[2],
                cluster_size=cluster,
            )
        )
    return replace(hardware, name=f"{hardware.name}-minimal", levels=tuple(levels))


def on_minimal_hardware(design: Design) -> Design:
    """The design on its minimal hardware, priced again; its hardware has no template any more.

    Raises:
        InputError: a mapping does not fit the accelerator.
    """
    hardware = minimal_hardware(design)
    networks = []
    for network in design.networks:
        layers = []
        for entry in network.layers:
            evaluator = Evaluator(
                entry.layer, hardware, design.technology, design.accounting, factors=design.factors
            )
            costs = evaluator.price(MappingBatch.of(entry.layer.shape, [entry.mapping]))
            layers.append(
                replace(entry, energy_pj=float(costs.energy_pj[0]), cycles=int(costs.cycles[0]))
            )
        networks.append(NetworkDesign(network.name, tuple(layers)))
    return replace(
        design,
        name=f"{design.name}, minimal",
        hardware=hardware,
        networks=tuple(networks),
        point=PLAIN,
        budget={},
    )
