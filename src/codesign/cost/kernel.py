"""The batch kernel: prices a mapping in about a microsecond, without allocating memory.

The equations are in `docs/cost-model.md`, which section numbers here refer to. A mapping is priced
in steps: its loops are put in order and its tiles are computed (`layout`), the traffic is counted
(`traffic`), and the costs are summed up.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled, inlined
from codesign.cost.layout import (
    FANOUT_USED,
    OUTER,
    USED,
    Layout,
    lay_out,
    make_layout,
    overfull_level,
)
from codesign.cost.tables import (
    ADDER_PJ,
    ADDRESS_PJ,
    BLOCK_UNITS,
    CLUSTER_SIZE,
    ELEMENTS,
    HAS_NETWORK,
    INSTANCES,
    LATE_CYCLES,
    LEAK_PJ,
    MAC_PJ,
    READ_RATE,
    READ_WRITE,
    SHARED_RATE,
    SHARES,
    VECTOR_PJ,
    WRITE_PJ,
    WRITE_RATE,
    Floats,
    Ints,
    Tables,
)
from codesign.cost.traffic import FILLS, READS, UPDATES, Traffic, count_traffic, make_traffic

VALID, FANOUT, CAPACITY = 0, 1, 2
"""Codes of broken rules, in the order in which they are checked (section 11)."""


class Totals(NamedTuple):
    """The results of the kernel for B mappings, arrays [B]."""

    reason: NDArray[np.int8]
    level: NDArray[np.int8]
    cycles: Ints
    energy_pj: Floats


class CostDetail(NamedTuple):
    """The parts of costs, arrays [B, L, W]: counts per instance, energies of all instances in pJ.

    `all_reads`, `all_fills` and `all_updates` are counts of all instances. Where instances differ
    (section 20), the others are those of the instance at the origin of the mesh. `instances` and
    `level_cycles` are [B, L], `steps` are [B], the cycles in which MACs compute. For an invalid
    mapping, all are 0. Counts are 0 for dataspaces that bypass a level.
    """

    tile_words: Ints
    partition_words: Ints
    reads: Ints
    fills: Ints
    updates: Ints
    energy_pj: Floats
    address_pj: Floats
    network_pj: Floats
    all_reads: Ints
    all_fills: Ints
    all_updates: Ints
    instances: Ints
    level_cycles: Ints
    steps: Ints


@compiled
def price(tables, scratch, temporal, order, spatial, keep, rules, totals, detail):
    """Prices a batch into `totals`, and into `detail` unless its arrays are empty.

    It leaves out what follows from the rest of `detail`: counts of all instances, and steps.
    """
    layout, traffic = scratch
    words, partition, counts = layout.words, layout.partition, traffic.counts
    is_detailed = len(detail.reads) > 0
    levels, spaces = words.shape
    for row in range(len(temporal)):
        totals.cycles[row] = 0
        totals.energy_pj[row] = np.nan
        broken = lay_out(tables, temporal, order, spatial, row, layout)
        totals.reason[row] = FANOUT if broken >= 0 else VALID
        if broken < 0:
            broken = overfull_level(tables, keep, row, words)
            totals.reason[row] = CAPACITY if broken >= 0 else VALID
        totals.level[row] = broken
        if broken >= 0:
            continue
        count_traffic(tables, keep, row, rules, layout, traffic)
        cycles = layout.loops[0, OUTER]
        macs = layout.use[0, USED] * layout.use[0, FANOUT_USED] * layout.loops[0, OUTER]
        energy = macs * tables.energies[MAC_PJ]
        for level in range(levels):
            needed = bound_cycles(tables, counts, level, layout.loops[0, OUTER])
            cycles = max(cycles, needed)
            for w in range(spaces):
                if counts[level, w, READS] + counts[level, w, FILLS] + counts[level, w, UPDATES]:
                    access, address = access_pj(tables, layout, traffic, level, w, rules)
                else:
                    access, address = 0.0, 0.0
                energy += access + address
                if tables.totals[HAS_NETWORK]:
                    energy += traffic.network[level, w]
                if is_detailed:
                    is_kept = np.int64(keep[row, level]) >> w & 1
                    detail.tile_words[row, level, w] = words[level, w] * is_kept
                    detail.partition_words[row, level, w] = partition[level, w] * is_kept
                    detail.reads[row, level, w] = counts[level, w, READS]
                    detail.fills[row, level, w] = counts[level, w, FILLS]
                    detail.updates[row, level, w] = counts[level, w, UPDATES]
                    detail.energy_pj[row, level, w] = access
                    detail.address_pj[row, level, w] = address
                    detail.network_pj[row, level, w] = traffic.network[level, w]
            if is_detailed:
                detail.instances[row, level] = layout.use[level, USED]
                detail.level_cycles[row, level] = needed
        cycles += tables.totals[LATE_CYCLES]
        totals.cycles[row] = cycles
        totals.energy_pj[row] = energy + tables.energies[LEAK_PJ] * cycles


@inlined
def bound_cycles(tables, counts, level, steps):
    """The cycles that a level needs for its own traffic, `counts` in so many steps (section 10)."""
    rates = tables.rates
    reading, writing = rates[level, READ_RATE], rates[level, WRITE_RATE]
    shared = rates[level, SHARED_RATE]
    if math.isinf(reading) and math.isinf(writing) and math.isinf(shared):
        return steps
    read_rate, write_rate = 0.0, 0.0
    for w in range(counts.shape[1]):
        share = rates[level, SHARES + w]
        read_rate += counts[level, w, READS] / steps * share
        write_rate += (counts[level, w, UPDATES] + counts[level, w, FILLS]) / steps * share
    slowdown = 1.0
    if reading < read_rate:
        slowdown = min(slowdown, reading / read_rate)
    if writing < write_rate:
        slowdown = min(slowdown, writing / write_rate)
    if shared < write_rate + read_rate:
        slowdown = min(slowdown, shared / (write_rate + read_rate))
    return np.int64(math.ceil(steps / slowdown))


@inlined
def access_pj(tables, layout, traffic, level, w, rules):
    """Energies of accesses and of addresses in all instances of a level, pJ (sections 8, 13)."""
    limits, rates, whole, counts = tables.limits, tables.rates, tables.totals, traffic.counts
    reads = counts[level, w, READS]
    written = counts[level, w, UPDATES] + counts[level, w, FILLS]
    used = layout.use[level, USED]
    cluster, instances = limits[level, CLUSTER_SIZE], limits[level, INSTANCES]
    paid, decoders = pay(cluster, instances, used, rules.lockstep)
    size, block = limits[level, ELEMENTS + w], limits[level, BLOCK_UNITS]
    if rates[level, WRITE_PJ] < 0.0:
        energy = blocks(reads + written, size, block) * rates[level, VECTOR_PJ] * paid
    else:
        energy = blocks(reads, size, block) * rates[level, VECTOR_PJ] * paid
        energy += blocks(written, size, block) * rates[level, WRITE_PJ] * paid
    # An update reads a word and writes it back with one address.
    addresses = written if w == whole[READ_WRITE] else reads + written
    if w == whole[READ_WRITE]:
        energy += reads * tables.energies[ADDER_PJ] * used
    return energy, addresses * rates[level, ADDRESS_PJ] * decoders


@inlined
def blocks(count, size, block):
    """The blocks that `count` elements fill, without gaps between them (sections 8, 19)."""
    if block == 1:
        return count * size
    return (count * size + block - 1) // block


@inlined
def pay(cluster, instances, used, lockstep):
    """The number of accesses to pay, and of addresses to generate, if `used` instances access once.

    Instances of a cluster are accessed together, with one address (sections 8, 13).
    """
    if cluster == 1:
        decoders = paid = min(used, instances)
    elif lockstep:
        decoders = (used + cluster - 1) // cluster
        paid = decoders * cluster
    else:
        decoders = paid = min(used, instances // cluster)
    return paid, decoders


class Scratch(NamedTuple):
    """Working memory of one thread."""

    layout: Layout
    traffic: Traffic


def make_scratch(tables: Tables) -> Scratch:
    """Working memory for pricing mappings with `tables`."""
    return Scratch(make_layout(tables), make_traffic(tables))
