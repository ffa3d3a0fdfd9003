"""Pricing mappings with partial loops: the counterpart of `cost.kernel` (section 20).

Section numbers are those of `docs/cost-model.md`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.compiled import compiled, inlined
from codesign.cost.kernel import CAPACITY, FANOUT, VALID, blocks, bound_cycles
from codesign.cost.layout import USED, overfull_level
from codesign.cost.partial.nest import EVERY_STEP, ZERO, Nest, count_starts, lay_out_nest, make_nest
from codesign.cost.partial.traffic import PARTITION, Sums, add_up, make_sums
from codesign.cost.tables import (
    ADDER_PJ,
    ADDRESS_PJ,
    BLOCK_UNITS,
    CLUSTER_SIZE,
    ELEMENTS,
    HAS_NETWORK,
    LATE_CYCLES,
    LEAK_PJ,
    MAC_PJ,
    MACS,
    READ_WRITE,
    VECTOR_PJ,
    WRITE_PJ,
    Tables,
)
from codesign.cost.traffic import FILLS, READS, UPDATES
from codesign.workload.layer import Layer


class PartialScratch(NamedTuple):
    """Working memory of one thread."""

    nest: Nest
    sums: Sums


def make_partial_scratch(tables: Tables, layer: Layer) -> PartialScratch:
    """Working memory for pricing mappings of `layer` with `tables`."""
    return PartialScratch(make_nest(tables, layer.sizes), make_sums(tables))


@compiled
def price_partial(tables, scratch, temporal, order, spatial, keep, rules, totals, detail):
    """Prices a batch into `totals`, and into `detail` unless its arrays are empty.

    It takes what `kernel.price` takes; `rules` are those of the accounting `exact`.
    """
    nest, sums = scratch
    is_detailed = len(detail.reads) > 0
    levels, spaces = nest.words.shape
    for row in range(len(temporal)):
        totals.cycles[row] = 0
        totals.energy_pj[row] = np.nan
        broken = lay_out_nest(tables, temporal, order, spatial, row, nest)
        totals.reason[row] = FANOUT if broken >= 0 else VALID
        if broken < 0:
            broken = overfull_level(tables, keep, row, nest.words)
            totals.reason[row] = CAPACITY if broken >= 0 else VALID
        totals.level[row] = broken
        if broken >= 0:
            continue
        for w in range(spaces):
            add_up(tables, nest, sums, keep, row, w, is_detailed)
        steps = np.int64(1)
        for d in range(len(nest.sizes)):
            steps *= count_starts(
                nest.chain, d, ZERO, nest.inside[d, levels], EVERY_STEP, levels, levels
            )
        cycles = steps
        energy = tables.totals[MACS] * tables.energies[MAC_PJ]
        for level in range(levels):
            # The instance at the origin is the busiest one.
            needed = bound_cycles(tables, sums.origin, level, steps)
            cycles = max(cycles, needed)
            for w in range(spaces):
                access, address = access_pj(tables, nest, sums, level, w)
                energy += access + address
                if tables.totals[HAS_NETWORK]:
                    energy += sums.network[level, w]
                if is_detailed:
                    is_kept = np.int64(keep[row, level]) >> w & 1
                    detail.tile_words[row, level, w] = nest.words[level, w] * is_kept
                    detail.partition_words[row, level, w] = sums.origin[level, w, PARTITION]
                    detail.reads[row, level, w] = sums.origin[level, w, READS]
                    detail.fills[row, level, w] = sums.origin[level, w, FILLS]
                    detail.updates[row, level, w] = sums.origin[level, w, UPDATES]
                    detail.all_reads[row, level, w] = sums.totals[level, w, READS]
                    detail.all_fills[row, level, w] = sums.totals[level, w, FILLS]
                    detail.all_updates[row, level, w] = sums.totals[level, w, UPDATES]
                    detail.energy_pj[row, level, w] = access
                    detail.address_pj[row, level, w] = address
                    detail.network_pj[row, level, w] = sums.network[level, w]
            if is_detailed:
                detail.instances[row, level] = nest.use[level, USED]
                detail.level_cycles[row, level] = needed
        if is_detailed:
            detail.steps[row] = steps
        cycles += tables.totals[LATE_CYCLES]
        totals.cycles[row] = cycles
        totals.energy_pj[row] = energy + tables.energies[LEAK_PJ] * cycles


@inlined
def access_pj(tables, nest, sums, level, w):
    """Energies of accesses and of addresses in all instances of a level, pJ (section 20)."""
    limits, rates, counts = tables.limits, tables.rates, sums.totals
    used, cluster = nest.use[level, USED], limits[level, CLUSTER_SIZE]
    adding_pj = 0.0
    is_written = w == tables.totals[READ_WRITE]
    if is_written:
        adding_pj = counts[level, w, READS] / used * tables.energies[ADDER_PJ] * used
    paid, decoders, shared = used, used, used
    if cluster > 1:
        # A cluster is read in lockstep, as often as its busiest instance.
        counts, shared = sums.origin, np.int64(1)
        decoders = (used + cluster - 1) // cluster
        paid = decoders * cluster
    reads = counts[level, w, READS]
    written = counts[level, w, UPDATES] + counts[level, w, FILLS]
    size, block = limits[level, ELEMENTS + w], limits[level, BLOCK_UNITS] * shared
    if rates[level, WRITE_PJ] < 0.0:
        energy = blocks(reads + written, size, block) * rates[level, VECTOR_PJ] * paid
    else:
        energy = blocks(reads, size, block) * rates[level, VECTOR_PJ] * paid
        energy += blocks(written, size, block) * rates[level, WRITE_PJ] * paid
    addresses = written if is_written else reads + written
    return energy + adding_pj, addresses / shared * rates[level, ADDRESS_PJ] * decoders
