"""Second step of the kernel for partial loops: words that cross every boundary of the hierarchy.

Counts of words are sums over all instances, because instances do different things at an edge. The
instance at the origin of its mesh is active in every step, and bandwidths are compared with its
counts. Section numbers are those of `docs/cost-model.md`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from codesign.compiled import compiled, inlined
from codesign.cost.layout import FACTOR, FANOUT_USED, USED
from codesign.cost.partial.nest import (
    EVERY_STEP,
    NEW,
    NONE,
    OLD,
    ONE,
    SHIFT,
    TIMES,
    ZERO,
    count_starts,
    list_states,
)
from codesign.cost.tables import (
    CLUSTER_SIZE,
    HAS_NETWORK,
    IRRELEVANT,
    IS_DRAM,
    PLAIN,
    READ_RATE,
    READ_WRITE,
    SHARED_RATE,
    WRITE_RATE,
    Floats,
    Ints,
    Tables,
)
from codesign.cost.traffic import FILLS, READS, UPDATES, hops_of, joined_pj, make_traffic, slide

PARTITION = 3
"""A column of `Sums.totals` and `Sums.origin`, behind those of `cost.traffic`."""


class Sums(NamedTuple):
    """Working memory for the traffic of one mapping: L levels, W dataspaces.

    Args:
        totals: [L, W, 4], words read, filled, updated, and different words, of all instances.
        origin: [L, W, 4], the same of the instance at the origin of the mesh.
        network: [L, W], energy of the network below a level, in pJ.
        amounts: [2, n + 1], words that boxes receive whenever a temporal loop advances, and at
            first, without the dimensions that are irrelevant to them; of all instances, and of one.
        groups, runs: [H], as in `traffic.Traffic`.
    """

    totals: Ints
    origin: Ints
    network: Floats
    amounts: Ints
    groups: Ints
    runs: Ints


def make_sums(tables: Tables) -> Sums:
    """Working memory for `tables`."""
    levels, (spaces, dimensions) = len(tables.limits), tables.role.shape
    traffic = make_traffic(tables)
    return Sums(
        totals=np.zeros((levels, spaces, 4), np.int64),
        origin=np.zeros((levels, spaces, 4), np.int64),
        network=np.zeros((levels, spaces)),
        amounts=np.zeros((2, levels * dimensions + 1), np.int64),
        groups=traffic.groups,
        runs=traffic.runs,
    )


@compiled
def add_up(tables, nest, sums, keep, row, w, is_detailed):
    """Fills `sums` for dataspace w."""
    levels = len(nest.words)
    is_written = w == tables.totals[READ_WRITE]
    child, children, positions = NONE, ONE, ONE
    for level in range(levels):
        is_kept = np.int64(keep[row, level]) >> w & 1
        here, apart = meet(tables, nest, sums, level, w)
        children, positions = children * here, positions * apart
        sent = requests(tables, nest, sums, w, child, level, levels) // children * positions
        for column in range(PARTITION + 1):
            sums.totals[level, w, column] = 0
            sums.origin[level, w, column] = 0
        if is_kept:
            sums.totals[level, w, PARTITION] = held(tables, nest, w, level, levels)
            write_down(sums.totals, level, w, sent, is_written)
        if tables.totals[HAS_NETWORK]:
            taken = requests(tables, nest, sums, w, child, level - 1, levels)
            taken = taken // children * positions
            sums.network[level, w] = network_pj(tables, nest, sums, level, w, sent, taken, apart)
        if not is_kept:
            continue
        needs_origin = is_detailed or compares(tables, level)
        if needs_origin:
            if child >= 0:
                list_amounts(tables, nest, sums, w, child, level)
            sent = requests(tables, nest, sums, w, child, level, level) // children * positions
            sums.origin[level, w, PARTITION] = held(tables, nest, w, level, level)
            write_down(sums.origin, level, w, sent, is_written)
        if level < levels - 1:
            child, children, positions = level, ONE, ONE
            list_amounts(tables, nest, sums, w, child, levels)
            fills = requests(tables, nest, sums, w, child, level, levels)
            first = sums.totals[level, w, PARTITION] if is_written else 0
            sums.totals[level, w, FILLS] = fills - first
            if needs_origin:
                list_amounts(tables, nest, sums, w, child, level)
                fills = requests(tables, nest, sums, w, child, level, level)
                first = sums.origin[level, w, PARTITION] if is_written else 0
                sums.origin[level, w, FILLS] = fills - first


@inlined
def compares(tables, level):
    """Whether anything depends on the counts of one instance: a bandwidth, or a cluster."""
    rates = tables.rates
    is_free = math.isinf(rates[level, READ_RATE]) and math.isinf(rates[level, WRITE_RATE])
    is_free = is_free and math.isinf(rates[level, SHARED_RATE])
    return not is_free or tables.limits[level, CLUSTER_SIZE] > 1


@inlined
def write_down(counts, level, w, sent, is_written):
    """Reads and updates of a level (section 7)."""
    if is_written:
        counts[level, w, READS] = sent - counts[level, w, PARTITION]
        counts[level, w, UPDATES] = sent
    else:
        counts[level, w, READS] = sent


@compiled
def meet(tables, nest, sums, level, w):
    """Children of an instance that differ in windows without remainders, and their positions.

    Fills `sums.groups` with the number of positions that h of these children have.
    """
    groups = sums.groups
    for h in range(len(groups)):
        groups[h] = h == 1
    children, positions = 1, 0
    for axis in range(1, tables.axes[w] + 1):
        along, loops, is_whole = 1, 0, True
        for d in range(len(nest.sizes)):
            if tables.role[w, d] == axis:
                along *= nest.split[level, d, FACTOR]
                loops += nest.split[level, d, FACTOR] > 1
                is_whole = is_whole and nest.padded[d] == nest.sizes[d]
        if loops == 2 and is_whole:
            children *= along
            slide(tables.role, tables.stride, nest.split, level, w, axis, groups, sums.runs)
    for h in range(1, len(groups)):
        positions += groups[h]
    return children, positions


@compiled
def held(tables, nest, w, level, top):
    """Different words that instances of a level hold in the whole run (section 6).

    Only plain axes are exact. A sliding axis is as long as all of its indices together need.
    """
    total, levels = 1, len(nest.words)
    for d in range(len(nest.sizes)):
        role, outer = tables.role[w, d], nest.inside[d, levels]
        if role == IRRELEVANT:
            inner = nest.inside[d, level + 1]
            total *= count_starts(nest.chain, d, inner, outer, len(nest.places), level, top)
        elif role == PLAIN:
            total *= count_starts(nest.chain, d, ZERO, outer, EVERY_STEP, NONE, top)
    for axis in range(1, tables.axes[w] + 1):
        extent = 1
        for d in range(len(nest.sizes)):
            if tables.role[w, d] == axis:
                outer = nest.inside[d, levels]
                indices = count_starts(nest.chain, d, ZERO, outer, EVERY_STEP, NONE, top)
                extent += (indices - 1) * tables.stride[w, d]
        total *= extent
    return total


@compiled
def requests(tables, nest, sums, w, child, low, top):
    """Words of dataspace w that instances of level `child` receive; -1 stands for the MACs.

    Of instances that differ only in irrelevant spatial digits of levels up to `low`, one counts:
    they receive the same words, or none. Only instances whose spatial digits are zero at levels
    above `top` count. Except for MACs, `list_amounts` comes first.
    """
    levels = len(nest.words)
    if child < 0:
        total = 1
        for d in range(len(nest.sizes)):
            inside = low if tables.role[w, d] == IRRELEVANT else NONE
            total *= count_starts(
                nest.chain, d, ZERO, nest.inside[d, levels], EVERY_STEP, inside, top
            )
        return total
    last = nest.first[levels]
    total = 0
    for place in range(nest.first[child + 1], last + 1):
        words = sums.amounts[np.int64(top < levels), place]
        if words > 0:
            for d in range(len(nest.sizes)):
                inner, outer = nest.inside[d, child + 1], nest.inside[d, levels]
                if tables.role[w, d] == IRRELEVANT and inner < outer:
                    words *= count_starts(nest.chain, d, inner, outer, place, low, top)
            total += words
    return total


@compiled
def list_amounts(tables, nest, sums, w, child, top):
    """Fills `sums.amounts` for the boxes of dataspace w at level `child` (section 20)."""
    levels = len(nest.words)
    last = nest.first[levels]
    is_moved = False
    for place in range(nest.first[child + 1], last + 1):
        is_moved = is_moved or tables.role[w, nest.places[min(place, last - 1), 0]] != IRRELEVANT
        if place < last and not is_moved:
            # No loop up to here moves the box.
            sums.amounts[np.int64(top < levels), place] = 0
            continue
        new, shared = np.int64(1), np.int64(place < last)
        for d in range(len(nest.sizes)):
            if tables.role[w, d] != PLAIN:
                continue
            if nest.inside[d, child + 1] == nest.inside[d, levels]:
                new *= nest.sizes[d]
                shared *= nest.sizes[d]
                continue
            fresh, kept = along_axis(nest, d, ONE, NONE, ZERO, child, place, top)
            new *= fresh
            shared *= kept
        for axis in range(1, tables.axes[w] + 1):
            first, second, p, q = NONE, NONE, ZERO, ZERO
            for d in range(len(nest.sizes)):
                if tables.role[w, d] == axis:
                    first, second, p, q = d, first, tables.stride[w, d], p
            fresh, kept = along_axis(nest, first, p, second, q, child, place, top)
            new *= fresh
            shared *= kept
        sums.amounts[np.int64(top < levels), place] = new - shared


@compiled
def along_axis(nest, first, p, second, q, child, place, top):
    """Sums of extents of new boxes along an axis, and of what the old ones had of them.

    The axis is p times dimension `first`, plus q times `second`, unless that is -1.
    """
    sizes, chain, inside, grown = nest.sizes, nest.chain, nest.inside, nest.grown
    states = nest.states
    here = list_states(sizes, chain, inside, grown, states, first, child, place, top, ZERO)
    if second >= 0:
        there = list_states(sizes, chain, inside, grown, states, second, child, place, top, ONE)
    else:
        there = 1
        states[1, 0, TIMES], states[1, 0, NEW] = 1, 1
        states[1, 0, OLD], states[1, 0, SHIFT] = 1, 0
    fresh, kept = 0, 0
    for i in range(here):
        for j in range(there):
            times = states[0, i, TIMES] * states[1, j, TIMES]
            now = 1 + (states[0, i, NEW] - 1) * p + (states[1, j, NEW] - 1) * q
            before = 1 + (states[0, i, OLD] - 1) * p + (states[1, j, OLD] - 1) * q
            # The old box began `shift` lower.
            shift = states[0, i, SHIFT] * p + states[1, j, SHIFT] * q
            fresh += times * now
            kept += times * max(0, min(before, shift + now) - max(0, shift))
    return fresh, kept


@compiled
def network_pj(tables, nest, sums, level, w, sent, taken, positions):
    """Energy of the network below all used instances of a level, one dataspace, pJ (9, 20)."""
    groups, used = sums.groups, nest.use[level, USED]
    fanout = float(nest.use[level, FANOUT_USED])
    hop_words, routed, added = 0.0, 0.0, 0.0
    for h in range(1, len(groups)):
        words = sent // positions * groups[h]
        if words == 0:
            continue
        # In a group are as many children as take its words, on average.
        receivers = float(taken * h) / float(sent)
        ingress = words / used
        if w == tables.totals[READ_WRITE]:
            if tables.limits[level, IS_DRAM]:
                ingress = (2 * words - sums.totals[level, w, PARTITION]) / used
            added += (receivers - 1) * ingress
        hops = hops_of(fanout, receivers)
        hop_words += hops * ingress
        routed = float(np.int64(routed + (1 + hops) * ingress))
    return joined_pj(tables, level, w, hop_words, routed, added) * used
