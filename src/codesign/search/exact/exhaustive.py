"""The optimal mapping by pricing every mapping there is.

Right beyond doubt, and fast where a dataflow leaves little open: a row-stationary map-space has
some ten thousand points. For free map-spaces it is the yardstick of small cases.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from codesign.cost import Evaluator
from codesign.cost.tables import Ints
from codesign.errors import InputError
from codesign.mapping import MappingBatch
from codesign.search.exact.goal import Objective, goal_of, priced
from codesign.search.task import MappingTask
from codesign.space.mapping_space import MapSpace, factorize
from codesign.space.slots import TEMPORAL

MOST_FACTORS = 10**8
"""Size of the table of factors, which bounds the memory it takes to a few gigabytes."""

_CHUNK = 65536


@dataclass(frozen=True)
class Certificate:
    """What a proof rests on.

    Args:
        verdict: `optimal`, or `bound` when the search stopped early.
        objective: what was minimised.
        lower_bound: no mapping of the space has less of it.
        priced: mappings priced by the cost model.
        covered: mappings of the space that these stand for.
    """

    verdict: str
    objective: str
    lower_bound: float
    priced: int
    covered: float


@dataclass(frozen=True)
class ExactResult:
    """The best mapping as a batch of one, and the proof that it is."""

    best: MappingBatch
    certificate: Certificate


def exhaust(task: MappingTask, objective: Objective = "edp") -> ExactResult:
    """The optimal mapping of a task, the first of equals.

    Raises:
        InputError: nothing fits, the space is too large to enumerate, or an unknown objective.
    """
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
            f"{task.layer.name} on {task.hardware.name}: no mapping fits and fills the "
            "buffers as far as their least utilization asks"
        )
    return ExactResult(best, Certificate("optimal", str(objective), least, count, space.size()))


def enumerate_mappings(space: MapSpace) -> Iterator[MappingBatch]:
    """All feasible mappings of a space in batches, each once.

    Mappings that differ in the place of loops of factor 1 are the same mapping.

    Raises:
        InputError: the space is too large.
    """
    factors = _feasible_factors(space)
    slots = space.slots
    for start in range(0, len(factors), _CHUNK):
        rows = factors[start : start + _CHUNK]
        batch = space.blank(len(rows))
        for slot, (level, kind) in enumerate(zip(slots.level, slots.kind, strict=True)):
            if kind == TEMPORAL:
                batch.temporal[:, level] = rows[:, slot]
            else:
                batch.spatial[:, level, kind] = rows[:, slot]
        for level, order in enumerate(slots.orders):
            if order is not None:
                batch.order[:, level] = order
        if any(order is None for order in slots.orders):
            for row in range(len(rows)):
                yield _with_all_orders(space, batch[row : row + 1])
        else:
            yield batch


def _feasible_factors(space: MapSpace) -> Ints:
    """[M, n, D], all factorisations that break no fanout and no capacity.

    Dimensions join one by one, and what does not fit with the later ones at their least is
    dropped on the way.
    """
    slots = space.slots
    least = slots.fixed.copy()
    for d, slot in enumerate(slots.outermost):
        if slot >= 0:
            least[slot, d] *= slots.left[d]
    table = least[np.newaxis]
    # A dimension that may also spread out beyond that slot is not at its least there: such come
    # first, and nothing is dropped before they have all joined.
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
    """[M, parts], every way to write a number as an ordered product."""
    table = np.ones((1, parts), np.int64)
    for prime, power in factorize(number):
        bars = itertools.combinations(range(power + parts - 1), parts - 1)
        edges = np.array([(-1, *places, power + parts - 1) for places in bars])
        powers = prime ** (np.diff(edges, axis=1) - 1)
        table = (table[:, np.newaxis] * powers[np.newaxis]).reshape(-1, parts)
    return table


def _with_all_orders(space: MapSpace, one: MappingBatch) -> MappingBatch:
    """A mapping under every loop order of the levels whose order is free."""
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
