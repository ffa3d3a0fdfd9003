"""Second step of the kernel: the numbers of words that cross every boundary of the hierarchy.

Section numbers are those of `docs/cost-model.md`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from codesign.accounting import DIRECTION, POSITION
from codesign.compiled import compiled, inlined
from codesign.cost.layout import BOUND, DIMENSION, DISTANCE, FACTOR, FANOUT_USED, OUTER, STEP, USED
from codesign.cost.tables import (
    ADDER_PJ,
    HAS_NETWORK,
    HOP_PJ,
    IRRELEVANT,
    IS_DRAM,
    PLAIN,
    READ_WRITE,
    ROUTER_PJ,
    SHARES,
    Floats,
    Ints,
    Tables,
)
from codesign.workload.shape import MAX_SLIDING_AXES

READS, FILLS, UPDATES = range(3)
"""Columns of `Traffic.counts`."""

VOLUME, STATE, MOVED, MOTION, FIRST = range(5)
"""Rows of `Traffic.window`."""


class Traffic(NamedTuple):
    """Working memory for the traffic of one mapping.

    Args:
        counts: [L, W, 3], words read, filled and updated, per instance.
        network: [L, W], energy of the network below a level, in pJ.
        groups: [H], the number of groups of h children that need the same data on all sliding axes.
        runs: [H], the same along one sliding axis.
        window: [5, 1 + 2A], how a tile slides; [FIRST, a] is its innermost move along axis a.
    """

    counts: Ints
    network: Floats
    groups: Ints
    runs: Ints
    window: Ints


def make_traffic(tables: Tables) -> Traffic:
    """Working memory for `tables`."""
    levels, spaces = len(tables.limits), len(tables.role)
    # Only an axis of at least h by h children has h children at one position (`slide`).
    longest = math.isqrt(int(tables.limits[:, :2].prod(axis=1).max())) + 3
    return Traffic(
        counts=np.zeros((levels, spaces, 3), np.int64),
        network=np.zeros((levels, spaces)),
        groups=np.zeros(longest, np.int64),
        runs=np.zeros(longest, np.int64),
        window=np.zeros((5, 1 + 2 * MAX_SLIDING_AXES), np.int64),
    )


@inlined
def count_traffic(tables, keep, row, rules, layout, traffic):
    """Fills `traffic` from a layout: counts per instance of every level (3 to 7, 13, 14)."""
    role, axes, whole = tables.role, tables.axes, tables.totals
    loops, use, split = layout.loops, layout.use, layout.split
    words, partition = layout.words, layout.partition
    counts, network = traffic.counts, traffic.network
    levels, spaces = words.shape
    for w in range(spaces):
        is_written = w == whole[READ_WRITE]
        below = loops[0, OUTER]  # every MAC needs one word per cycle (section 3c)
        for level in range(levels):
            is_kept = np.int64(keep[row, level]) >> w & 1
            total, sizes, shared = 1, 1, 1
            if use[level, FANOUT_USED] > 1 or whole[HAS_NETWORK]:
                shared, total, has_runs = count_groups(role, axes, split, level, w)
                if has_runs or whole[HAS_NETWORK]:
                    total, sizes = list_groups(tables, split, level, w, traffic)
            if whole[HAS_NETWORK]:
                network[level, w] = network_pj(
                    tables, layout, traffic, level, w, below, shared, is_written, is_kept
                )
            if level > 0 and sizes > 1 and rules.group_fills:
                counts[level - 1, w, FILLS] *= sizes
            content = below * total
            below = content
            counts[level, w, READS] = content * is_kept
            counts[level, w, UPDATES] = 0
            counts[level, w, FILLS] = 0
            if is_kept and is_written:
                counts[level, w, READS] = content - partition[level, w]
                counts[level, w, UPDATES] = content
            if is_kept and level < levels - 1:
                below = delta_words(tables, layout, traffic, level, w, rules)
                counts[level, w, FILLS] = below
                if is_written and not rules.first_fills:
                    counts[level, w, FILLS] -= partition[level, w]


@inlined
def delta_words(tables, layout, traffic, level, w, rules):
    """The words of dataspace w that one instance of `level` receives in the whole run (section 3).

    Loops inside the innermost loop over a plain relevant dimension move the tile only along sliding
    axes, or not at all. That loop, and all loops outside of it, fetch the whole tile every time.
    """
    role, stride, axes, window = tables.role, tables.stride, tables.axes, traffic.window
    loops, first, words, extent = layout.loops, layout.first, layout.words, layout.extent
    i, end = first[level + 1], first[len(first) - 1]
    while i < end and role[w, loops[i, DIMENSION]] == IRRELEVANT:
        i += 1
    if i == end or role[w, loops[i, DIMENSION]] == PLAIN:
        return words[level, w] * loops[i, OUTER]
    for a in range(axes[w]):
        window[MOVED, a] = 0
        window[FIRST, a] = 0
    for g in range(1 + 2 * axes[w]):
        window[VOLUME, g] = 0
        # The skipped loops leave the tile in place, and such a loop puts the automaton at rest.
        window[STATE, g] = g if i == first[level + 1] else 0
    # What is remembered is the innermost move, and that may be none at all (14).
    is_first = i == first[level + 1] or not rules.rests
    while i < end:
        axis = role[w, loops[i, DIMENSION]]
        if axis == PLAIN:
            break
        for a in range(axes[w]):
            window[MOTION, a] = -window[MOVED, a]
        if axis > PLAIN:
            step = loops[i, STEP] * stride[w, loops[i, DIMENSION]]
            window[MOTION, axis - 1] += step
            steps_on = loops[i, BOUND] - 1 if rules.window == POSITION else 1
            window[MOVED, axis - 1] += step * steps_on
        if rules.window == DIRECTION:
            advance(axes, words, extent, window, level, w, loops[i, BOUND] - 1)
        else:
            if is_first:
                remember(axes, window, w)
                is_first = False
            new = words[level, w]
            if rules.window == POSITION or is_kept(axes, window, w, rules.rests):
                new = new_words(axes, words, extent, window, level, w)
            window[VOLUME, 0] = window[VOLUME, 0] * loops[i, BOUND] + new * (loops[i, BOUND] - 1)
        i += 1
    return (words[level, w] + window[VOLUME, 0]) * loops[i, OUTER]


@inlined
def remember(axes, window, w):
    """Makes the current move the innermost one, which is the one that a level remembers (14)."""
    for a in range(axes[w]):
        window[FIRST, a] = window[MOTION, a]


@inlined
def is_kept(axes, window, w, rests):
    """Whether a move lets the level keep what the tile has in common with the last (14)."""
    is_alike, is_still = True, not rests
    for a in range(axes[w]):
        is_alike = is_alike and window[MOTION, a] == window[FIRST, a]
        is_still = is_still and window[MOTION, a] == 0
    return is_alike or is_still


@inlined
def new_words(axes, words, extent, window, level, w):
    """The words of the moved tile that were not in it before the move (13, 14)."""
    shared = words[level, w]
    for a in range(axes[w]):
        overlap = extent[level, w, a] - abs(window[MOTION, a])
        shared = shared // extent[level, w, a] * max(0, overlap)
    return words[level, w] - shared


@compiled
def advance(axes, words, extent, window, level, w, turns):
    """Adds a loop of 1 + `turns` iterations around Timeloop's gradient automaton (section 3b).

    `window[VOLUME, g]` and `window[STATE, g]` are the words that the loops so far fetch, and the
    state that they end in, if they start in state g: 0 at rest, 1 + 2a growing along axis a,
    2 + 2a shrinking.
    """
    full = words[level, w]
    axis, moving, overlaps = 0, 0, True
    for a in range(axes[w]):
        if window[MOTION, a] != 0:
            moving += 1
            axis = a
            overlaps = overlaps and abs(window[MOTION, a]) < extent[level, w, a]
    rest_volume, rest_state = window[VOLUME, 0], window[STATE, 0]
    states = 1 + 2 * axes[w]
    if moving != 1 or not overlaps:
        fetched = full if moving > 0 else 0
        for g in range(states):
            window[VOLUME, g] += turns * (fetched + rest_volume)
            window[STATE, g] = rest_state
        return
    gradient = 1 + 2 * axis
    if window[MOTION, axis] < 0:
        gradient += 1
    part = full // extent[level, w, axis] * abs(window[MOTION, axis])
    along_volume, along_state = window[VOLUME, gradient], window[STATE, gradient]
    for g in range(states):
        if window[STATE, g] == 0 or window[STATE, g] == gradient:
            window[VOLUME, g] += turns * (part + along_volume)
            window[STATE, g] = along_state
        else:
            window[VOLUME, g] += turns * (full + rest_volume)
            window[STATE, g] = rest_state


@inlined
def count_groups(role, axes, split, level, w):
    """Counts groups of children of one instance that need the same data (section 4).

    Returns the number of children in a group, which differ only in irrelevant dimensions; the
    number of groups; and whether groups may coincide because two loops move along one axis.
    """
    shared, total, has_runs = 1, 1, False
    seen = 0
    for d in range(split.shape[1]):
        factor = split[level, d, FACTOR]
        if factor == 1:
            continue
        if role[w, d] == IRRELEVANT:
            shared *= factor
        else:
            total *= factor
        if role[w, d] > PLAIN:
            has_runs = has_runs or (seen >> role[w, d] & 1) == 1
            seen |= 1 << role[w, d]
    return shared, total, has_runs


@inlined
def list_groups(tables, split, level, w, traffic):
    """Fills `Traffic.groups`. Returns the number of groups, and of different sizes of groups."""
    role, stride, axes = tables.role, tables.stride, tables.axes
    groups, runs = traffic.groups, traffic.runs
    plain = 1
    for d in range(split.shape[1]):
        if role[w, d] == PLAIN:
            plain *= split[level, d, FACTOR]
    groups[:] = 0
    groups[1] = plain
    for a in range(axes[w]):
        slide(role, stride, split, level, w, a + 1, groups, runs)
    total, sizes = 0, 0
    for h in range(1, len(groups)):
        total += groups[h]
        if groups[h] > 0:
            sizes += 1
    return total, sizes


@compiled
def slide(role, stride, split, level, w, axis, groups, runs):
    """Multiplies `groups` with the groups along one sliding axis.

    Children (i, j) are at position i·p + j·q. They coincide along chains (i, j), (i + q', j - p'),
    …, where p' and q' are p and q without common factors. From the numbers of chains with at least
    h links, second differences give the numbers with exactly h.
    """
    rows, p, columns, q = 1, 1, 1, 1
    for d in range(split.shape[1]):
        if role[w, d] == axis:
            columns, q = rows, p
            rows, p = split[level, d, FACTOR], split[level, d, DISTANCE] * stride[w, d]
    if rows == 1 or columns == 1:
        for h in range(1, len(groups)):
            groups[h] *= rows * columns
        return
    a, b = p, q
    while b:
        a, b = b, a % b
    p, q = p // a, q // a
    for h in range(1, len(runs)):
        here = max(0, rows - (h - 1) * q) * max(0, columns - (h - 1) * p)
        after = max(0, rows - h * q) * max(0, columns - h * p)
        beyond = max(0, rows - (h + 1) * q) * max(0, columns - (h + 1) * p)
        runs[h] = here - 2 * after + beyond
    for product in range(len(groups) - 1, 0, -1):
        total = 0
        for h in range(1, product + 1):
            if runs[h] > 0 and product % h == 0:
                total += groups[product // h] * runs[h]
        groups[product] = total


@inlined
def network_pj(tables, layout, traffic, level, w, below, shared, is_written, is_kept):
    """Energy of the network below all used instances of a level, one dataspace, pJ (9)."""
    use, groups = layout.use, traffic.groups
    fanout = float(use[level, FANOUT_USED])
    hop_words, routed, added = 0.0, 0.0, 0
    for h in range(1, len(groups)):
        if groups[h] == 0:
            continue
        receivers = float(shared * h)
        ingress = below * groups[h]
        if is_written:
            if tables.limits[level, IS_DRAM]:
                # DRAM cannot add: partial sums travel back, except for the first of every word.
                ingress = 2 * ingress - layout.partition[level, w] * is_kept
            added += (shared * h - 1) * ingress
        hops = hops_of(fanout, receivers)
        hop_words += hops * ingress
        # Timeloop accumulates the words that cross routers in an integer.
        routed = float(np.int64(routed + (1 + hops) * ingress))
    return joined_pj(tables, level, w, hop_words, routed, added) * use[level, USED]


@inlined
def hops_of(fanout, receivers):
    """The hops of a word that goes to some of the children in use (section 9)."""
    root, part = math.sqrt(fanout), math.sqrt(receivers)
    hops = root * part + (root - part) / 2
    return hops + (0.5 - math.sqrt(fanout / receivers))


@inlined
def joined_pj(tables, level, w, hop_words, routed, added):
    """Energy of wires, routers and adders below one instance, pJ (section 9)."""
    rates = tables.rates
    energy = rates[level, HOP_PJ] * hop_words + rates[level, ROUTER_PJ] * routed
    energy *= rates[level, SHARES + len(tables.role) + w]
    return energy + tables.energies[ADDER_PJ] * added
