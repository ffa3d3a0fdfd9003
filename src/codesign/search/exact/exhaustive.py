"""The optimal mapping, by pricing every mapping of a map-space.

It is fast if a dataflow leaves few mappings: a row-stationary map-space has some ten thousand. In
free map-spaces, it is a reference for small cases.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from codesign.cost import Evaluator
from codesign.cost.tables import Ints
from codesign.errors import InputError
from codesign.factors import ANY, DIVISORS, PADDED
from codesign.mapping import MappingBatch
from codesign.search.exact.goal import Objective, goal_of, priced
from codesign.search.task import MappingTask
from codesign.space.factors import factorize
from codesign.space.mapping_space import MapSpace
from codesign.space.slots import bypasses, keeping, padded_layers

MOST_FACTORS = 10**8
"""The largest size of the table of factors, which limits its memory to a few gigabytes."""

_CHUNK = 65536


@dataclass(frozen=True)
class Certificate:
    """The result of a proof.

    Args:
        verdict: `optimal`, or `bound` if the search stopped early.
        objective: the objective that was minimised.
        lower_bound: a lower bound on the objective of all mappings of the map-space.
        priced: the number of mappings priced by the cost model.
        covered: the number of mappings in the map-space, which the proof covers.
    """

    verdict: str
    objective: str
    lower_bound: float
    priced: int
    covered: float


@dataclass(frozen=True)
class ExactResult:
    """The best mapping, as a batch of one, with its certificate."""

    best: MappingBatch
    certificate: Certificate


def exhaust(task: MappingTask, objective: Objective = "edp") -> ExactResult:
    """The optimal mapping of a task; the first one if several are equal.

    Raises:
        InputError: no mapping is valid, the map-space is too large to enumerate, or the objective
            is unknown.
    """
    require_whole_steps(task)
    goal = goal_of(objective)
    space = MapSpace(task.layer, task.hardware, task.dataflow)
    space.require_feasible()
    evaluator = Evaluator(task.layer, task.hardware, task.technology, task.accounting)
    least, best, count = math.inf, None, 0
    for batch in enumerate_mappings(space):
        values = priced(goal, evaluator.price(batch))
        count += len(batch)
        at = int(np.argmin(values))
        if values[at] < least:
            least, best = float(values[at]), batch[at : at + 1]
    if best is None:
        raise InputError(
            f"{task.layer.name} on {task.hardware.name}: no mapping fits and has the least "
            "utilization that the levels require"
        )
    return ExactResult(best, Certificate("optimal", str(objective), least, count, space.size()))


def require_whole_steps(task: MappingTask) -> None:
    """Refuses a task whose loops may have a partial last iteration.

    Raises:
        InputError: factors are `any`.
    """
    if task.dataflow.factors == ANY:
        raise InputError(
            f"{task.layer.name} on {task.hardware.name}: factors is {ANY!r}, expected "
            f"{DIVISORS!r} or {PADDED!r}, since no proof covers partial iterations"
        )


def enumerate_mappings(space: MapSpace) -> Iterator[MappingBatch]:
    """All feasible mappings of a map-space in batches, each once.

    Mappings that differ only in the places of loops of size 1 are the same. With padded factors,
    all mappings of all padded sizes are listed, also those with a factor that could be smaller.

    Raises:
        InputError: the map-space is too large.
    """
    if space.slots.optional.any():
        for keep in bypasses(space.slots):
            hardware = keeping(space.hardware, space.layer, keep)
            variant = MapSpace(space.layer, hardware, space.dataflow)
            if variant.problem is None:
                yield from enumerate_mappings(variant)
        return
    if space.is_padded:
        whole = replace(space.dataflow, factors=DIVISORS)
        for _, sizes in padded_layers(space.slots, math.prod):
            larger = MapSpace(replace(space.layer, sizes=sizes), space.hardware, whole)
            if larger.problem is None:
                yield from enumerate_mappings(larger)
        return
    factors = _feasible_factors(space)
    slots = space.slots
    for start in range(0, len(factors), _CHUNK):
        rows = factors[start : start + _CHUNK]
        batch = space.blank(len(rows))
        slots.put(rows, batch)
        for level, order in enumerate(slots.orders):
            if order is not None:
                batch.order[:, level] = order
        if any(order is None for order in slots.orders):
            for row in range(len(rows)):
                yield _with_all_orders(space, batch[row : row + 1])
        else:
            yield batch


def _feasible_factors(space: MapSpace) -> Ints:
    """[M, n, D], all factorisations that fit all fan-outs and capacities.

    Dimensions are added one by one. A combination is dropped as soon as it does not fit, with the
    other dimensions at their least.
    """
    slots = space.slots
    table = slots.least[np.newaxis]
    # A dimension with a free slot further out than that one is not at its least there. Such
    # dimensions come first, and combinations are dropped only once all of them are added.
    beyond = [
        bool(slots.free[slot + 1 :, d].any()) if slot >= 0 else False
        for d, slot in enumerate(slots.outermost)
    ]
    for d in np.lexsort((slots.left, np.logical_not(beyond))):
        places = np.flatnonzero(slots.free[:, d])
        if slots.left[d] == 1 or len(places) == 0:
            continue
        options = ordered_factorizations(int(slots.left[d]), len(places))
        if len(table) * len(options) * table[0].size > MOST_FACTORS:
            raise InputError(
                f"{space.layer.name} on {space.hardware.name}: its map-space has "
                f"{space.size():.1e} points, too many to enumerate one by one"
            )
        table = np.repeat(table, len(options), axis=0)
        chosen = np.tile(options, (len(table) // len(options), 1))
        table[:, places, d] = slots.fixed[places, d] * chosen
        beyond[d] = False
        if not any(beyond):
            table = table[space.holds(table)]
    return table


def ordered_factorizations(number: int, parts: int) -> Ints:
    """[M, parts], all ways to write a number as an ordered product of `parts` factors."""
    table = np.ones((1, parts), np.int64)
    for prime, power in factorize(number):
        bars = itertools.combinations(range(power + parts - 1), parts - 1)
        edges = np.array([(-1, *places, power + parts - 1) for places in bars])
        powers = prime ** (np.diff(edges, axis=1) - 1)
        table = (table[:, np.newaxis] * powers[np.newaxis]).reshape(-1, parts)
    return table


def _with_all_orders(space: MapSpace, one: MappingBatch) -> MappingBatch:
    """The mapping with every loop order of the levels whose order is free."""
    size = one.order.shape[2]
    choices: list[list[tuple[int, ...]]] = []
    for level, order in enumerate(space.slots.orders):
        if order is not None:
            choices.append([order])
            continue
        moving = [d for d in range(size) if one.temporal[0, level, d] > 1]
        rest = tuple(d for d in range(size) if d not in moving)
        choices.append([(*permuted, *rest) for permuted in itertools.permutations(moving)])
    orders = np.array(list(itertools.product(*choices)), np.int8)
    batch = one[np.zeros(len(orders), np.int64)]
    batch.order[:] = orders
    return batch
