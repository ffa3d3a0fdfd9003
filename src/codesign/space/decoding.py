"""A box around a map-space: every combination of its coordinates is read as a mapping.

Every free factor is a coordinate, including that of the outermost slot. Most combinations do not
multiply to the layer's size, and are read as the nearest combination that does. For every prime,
surplus exponents are taken evenly from all factors of the dimension, and missing ones are added
evenly to all, which is the least change in the sum of squares. Of padded factors, the outermost one
makes up for what is missing, and each is then made as small as can be (`factors.tightened`).
Fan-outs and capacities are not checked here.

If the order of a level is free, every loop whose size may exceed 1 has its place as a coordinate.
Loops are sorted by their places, and by dimension if places are equal. Whether a level keeps a
dataspace that it may bypass is a coordinate as well.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import Ints
from codesign.mapping.batch import MappingBatch
from codesign.space.base import Parameter
from codesign.space.factors import tightened
from codesign.space.plan import CHOICES, DIMENSION, OUTERMOST, SLOT, Plan
from codesign.space.slots import TEMPORAL, Slots


class Box(NamedTuple):
    """The coordinates of a map-space: m factors, the places of every free order, the bypasses.

    Args:
        coordinates: their names and values.
        slots, plan: the map-space.
        pairs: [m, 2], slot and dimension of every factor.
        exponents: for every dimension, the primes of its part that is not pinned, and
            [divisors, primes] their exponents in each divisor of that part; for factors that are
            divisors.
        orders: for every level of free order, the dimensions whose loops there may exceed 1.
    """

    coordinates: tuple[Parameter, ...]
    slots: Slots
    plan: Plan
    pairs: Ints
    exponents: tuple[tuple[Ints, Ints], ...]
    orders: tuple[tuple[int, Ints], ...]


def make_box(slots: Slots, plan: Plan) -> Box:
    """The box of a map-space."""
    letters, levels = slots.layer.shape.dimensions, slots.hardware.levels
    free = slots.free & (slots.left > 1)
    pairs = np.argwhere(free & (free.sum(axis=0) > 1)).astype(np.int64)
    choices = [values[values > 0] for values in plan.choices]
    factors = [
        Parameter(slots.name(int(slot), int(d)), tuple(map(float, choices[d]))) for slot, d in pairs
    ]
    orders = []
    for level, order in enumerate(slots.orders):
        slot = int(np.flatnonzero((slots.level == level) & (slots.kind == TEMPORAL))[0])
        turning = np.flatnonzero((slots.free[slot] & (slots.left > 1)) | (slots.fixed[slot] > 1))
        if order is None and len(turning) > 1:
            orders.append((level, turning))
    places = [
        Parameter(f"place.{letters[d]}.{levels[level].name}", tuple(map(float, range(len(loops)))))
        for level, loops in orders
        for d in loops
    ]
    exponents = () if plan.is_padded else tuple(map(_exponents, choices))
    kept = [choice_of_keeping(slots, level, w) for level, w in plan.optional.tolist()]
    return Box((*factors, *places, *kept), slots, plan, pairs, exponents, tuple(orders))


def choice_of_keeping(slots: Slots, level: int, w: int) -> Parameter:
    """The choice whether a level keeps (1) or bypasses (0) dataspace w."""
    name = slots.layer.shape.dataspace_names[w]
    return Parameter(f"keep.{name}.{slots.hardware.levels[level].name}", (0.0, 1.0))


def _exponents(divisors: Ints) -> tuple[Ints, Ints]:
    """The primes of the greatest divisor, and their exponents [divisors, primes] in all."""
    primes = [p for p in divisors[1:] if np.count_nonzero(p % divisors == 0) == 2]
    powers = np.zeros((len(divisors), len(primes)), np.int64)
    for column, prime in enumerate(primes):
        rest = divisors.copy()
        while (divides := rest % prime == 0).any():
            powers[divides, column] += 1
            rest[divides] //= prime
    return np.array(primes, np.int64), powers


def locate(box: Box, batch: MappingBatch) -> Ints:
    """[B, coordinates], the indices of mappings of the map-space."""
    plan = box.plan
    factors = box.slots.factors_of(batch)
    columns = [
        np.searchsorted(
            plan.choices[d, : np.count_nonzero(plan.choices[d])],
            factors[:, slot, d] // plan.fixed[slot, d],
        )
        for slot, d in box.pairs
    ]
    for level, loops in box.orders:
        place = np.argsort(batch.order[:, level], axis=1)[:, loops]
        columns.extend(np.argsort(np.argsort(place, axis=1), axis=1).T)
    columns.extend(batch.keep[:, level] >> w & 1 for level, w in plan.optional)
    return np.stack(columns, axis=1) if columns else np.empty((len(batch), 0), np.int64)


def decode(box: Box, indices: Ints, batch: MappingBatch) -> None:
    """Writes the mappings nearest to `indices` [B, coordinates] into a batch of all ones."""
    slots, plan = box.slots, box.plan
    factors = np.tile(plan.fixed, (len(batch), 1, 1))
    for d, left in enumerate(slots.left) if plan.is_padded else ():
        columns = np.flatnonzero(box.pairs[:, DIMENSION] == d)
        if len(columns) == 0:
            if left > 1:
                factors[:, plan.dimensions[d, OUTERMOST], d] *= left
            continue
        places = box.pairs[columns, SLOT]
        outermost = int(np.flatnonzero(places == plan.dimensions[d, OUTERMOST])[0])
        asked = plan.choices[d][indices[:, columns]]
        factors[:, places, d] = tightened(asked, int(left), outermost)
    for d, (primes, powers) in enumerate(box.exponents):
        columns = np.flatnonzero(box.pairs[:, DIMENSION] == d)
        if len(columns) == 0 and len(primes) > 0:
            factors[:, plan.dimensions[d, OUTERMOST], d] *= slots.left[d]
            continue
        asked = powers[indices[:, columns]]
        for i, prime in enumerate(primes):
            exponents = nearest(asked[:, :, i], int(powers[-1, i]))
            factors[:, box.pairs[columns, SLOT], d] *= prime**exponents
    slots.put(factors, batch)
    column = len(box.pairs)
    for level, pinned in enumerate(slots.orders):
        if pinned is not None:
            batch.order[:, level] = pinned
    for level, loops in box.orders:
        place = indices[:, column : column + len(loops)]
        idle = np.setdiff1d(np.arange(len(slots.left)), loops)
        batch.order[:, level, : len(loops)] = loops[np.argsort(place, axis=1, kind="stable")]
        batch.order[:, level, len(loops) :] = idle
        column += len(loops)
    for level, w in plan.optional:
        batch.keep[:, level] &= np.where(indices[:, column] > 0, 255, 255 ^ 1 << w).astype(np.uint8)
        column += 1


def remaining(box: Box, indices: Ints, column: int) -> NDArray[np.bool_]:
    """[values], the values of a coordinate that are left after those before it are chosen.

    Fan-outs and capacities are not checked (`MapSpace.remaining`).
    """
    size = len(box.coordinates[column].values)
    left, start = np.ones(size, np.bool_), len(box.pairs)
    if column < start:
        slot, d = box.pairs[column]
        rest = _rests(box, indices, column)[d]
        if slot == box.plan.dimensions[d, OUTERMOST]:
            return np.arange(size) == rest
        divides: NDArray[np.bool_] = np.diff(box.plan.rank[d, rest, :size], prepend=0) > 0
        return divides
    for _, loops in box.orders:
        if start <= column < start + len(loops):
            left[indices[start:column]] = False
        start += len(loops)
    return left


def begun(box: Box, indices: Ints, column: int) -> Ints:
    """[values, n, D], the factors with each value of a coordinate, after those before it.

    All factors that are not chosen yet are outermost. Values that are not left have no meaning.
    """
    plan, (slot, d) = box.plan, box.pairs[column]
    factors = np.tile(plan.fixed, (len(box.coordinates[column].values), 1, 1))
    for before in range(column):
        place, other = box.pairs[before]
        factors[:, place, other] *= plan.choices[other, indices[before]]
    factors[:, slot, d] *= plan.choices[d, : len(factors)]
    rests = _rests(box, indices, column)
    for other, rest in enumerate(rests):
        outermost = plan.dimensions[other, OUTERMOST]
        if other != d:
            factors[:, outermost, other] *= plan.choices[other, rest]
        elif slot != outermost:
            left = [_rest(plan, d, rest, choice) for choice in range(len(factors))]
            factors[:, outermost, d] *= plan.choices[d, left]
    return factors


def _rests(box: Box, indices: Ints, column: int) -> list[int]:
    """For every dimension, the choice that is all that is left of it before a coordinate."""
    rests = [int(count) - 1 for count in box.plan.dimensions[:, CHOICES]]
    for (_, d), choice in zip(box.pairs[:column], indices[:column], strict=True):
        rests[d] = _rest(box.plan, d, rests[d], choice)
    return rests


def _rest(plan: Plan, d: int, rest: int, choice: int) -> int:
    """The choice that is left of the choice `rest` after one of its factors is chosen."""
    ranks = plan.rank[d, rest]
    behind = int(ranks[rest]) - max(int(ranks[choice]), 1)
    return int(plan.nth[d, rest, max(behind, 0)])


def nearest(asked: Ints, total: int) -> Ints:
    """[B, n], the exponents with sum `total` that are nearest to `asked` [B, n].

    In every round, each exponent loses or gains 1, starting with the innermost, until the sum is
    right.
    """
    found = asked.copy()
    while (missing := total - found.sum(axis=1, keepdims=True)).any():
        gives, gets = (found > 0) & (missing < 0), np.broadcast_to(missing > 0, found.shape)
        found += gets & (np.cumsum(gets, axis=1) <= missing)
        found -= gives & (np.cumsum(gives, axis=1) <= -missing)
    return found
