"""Tasks whose mappings are those of several plain tasks: padded factors, and bypasses.

A mapping with padded factors is a mapping of a larger layer. A mapping that bypasses a level is a
mapping on an accelerator whose level may not keep the dataspace. So a task with such freedoms is a
union of plain tasks, its variants. A variant whose bound (`branch.energy_floor`, and all PEs busy)
is not below the incumbent is dropped; the others are explored, each with the incumbent of all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from codesign.search.exact.branch import (
    BranchOutcome,
    Explored,
    branch,
    energy_floor,
    least_cycles,
    least_pes,
)
from codesign.search.exact.explore import Explorer
from codesign.search.exact.facts import Facts
from codesign.search.exact.goal import bounded
from codesign.search.exact.spatial import all_splits
from codesign.space.filling import filled
from codesign.space.slots import bypasses, padded_layers


def explore_variants(explorer: Explorer) -> BranchOutcome:
    """Explores all variants of an explorer's task, and updates its incumbent."""
    facts = explorer.facts
    if facts.slots.optional.any():
        return _join(explorer, _bypassing(explorer))
    return _join(explorer, _padded(explorer)) if facts.space.is_padded else branch(explorer)


def _bypassing(explorer: Explorer) -> Iterator[BranchOutcome]:
    task, slots = explorer.facts.task, explorer.facts.slots
    for kept in bypasses(slots):
        variant = task.keeping(kept)
        if variant.problem is not None:
            continue
        facts = Facts(variant)
        bound = float(
            bounded(
                facts.goal(explorer.incumbent.goal),
                np.array(energy_floor(facts)),
                np.array(least_cycles(facts)),
            )
        )
        if bound >= explorer.incumbent.limit:
            continue
        if explorer.is_over:
            yield BranchOutcome(bound, 0, 0, None, {})
        elif facts.boundaries.levels.size == 0 and not facts.space.is_padded:
            yield _price_splits(explorer, facts, bound)
        else:
            yield _explore(explorer, facts)


def _padded(explorer: Explorer) -> Iterator[BranchOutcome]:
    incumbent, facts = explorer.incumbent, explorer.facts
    goal, pes = facts.goal(incumbent.goal), facts.space.hardware.pes
    fans = tuple(fan for pair in facts.space.hardware.fanouts for fan in pair if fan > 1)

    def bound(sizes: tuple[int, ...], busy: int = pes) -> float:
        cycles = np.array(math.prod(sizes) / busy)
        return float(bounded(goal, np.array(energy_floor(facts, sizes)), cycles))

    is_bare = facts.boundaries.levels.size == 0
    for least, sizes in padded_layers(facts.slots, bound):
        if least >= incumbent.limit:
            return
        if explorer.is_over:
            yield BranchOutcome(least, 0, 0, None, {})
            return
        if bound(sizes, filled(sizes, fans)) >= incumbent.limit:
            continue
        larger = facts.task.padded(sizes)
        if larger.problem is None and is_bare:
            yield _price_splits(explorer, Facts(larger), least)
        elif larger.problem is None:
            yield _explore(explorer, Facts(larger))


def _explore(explorer: Explorer, facts: Facts) -> BranchOutcome:
    """Explores a variant with the incumbent of all, which it updates."""
    other = explorer.of(facts)
    outcome = explore_variants(other)
    explorer.take(other)
    return outcome


def _price_splits(explorer: Explorer, facts: Facts, bound: float) -> BranchOutcome:
    """Prices one mapping per spatial split of a variant of which only the outermost level keeps
    anything. All others with this split cost the same: every step asks that level for its words.

    Args:
        bound: a lower bound on the objective, for the case that there are too many splits.
    """
    incumbent = explorer.incumbent
    try:
        split, axes = all_splits(facts, least_pes(facts, incumbent.goal, incumbent.limit))
    except MemoryError:
        return BranchOutcome(bound, 0, 0, None, {})
    batch = facts.space.blank(len(split))
    batch.temporal[:] = facts.pins.fixed
    left = facts.sizes // split.prod(axis=1) // facts.pins.fixed.prod(axis=0)
    free = facts.pins.free
    place = len(free) - 1 - np.argmax(free[::-1], axis=0)
    for d in range(len(facts.sizes)):
        batch.temporal[:, place[d], d] *= left[:, d].astype(np.int32)
    for level, factors in enumerate(axes):
        batch.spatial[:, level] = factors
    explorer.incumbent.consider(batch)
    count = len(split)
    explored = Explored(split, np.tile(facts.sizes, (count, 1)), np.tile(facts.keep, (count, 1)))
    return BranchOutcome(incumbent.value, count, 0, explored, {})


def _join(explorer: Explorer, outcomes: Iterator[BranchOutcome]) -> BranchOutcome:
    """The outcome for all variants."""
    facts = explorer.facts
    levels, size = len(facts.keep), len(facts.sizes)
    shapes = (0, levels, size), (0, size), (0, levels)
    listed: list[Explored] = [Explored(*(np.empty(shape, np.int64) for shape in shapes))]
    lower, splits, pruned, is_listed = math.inf, 0, 0, True
    for outcome in outcomes:
        lower = min(lower, outcome.lower_bound)
        splits, pruned = splits + outcome.splits, pruned + outcome.pruned
        if outcome.explored is None:
            is_listed = False
        else:
            listed.append(outcome.explored)
    explored = Explored._make(map(np.concatenate, zip(*listed, strict=True)))
    return BranchOutcome(
        min(lower, explorer.incumbent.value),
        splits,
        pruned,
        explored if is_listed else None,
        explorer.counts,
    )
