"""A map-space as arrays, for kernels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import IRRELEVANT, Ints
from codesign.factors import DIVISORS
from codesign.hardware.widths import units
from codesign.space.factors import choices
from codesign.space.slots import TEMPORAL, UNBOUNDED, Slots

Indices = NDArray[np.uint32]
"""Unsigned, so that compiled kernels do not test indices for negative numbers."""

LEVEL, KIND, LIMIT = range(3)
"""Columns of `Plan.slots`. The limit is the fan-out of a spatial slot."""

SLOT, DIMENSION = range(2)
"""Columns of `Plan.pairs`."""

IS_SPATIAL, IS_INWARDS, START, END = range(4)
"""Columns of `Plan.moves`: whether the slot is spatial; whether it is further in than the
outermost slot of its dimension; the first row of the pair in `Plan.touched`, and the row after
its last one."""

TILE, DATASPACE, ROLE = range(3)
"""Columns of `Plan.touched`: the level of a tile, its dataspace, and the dimension's role in it as
in `cost.tables`. The rows of a pair are in the order of levels."""

LEFT, OUTERMOST, CHOICES = range(3)
"""Columns of `Plan.dimensions`: what is not pinned, its outermost slot, and its number of choices
(`factors.choices`)."""

CAPACITY, KEEP, ORDER_IS_FREE = range(3)
"""Columns of `Plan.levels`."""


class Plan(NamedTuple):
    """A map-space as arrays: n slots, D dimensions, L levels, m free (slot, dimension) pairs.

    Args:
        slots, levels, dimensions, pairs: [n, 3], [L, 3], [D, 3], [m, 2], with the columns above.
        moves: [m, 4], for every pair the move of a factor from the outermost slot to the pair's.
        optional: [k, 2], the level and the dataspace of all choices between keeping and bypassing.
        touched: [t, 3], the tiles in bounded levels that moves change.
        fixed: [n, D], pinned factors; 1 elsewhere.
        free: bool [n, D], whether a factor may be put there.
        orders: [L, D], the pinned loop order, or any order if it is free.
        choices: [D, most], the choices from what is not pinned of a dimension, ascending, then 0.
        rank: [D, most, most], the number of choices from choice i that are at most choice j.
        nth: [D, most, most], the index in `choices` of the n-th choice from choice i.
        logarithms: [most + 1], natural logarithms of 0 (as of 1), 1, 2, …
        first, held: [L + 1] and [k]; the dataspaces that a bounded level l keeps are
            `held[first[l]]` to `held[first[l + 1] - 1]`.
        role, stride: [W, D], as in `cost.tables`.
        elements: [L, W], the size of an element in the unit of capacities (`hardware.widths`).
        is_padded: whether factors may multiply to more than the size (`factors`).
    """

    slots: Ints
    levels: Ints
    optional: Ints
    dimensions: Ints
    pairs: Indices
    moves: Ints
    touched: Indices
    fixed: Ints
    free: NDArray[np.bool_]
    orders: Ints
    choices: Ints
    rank: NDArray[np.int32]
    nth: NDArray[np.int32]
    logarithms: NDArray[np.float64]
    first: Ints
    held: Indices
    role: Ints
    stride: Ints
    elements: Ints
    is_padded: bool


def make_plan(slots: Slots, role: Ints, stride: Ints) -> Plan:
    """The plan of a map-space."""
    hardware, size = slots.hardware, len(slots.layer.sizes)
    limits = [
        UNBOUNDED if k == TEMPORAL else hardware.fanouts[s][k]
        for s, k in zip(slots.level, slots.kind, strict=True)
    ]
    lists = [choices(int(left), slots.factors) for left in slots.left]
    most = max(map(len, lists))
    table, is_choice = np.zeros((size, most), np.int64), np.zeros((size, most, most), np.bool_)
    for d, values in enumerate(lists):
        table[d, : len(values)] = values
        for i, value in enumerate(values):
            is_choice[d, i, np.searchsorted(values, choices(value, slots.factors))] = True
    sizes = [units(level, slots.layer.widths) for level in hardware.levels]
    capacities = [
        UNBOUNDED if level.capacity is None else level.capacity * unit.word
        for level, unit in zip(hardware.levels, sizes, strict=True)
    ]
    levels = [
        (capacity, keep, order is None)
        for capacity, keep, order in zip(capacities, slots.keep, slots.orders, strict=True)
    ]
    movable = slots.free & (slots.left > 1)
    movable[slots.outermost, np.arange(size)] = False
    held = [
        [w for w in range(len(role)) if keep >> w & 1 and capacity < UNBOUNDED]
        for capacity, keep, _ in levels
    ]
    pairs = np.argwhere(movable)
    moves, touched = make_moves(slots, pairs, held, role)
    return Plan(
        slots=np.stack([slots.level, slots.kind, np.array(limits)], axis=1),
        levels=np.array(levels, np.int64),
        optional=np.array(slots.choices_to_keep, np.int64).reshape(-1, 2),
        dimensions=np.stack([slots.left, slots.outermost, [len(v) for v in lists]], axis=1),
        pairs=pairs.astype(np.uint32),
        moves=moves,
        touched=touched,
        fixed=slots.fixed,
        free=slots.free,
        orders=np.array([order or tuple(range(size)) for order in slots.orders], np.int64),
        choices=table,
        rank=np.cumsum(is_choice, axis=2, dtype=np.int32),
        nth=np.argsort(~is_choice, axis=2, kind="stable").astype(np.int32),
        logarithms=np.log(np.maximum(np.arange(table.shape[1] + 1), 1)),
        first=np.cumsum([0, *map(len, held)]),
        held=np.array([w for level in held for w in level], np.uint32),
        role=role,
        stride=stride,
        elements=np.array([unit.elements for unit in sizes], np.int64),
        is_padded=slots.factors != DIVISORS,
    )


def make_moves(
    slots: Slots, pairs: Ints, held: list[list[int]], role: Ints
) -> tuple[Ints, Indices]:
    """`Plan.moves` and `Plan.touched`, from the dataspaces `held` by each bounded level.

    A move takes a factor from the outermost slot of its dimension to the slot of the pair. It
    changes tiles of the levels between, and only of dataspaces that depend on the dimension.
    """
    moves: list[tuple[int, int, int, int]] = []
    touched: list[tuple[int, int, int]] = []
    for slot, d in pairs:
        here, there = slots.level[slot], slots.level[slots.outermost[d]]
        start = len(touched)
        touched += [
            (level, w, role[w, d])
            for level in range(min(here, there), max(here, there))
            for w in held[level]
            if role[w, d] != IRRELEVANT
        ]
        moves.append((slots.kind[slot] != TEMPORAL, here < there, start, len(touched)))
    return np.array(moves, np.int64).reshape(-1, 4), np.array(touched, np.uint32).reshape(-1, 3)
