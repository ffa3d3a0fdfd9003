"""Kernels that draw feasible mappings without rejections.

A draft begins with the whole of every dimension in its outermost free slot, where it needs no
capacity. Factors move from there to other slots one by one, each chosen among those that fit.
Every draft is a feasible mapping, so each can be completed.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled, inlined
from codesign.cost.tables import IRRELEVANT, PLAIN, Ints
from codesign.space.plan import (
    CAPACITY,
    CHOICES,
    DATASPACE,
    DIMENSION,
    END,
    IS_INWARDS,
    IS_SPATIAL,
    KEEP,
    KIND,
    LIMIT,
    ORDER_IS_FREE,
    OUTERMOST,
    ROLE,
    SLOT,
    START,
    TILE,
    Indices,
    Plan,
)
from codesign.space.slots import TEMPORAL
from codesign.space.stream import STEP, below, uniform
from codesign.space.tiles import is_feasible, make_workbench, take_stock, tighten, write_row
from codesign.workload.shape import MAX_SLIDING_AXES

MOST_TRIES = 30
"""Draws of padded factors until one fits. The draft that every draw starts from always does."""


class Draft(NamedTuple):
    """A mapping that is being drawn.

    Args:
        factors: [n, D], without what is left of every dimension in its outermost slot.
        left: [D], what is left of every dimension, as an index into `Plan.choices`.
        spread: [n], the product of a slot's factors.
        turns: [2, m], numbers of pairs: shuffled, and in the order of their moves.
        loops: [D], the loops of a level, shuffled.
        keep: [L], the dataspaces that levels keep, as bits.
        exact: [D], of padded factors, whether those of a dimension divide what is left.
        tile: [L, D], sizes of the tile at a level.
        area: [L, W], words of a tile per position of its sliding axes.
        extent: [L, W, A], positions along each sliding axis.
        total: [L], words of all dataspaces that a bounded level keeps.
        state: one row with `factors`, `left`, `spread`, `tile`, `area`, `extent` and `total`, which
            are views of it.
    """

    factors: Ints
    left: Ints
    spread: Ints
    turns: Indices
    loops: Indices
    keep: Ints
    exact: NDArray[np.bool_]
    tile: Ints
    area: Ints
    extent: Ints
    total: Ints
    state: Ints


def make_draft(plan: Plan) -> Draft:
    """The draft that every draw starts from: all that is not pinned is in its outermost slot."""
    bench = make_workbench(plan)
    held = [plan.held[start:end] for start, end in pairwise(plan.first)]
    sizes = bench.words * plan.elements
    parts = {
        "factors": bench.factors,
        "left": plan.dimensions[:, CHOICES] - 1,
        "spread": bench.factors.prod(axis=1),
        "tile": bench.tile,
        "area": sizes // bench.extent.prod(axis=2),
        "extent": bench.extent,
        "total": np.array([sizes[level, w].sum() for level, w in enumerate(held)]),
    }
    state = np.concatenate([part.ravel() for part in parts.values()])
    ends = np.cumsum([part.size for part in parts.values()])
    views = {
        name: state[end - part.size : end].reshape(part.shape)
        for (name, part), end in zip(parts.items(), ends, strict=True)
    }
    size = plan.role.shape[1]
    return Draft(
        turns=np.zeros((2, len(plan.pairs)), np.uint32),
        loops=np.zeros(size, np.uint32),
        keep=plan.levels[:, KEEP].copy(),
        exact=np.zeros(size, np.bool_),
        state=state,
        **views,
    )


@compiled
def draw(plan, least, draft, bench, seeds, rows, temporal, order, spatial, keep):
    """Fills rows of a batch, whose factors are 1, with independent feasible mappings.

    Every draw chooses at random how much it prefers large factors, and whether it fills the array
    before the buffers. Every feasible mapping can be drawn.

    Args:
        least: the draft that every draw starts from, from `make_draft`.
        draft, bench: another draft and a workbench, as working memory.
        seeds: [1], the state of a random stream (`space.stream`).
        rows: numbers of the rows to fill.
    """
    state = seeds[0]
    for row in rows:
        if len(plan.optional) > 0:
            state = choose_kept(plan, least, draft, state)
            for level in range(len(plan.levels)):
                keep[row, level] = draft.keep[level]
                bench.keep[level] = draft.keep[level]
        tries, is_drawn = 0, False
        while not is_drawn:
            state = fill(plan, least, draft, state)
            tries += 1
            is_drawn = not plan.is_padded or tries == MOST_TRIES
            is_drawn = is_drawn or is_padded_feasible(plan, draft, bench)
        if plan.is_padded:
            drawn = bench.factors if tries < MOST_TRIES else least.factors
            write_row(plan.slots, drawn, temporal, spatial, row)
        else:
            write_row(plan.slots, draft.factors, temporal, spatial, row)
        for level in range(len(plan.levels)):
            state = write_order(plan, draft, state, order, row, level)
    seeds[0] = state


@inlined
def fill(plan, least, draft, state):
    """Draws the factors of a mapping. Returns the state of the random stream."""
    for i in range(len(least.state)):
        draft.state[i] = least.state[i]
    if len(plan.optional) > 0:
        for level in range(len(draft.total)):
            draft.total[level] -= bypassed_words(plan, draft, draft.keep, level)
    state += STEP
    greed = 4.0 * uniform(state)
    state += STEP
    state = take_turns(plan, draft, state, uniform(state) < 0.5)
    if plan.is_padded:
        state += STEP
        share = 2.0 * uniform(state)  # half of all draws pad nothing
        for d in range(len(draft.exact)):
            state += STEP
            draft.exact[d] = uniform(state) < share
    for p in draft.turns[1]:
        slot, d = plan.pairs[p, SLOT], plan.pairs[p, DIMENSION]
        left = draft.left[d]
        if left == 0:
            continue
        count = plan.rank[d, left, room(plan, draft, p, slot, d)]
        if count > 1:
            state += STEP
            preference = greed if plan.moves[p, IS_SPATIAL] else 0.25 * greed
            n = pick(plan.logarithms, count, preference, uniform(state))
            # Choices come in pairs (`factors`).
            last = plan.rank[d, left, left] - 1
            if plan.is_padded and draft.exact[d]:
                while n > 0 and not divides(plan, d, left, n, last):
                    n -= 1
            if n > 0:
                place(plan, draft, p, slot, d, plan.nth[d, left, n], plan.nth[d, left, last - n])
    settle(plan, draft)
    return state


@inlined
def divides(plan, d, left, n, last):
    """Whether choice n of dimension d, and what it leaves, multiply to all that is left."""
    product = plan.choices[d, plan.nth[d, left, n]] * plan.choices[d, plan.nth[d, left, last - n]]
    return product == plan.choices[d, left]


@compiled
def choose_kept(plan, least, draft, state):
    """Chooses which dataspaces levels keep. In every other draw, they keep what they may.

    If a level cannot hold the least tiles of what it keeps, it bypasses all that it may.
    Returns the state of the random stream.
    """
    for level in range(len(plan.levels)):
        draft.keep[level] = plan.levels[level, KEEP]
    state += STEP
    share = 2.0 * uniform(state) - 1.0
    for i in range(len(plan.optional)):
        state += STEP
        if uniform(state) < share:
            draft.keep[plan.optional[i, 0]] ^= 1 << plan.optional[i, 1]
    for i in range(len(plan.optional)):
        level, w = plan.optional[i, 0], plan.optional[i, 1]
        held = least.total[level] - bypassed_words(plan, least, draft.keep, level)
        if held > plan.levels[level, CAPACITY]:
            draft.keep[level] &= ~(1 << w)
    return state


@inlined
def bypassed_words(plan, draft, keep, level):
    """The words of tiles of a draft that a level could keep, but by `keep` bypasses."""
    words = 0
    for i in range(plan.first[level], plan.first[level + 1]):
        w = plan.held[i]
        words += words_of(draft, level, w) * (1 - (keep[level] >> np.int64(w) & 1))
    return words


@compiled
def is_padded_feasible(plan, draft, bench):
    """Makes the padded factors of a draft as small as can be, in `bench`; whether they fit.

    With padded factors, tiles further out than the outermost slot of a dimension can be larger than
    in the draft that every draw starts from. If those levels are bounded, they may not fit.
    """
    for d in range(bench.factors.shape[1]):
        for slot in range(len(plan.slots)):
            bench.factors[slot, d] = draft.factors[slot, d]
        tighten(plan, bench.factors, d)
    take_stock(plan, bench)
    return is_feasible(plan, bench)


@inlined
def take_turns(plan, draft, state, is_array_first):
    """Shuffles the pairs. With `is_array_first`, pairs with a spatial slot come first.

    Returns the state of the random stream.
    """
    shuffled, turns = draft.turns[0], draft.turns[1]
    early, late = 0, 0
    for i in range(len(shuffled)):
        state += STEP
        j = below(state, i + 1)
        shuffled[i] = shuffled[j]
        shuffled[j] = i
        late += plan.moves[i, IS_SPATIAL] * is_array_first
    for i in range(len(shuffled)):
        is_early = plan.moves[shuffled[i], IS_SPATIAL] * is_array_first
        turns[early if is_early else late] = shuffled[i]
        early += is_early
        late += 1 - is_early
    return state


@inlined
def pick(logarithms, count, preference, share):
    """⌊count · share^(1 / (1 + preference))⌋, by logarithms, which are faster than a power.

    With `share` uniform in [0, 1), it is a random whole number below `count`. A larger
    preference makes large numbers more likely.
    """
    height = math.log(share) / (1.0 + preference) + logarithms[count]
    n = 0
    for i in range(1, count):
        n += height >= logarithms[i]
    return n


@inlined
def room(plan, draft, p, slot, d):
    """The index of the largest choice of dimension d that fits into `slot`; 0 if only 1 fits.

    The words in a level are linear in the factor: a dimension enters every dataspace once, as a
    factor of its size or as a step along a sliding axis (`docs/cost-model.md`, section 2).
    """
    most = draft.left[d]
    if plan.moves[p, IS_SPATIAL]:
        spread, limit = draft.spread[slot], plan.slots[slot, LIMIT]
        while most > 0 and spread * plan.choices[d, most] > limit:
            most -= 1
    if plan.moves[p, IS_INWARDS]:
        i, end = plan.moves[p, START], plan.moves[p, END]
        while i < end and most > 0:
            level, slope = plan.touched[i, TILE], 0
            while i < end and plan.touched[i, TILE] == level:
                w, role = plan.touched[i, DATASPACE], plan.touched[i, ROLE]
                words = draft.area[level, w] * (draft.keep[level] >> np.int64(w) & 1)
                for a in range(MAX_SLIDING_AXES):
                    if a != role - 1:
                        words *= draft.extent[level, w, a]
                if role > PLAIN:
                    words *= draft.tile[level, d] * plan.stride[w, d]
                slope += words
                i += 1
            free = plan.levels[level, CAPACITY] - draft.total[level] + slope
            while most > 0 and slope * plan.choices[d, most] > free:
                most -= 1
    return most


@inlined
def place(plan, draft, p, slot, d, choice, left):
    """Moves a factor of dimension d into `slot`, and updates the tiles that it changes.

    What is left in the outermost slot is written only at the end (`settle`).

    Args:
        choice, left: the factor, and what it leaves, as indices into `Plan.choices`.
    """
    outermost = plan.dimensions[d, OUTERMOST]
    factor = plan.choices[d, choice]
    old, new = plan.choices[d, draft.left[d]], plan.choices[d, left]
    draft.left[d] = left
    draft.factors[slot, d] *= factor
    draft.spread[slot] *= factor
    if plan.slots[outermost, KIND] != TEMPORAL:
        draft.spread[outermost] = draft.spread[outermost] // old * new
    is_inwards = plan.moves[p, IS_INWARDS]
    i, end = plan.moves[p, START], plan.moves[p, END]
    while i < end:
        level = plan.touched[i, TILE]
        before = draft.tile[level, d]
        # If the slot is further out than the slot that the factor leaves, tiles between shrink.
        after = before * factor if is_inwards else before // old * new
        draft.tile[level, d] = after
        while i < end and plan.touched[i, TILE] == level:
            w, role = plan.touched[i, DATASPACE], plan.touched[i, ROLE]
            is_kept = draft.keep[level] >> np.int64(w) & 1
            draft.total[level] -= words_of(draft, level, w) * is_kept
            if role > PLAIN:
                draft.extent[level, w, role - 1] += (after - before) * plan.stride[w, d]
            elif is_inwards:
                draft.area[level, w] *= factor
            else:
                draft.area[level, w] = draft.area[level, w] // old * new
            draft.total[level] += words_of(draft, level, w) * is_kept
            i += 1


@inlined
def words_of(draft, level, w):
    """The words of a dataspace in the tile at a level."""
    words = draft.area[level, w]
    for a in range(MAX_SLIDING_AXES):
        words *= draft.extent[level, w, a]
    return words


@inlined
def settle(plan, draft):
    """Writes what is left of every dimension into its outermost slot."""
    for d in range(len(draft.left)):
        slot = plan.dimensions[d, OUTERMOST]
        if slot >= 0:
            draft.factors[slot, d] = plan.fixed[slot, d] * plan.choices[d, draft.left[d]]


@inlined
def write_order(plan, draft, state, order, row, level):
    """Writes the loop order of a level: the pinned one, or a random one.

    Half of the random orders keep a dataspace stationary: the loops that it does not depend on
    are innermost. Otherwise, all orders are equally likely.

    Returns the state of the random stream.
    """
    spaces, size = plan.role.shape
    if not plan.levels[level, ORDER_IS_FREE]:
        for i in range(size):
            order[row, level, i] = plan.orders[level, i]
        return state
    shuffled = draft.loops
    shuffled[0] = plan.orders[level, 0]
    for i in range(1, size):
        state += STEP
        j = below(state, i + 1)
        shuffled[i] = shuffled[j]
        shuffled[j] = plan.orders[level, i]
    state += STEP
    w = below(state, 2 * spaces)
    inner, outer = 0, 0
    for d in range(size):
        outer += w < spaces and plan.role[w, d] == IRRELEVANT
    for i in range(size):
        d = shuffled[i]
        is_inner = w < spaces and plan.role[w, d] == IRRELEVANT
        order[row, level, inner if is_inner else outer] = d
        inner += is_inner
        outer += not is_inner
    return state
