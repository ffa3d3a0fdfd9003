"""The batch kernel: prices a mapping in about a microsecond, without allocating.

`docs/cost-model.md` has the equations; section numbers here are its own. A mapping is priced in
steps: lay its loops out and measure its tiles (`layout`), count the traffic (`traffic`), sum up.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled
from codesign.cost.layout import OUTER, USED, lay_out, make_layout, overfull_level
from codesign.cost.tables import (
    ADDER_PJ,
    ADDRESS_PJ,
    BLOCK_SIZE,
    CLUSTER_SIZE,
    HAS_NETWORK,
    INSTANCES,
    MAC_PJ,
    MACS,
    READ_RATE,
    READ_WRITE,
    VECTOR_PJ,
    WRITE_RATE,
    Floats,
    Ints,
    Tables,
)
from codesign.cost.traffic import FILLS, READS, UPDATES, count_traffic, make_traffic

VALID, FANOUT, CAPACITY = 0, 1, 2
"""Verdicts, in the order in which the rules are checked (section 11)."""


class Totals(NamedTuple):
    """What the kernel says of every mapping, arrays [B]."""

    reason: NDArray[np.int8]
    level: NDArray[np.int8]
    cycles: Ints
    energy_pj: Floats


class Details(NamedTuple):
    """Counts per instance and energies of all instances, arrays [B, L, W] or [B, L]."""

    tile_words: Ints
    partition_words: Ints
    reads: Ints
    fills: Ints
    updates: Ints
    energy_pj: Floats
    address_pj: Floats
    network_pj: Floats
    instances: Ints
    level_cycles: Ints


@compiled
def price(tables, layout, traffic, temporal, order, spatial, keep, is_exact, totals, details):
    """Prices a batch into `totals`, and into `details` unless its arrays are empty."""
    kind, stride, axes, limits, rates, whole, energies = tables
    loops, first, split, use, tile, words, extent, partition = layout
    counts, network, groups, runs, window = traffic
    reason, broken_level, all_cycles, all_energy = totals
    is_detailed = len(details.reads) > 0
    levels, spaces = words.shape
    for row in range(len(temporal)):
        all_cycles[row] = 0
        all_energy[row] = np.nan
        broken = lay_out(
            kind, stride, axes, limits, temporal, order, spatial, row,
            loops, first, split, use, tile, words, extent, partition,
        )  # fmt: skip
        reason[row] = FANOUT if broken >= 0 else VALID
        if broken < 0:
            broken = overfull_level(limits, rates, keep, row, words)
            reason[row] = CAPACITY if broken >= 0 else VALID
        broken_level[row] = broken
        if broken >= 0:
            continue
        count_traffic(
            kind, stride, axes, limits, rates, whole, energies, keep, row, is_exact,
            loops, first, split, use, words, extent, partition,
            counts, network, groups, runs, window,
        )  # fmt: skip
        cycles = loops[0, OUTER]
        energy = whole[MACS] * energies[MAC_PJ]
        for level in range(levels):
            needed = bound_cycles(rates, loops, counts, level)
            cycles = max(cycles, needed)
            for w in range(spaces):
                if counts[level, w, READS] + counts[level, w, FILLS] + counts[level, w, UPDATES]:
                    access, address = access_pj(
                        limits, rates, whole, energies, use, counts, level, w, is_exact
                    )
                else:
                    access, address = 0.0, 0.0
                energy += access + address
                if whole[HAS_NETWORK]:
                    energy += network[level, w]
                if is_detailed:
                    is_kept = np.int64(keep[row, level]) >> w & 1
                    details.tile_words[row, level, w] = words[level, w] * is_kept
                    details.partition_words[row, level, w] = partition[level, w] * is_kept
                    details.reads[row, level, w] = counts[level, w, READS]
                    details.fills[row, level, w] = counts[level, w, FILLS]
                    details.updates[row, level, w] = counts[level, w, UPDATES]
                    details.energy_pj[row, level, w] = access
                    details.address_pj[row, level, w] = address
                    details.network_pj[row, level, w] = network[level, w]
            if is_detailed:
                details.instances[row, level] = use[level, USED]
                details.level_cycles[row, level] = needed
        all_cycles[row] = cycles
        all_energy[row] = energy


@compiled
def bound_cycles(rates, loops, counts, level):
    """Cycles that a level needs for its own traffic (section 10)."""
    steps = loops[0, OUTER]
    if math.isinf(rates[level, READ_RATE]) and math.isinf(rates[level, WRITE_RATE]):
        return steps
    read_rate, write_rate = 0.0, 0.0
    for w in range(counts.shape[1]):
        read_rate += counts[level, w, READS] / steps
        write_rate += (counts[level, w, UPDATES] + counts[level, w, FILLS]) / steps
    slowdown = 1.0
    if rates[level, READ_RATE] < read_rate:
        slowdown = min(slowdown, rates[level, READ_RATE] / read_rate)
    if rates[level, WRITE_RATE] < write_rate:
        slowdown = min(slowdown, rates[level, WRITE_RATE] / write_rate)
    return np.int64(math.ceil(steps / slowdown))


@compiled
def access_pj(limits, rates, whole, energies, use, counts, level, w, is_exact):
    """Access and address-generation energy of a level, all instances, pJ (sections 8, 13)."""
    reads = counts[level, w, READS]
    written = counts[level, w, UPDATES] + counts[level, w, FILLS]
    block = limits[level, BLOCK_SIZE]
    vectors = reads + written
    if block > 1:
        vectors = (vectors + block - 1) // block
    used, cluster = use[level, USED], limits[level, CLUSTER_SIZE]
    if cluster == 1:
        decoders = paid = min(used, limits[level, INSTANCES])
    elif is_exact:
        decoders = (used + cluster - 1) // cluster
        paid = decoders * cluster
    else:
        decoders = paid = min(used, limits[level, INSTANCES] // cluster)
    energy = vectors * rates[level, VECTOR_PJ] * paid
    # An update reads and writes back under one address.
    addresses = written if w == whole[READ_WRITE] else reads + written
    if w == whole[READ_WRITE]:
        energy += reads * energies[ADDER_PJ] * used
    return energy, addresses * rates[level, ADDRESS_PJ] * decoders


class Scratch(NamedTuple):
    """Working memory of one thread."""

    layout: NamedTuple
    traffic: NamedTuple


def make_scratch(tables: Tables) -> Scratch:
    """Working memory for mappings priced with `tables`."""
    return Scratch(make_layout(tables), make_traffic(tables))
