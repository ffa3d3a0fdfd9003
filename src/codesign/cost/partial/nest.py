"""Loops whose last iteration is partial, for kernels: counts of indices and of tiles (section 20).

An index of a dimension is a number whose digits are the dimension's loops. Only indices below the
size run. So a count over iterations is a count of numbers below a limit, some of whose digits are
free and the others zero. It takes one pass over the digits, the outermost first: as long as all
digits are those of the last index, the next one may not be larger; after that, all digits are free.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.compiled import compiled, inlined
from codesign.cost.boxes import measure
from codesign.cost.layout import DISTANCE, FACTOR, FANOUT_USED, USED
from codesign.cost.tables import FANOUT_X, FANOUT_Y, Ints, Tables
from codesign.workload.shape import MAX_SLIDING_AXES

BOUND, STEP, LAST, PLACE, LEVEL = range(5)
"""Columns of `Nest.chain`: iterations, the product of the bounds inside, the digit of the last
index, the place among all temporal loops (`SPATIAL` for a spatial loop), and the level."""

SPATIAL = -1
"""The place of a spatial loop in a chain."""

EVERY_STEP = np.int64(-2)
"""The place of a cut inside all temporal loops."""

NONE, ZERO, ONE = np.int64(-1), np.int64(0), np.int64(1)
"""Arguments of kernels. Literal numbers would make Numba compile a kernel for each of them."""

TIMES, NEW, OLD, SHIFT = range(4)
"""Columns of `Nest.states`."""


class Nest(NamedTuple):
    """Working memory for the loops of one mapping: L levels, D dimensions, W dataspaces.

    Args:
        sizes: [D], the sizes of the layer, which stay.
        padded: [D], the products of all factors.
        chain: [D, 2L, 5], the loops over each dimension with more than one iteration, innermost
            first; a level's spatial loops over a dimension are one loop.
        inside: [D, L + 1], how many of them are at levels below s.
        grown: [D, L + 1], the product of their bounds.
        places: [n, 2], the temporal loops, innermost first: dimension, and index in its chain.
        first: [L + 1], the place of a level's innermost temporal loop.
        split: [L, D, 2], a level's spatial factors, and the distance between neighbours.
        use: [L, 2], children of one instance in a whole mesh, and instances in use.
        tile: [D], the sizes of a tile.
        words: [L, W], words of a level's largest tile.
        extent: [L, W, A], its extents along sliding axes.
        states: [2, 4L + 2, 4], states of boxes before and after a move (`list_states`).
    """

    sizes: Ints
    padded: Ints
    chain: Ints
    inside: Ints
    grown: Ints
    places: Ints
    first: Ints
    split: Ints
    use: Ints
    tile: Ints
    words: Ints
    extent: Ints
    states: Ints


def make_nest(tables: Tables, sizes: tuple[int, ...]) -> Nest:
    """Working memory for mappings of a layer of `sizes`."""
    levels, (spaces, dimensions) = len(tables.limits), tables.role.shape
    return Nest(
        sizes=np.array(sizes, np.int64),
        padded=np.ones(dimensions, np.int64),
        chain=np.zeros((dimensions, 2 * levels, 5), np.int64),
        inside=np.zeros((dimensions, levels + 1), np.int64),
        grown=np.ones((dimensions, levels + 1), np.int64),
        places=np.zeros((levels * dimensions, 2), np.int64),
        first=np.zeros(levels + 1, np.int64),
        split=np.ones((levels, dimensions, 2), np.int64),
        use=np.zeros((levels, 2), np.int64),
        tile=np.zeros(dimensions, np.int64),
        words=np.zeros((levels, spaces), np.int64),
        extent=np.zeros((levels, spaces, MAX_SLIDING_AXES), np.int64),
        states=np.zeros((2, 4 * levels + 2, 4), np.int64),
    )


@compiled
def lay_out_nest(tables, temporal, order, spatial, row, nest):
    """Fills `nest` from mapping `row` of a batch.

    Returns the innermost level whose fan-out the mapping exceeds, or -1 (section 11, rule 1).
    """
    sizes, inside, grown, use = nest.sizes, nest.inside, nest.grown, nest.use
    levels, spaces = nest.words.shape
    dimensions = len(sizes)
    count = ZERO
    for d in range(dimensions):
        nest.padded[d] = 1
    for level in range(levels):
        along_x, along_y = 1, 1
        for d in range(dimensions):
            x, y = np.int64(spatial[row, level, 0, d]), np.int64(spatial[row, level, 1, d])
            along_x *= x
            along_y *= y
            inside[d, level + 1], grown[d, level + 1] = inside[d, level], grown[d, level]
            nest.split[level, d, DISTANCE] = grown[d, level]
            is_split = add_loop(nest, d, level, x * y, SPATIAL)
            nest.split[level, d, FACTOR] = grown[d, level + 1] // grown[d, level] if is_split else 1
        if along_x > tables.limits[level, FANOUT_X] or along_y > tables.limits[level, FANOUT_Y]:
            return level
        use[level, FANOUT_USED] = along_x * along_y
        nest.first[level] = count
        for position in range(dimensions):
            d = np.int64(order[row, level, position])
            if add_loop(nest, d, level, np.int64(temporal[row, level, d]), count):
                nest.places[count, 0] = d
                nest.places[count, 1] = inside[d, level + 1] - 1
                count += 1
        for d in range(dimensions):
            nest.tile[d] = min(grown[d, level + 1], sizes[d])
        for w in range(spaces):
            nest.words[level, w] = measure(
                tables.role, tables.stride, w, tables.axes[w], nest.tile, nest.extent, level
            )
    nest.first[levels] = count
    for d in range(dimensions):
        rest = sizes[d] - 1
        for k in range(inside[d, levels] - 1, -1, -1):
            nest.chain[d, k, LAST] = rest // nest.chain[d, k, STEP]
            rest %= nest.chain[d, k, STEP]
    for level in range(levels):
        used = 1
        for d in range(dimensions):
            used *= count_starts(nest.chain, d, ZERO, inside[d, levels], count, level, levels)
        use[level, USED] = used
    return -1


@inlined
def add_loop(nest, d, level, bound, place):
    """Adds a loop to the chain of a dimension, and says whether it has several iterations."""
    k, step = nest.inside[d, level + 1], nest.grown[d, level + 1]
    nest.padded[d] *= bound
    # Iterations that no index of the layer reaches are none.
    bound = min(bound, (nest.sizes[d] + step - 1) // step)
    if bound > 1:
        nest.chain[d, k, BOUND] = bound
        nest.chain[d, k, STEP] = step
        nest.chain[d, k, PLACE] = place
        nest.chain[d, k, LEVEL] = level
        nest.inside[d, level + 1] = k + 1
        nest.grown[d, level + 1] = step * bound
    return bound > 1


@inlined
def count_digits(chain, d, k, cut, low, top):
    """How many digits a loop may have: one if it has to be zero.

    Free are the temporal loops outside place `cut`, and the spatial ones of levels above `low` up
    to `top`. The loop at the cut has just advanced: it may not be zero.
    """
    place = chain[d, k, PLACE]
    if place == SPATIAL:
        is_free = low < chain[d, k, LEVEL] <= top
    else:
        is_free = place > cut
        if place == cut:
            return chain[d, k, BOUND] - 1
    return chain[d, k, BOUND] if is_free else np.int64(1)


@compiled
def count_starts(chain, d, inner, outer, cut, low, top):
    """How many numbers below the size have digits that are free or zero, as `count_digits` says.

    Args:
        inner, outer: the part of the chain that counts; all digits inside are zero.
        cut, low, top: as in `count_digits`; `EVERY_STEP` as `cut` frees all temporal loops.
    """
    inside, found = 1, 0
    for k in range(inner, outer):
        inside *= count_digits(chain, d, k, cut, low, top)
    for k in range(outer - 1, inner - 1, -1):
        digits, last = count_digits(chain, d, k, cut, low, top), chain[d, k, LAST]
        inside //= digits
        if chain[d, k, PLACE] == cut:
            if last == 0:
                return found
            found += (last - 1) * inside
        elif digits > 1:
            found += last * inside
        elif last > 0:
            return found + inside
    return found + 1


@compiled
def list_states(sizes, chain, inside, grown, states, d, level, cut, top, into):
    """Lists the states of a dimension of the boxes that instances of `level` hold at a move.

    The temporal loop at place `cut` advances, and those inside it go from their last iteration
    back to zero. A state is the extent of the new box and of the old one, in indices, how far the
    box moves, and in how many moves and instances it is so. Without a loop at the place (behind the
    last), the new boxes are the first ones.

    Args:
        sizes, chain, inside, grown, states: of the nest.
        top: only instances whose spatial digits are zero at levels above `top` count.
        into: which list of `states` to fill.

    Returns the number of states.
    """
    inner, outer = inside[d, level + 1], inside[d, inside.shape[1] - 1]
    full, edge = grown[d, level + 1], sizes[d]
    back, advance, further, is_tight = 0, 0, 1, True
    for k in range(inner, outer):
        digits, last = count_digits(chain, d, k, cut, level, top), chain[d, k, LAST]
        edge -= last * chain[d, k, STEP]
        further *= digits
        place = chain[d, k, PLACE]
        if place == cut:
            advance = chain[d, k, STEP]
            is_tight = is_tight and last > 0
        elif digits == 1:
            is_tight = is_tight and last == 0
            if place != SPATIAL:
                back += (chain[d, k, BOUND] - 1) * chain[d, k, STEP]
    if advance > 0 or back == 0:
        # What was there before was whole, or the box stays where it is.
        count = count_starts(chain, d, inner, outer, cut, level, top) - is_tight
        states[into, 0, TIMES], states[into, 0, NEW], states[into, 0, OLD] = count, full, full
        states[into, 0, SHIFT] = advance - back
        states[into, 1, TIMES], states[into, 1, NEW] = np.int64(is_tight), edge
        states[into, 1, OLD] = full if advance > 0 else edge
        states[into, 1, SHIFT] = advance - back
        return 2
    # `there` is the last iteration of the loops that go back, so far as the last index has it, and
    # `before` the one before it.
    found, there, before, has_before = 0, 0, 0, False
    for k in range(outer - 1, inner - 1, -1):
        digits, last = count_digits(chain, d, k, cut, level, top), chain[d, k, LAST]
        bound, step = chain[d, k, BOUND], chain[d, k, STEP]
        if chain[d, k, PLACE] != SPATIAL and chain[d, k, PLACE] < cut:
            back -= (bound - 1) * step
            if last > 0:
                before, has_before = there + (last - 1) * step, True
            elif has_before:
                before += (bound - 1) * step
            there += last * step
            continue
        further //= digits
        below = last if digits > 1 else min(last, 1)
        found = add_state(states, into, found, below * further, full, -(there + back))
        if digits == 1 and last > 0:
            return found
        if digits > 1 and has_before:
            found = add_state(
                states, into, found, (bound - 1 - last) * further, full, -(before + back)
            )
    found = add_state(states, into, found, 1, edge, -there)
    # The last index is in a box that is cut; it is the new one as well if there is no other.
    if there > 0:
        states[into, found - 1, NEW] = full
    return found


@inlined
def add_state(states, into, found, times, extent, shift):
    """Adds a state with equal extents before and after, or its number to the state before."""
    if times > 0:
        states[into, found, TIMES] = times
        states[into, found, NEW] = extent
        states[into, found, OLD] = extent
        states[into, found, SHIFT] = shift
        found += 1
    return found
