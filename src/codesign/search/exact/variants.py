"""Tasks whose mappings are those of several plain tasks: padded factors, and bypasses.

A mapping with padded factors is a mapping of a larger layer. A mapping that bypasses a level is a
mapping on an accelerator whose level may not keep the dataspace. So a task with such freedoms is a
union of plain tasks, its variants. A variant whose bound (`branch.floor`) is not
below the incumbent is dropped; the others are explored, each with the incumbent of all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from codesign.search.exact.branch import BranchOutcome, Explored, branch, floor, price_splits
from codesign.search.exact.explore import Explorer
from codesign.search.exact.facts import Facts
from codesign.space.filling import filled
from codesign.space.slots import bypasses, padded_layers


def explore_variants(explorer: Explorer) -> BranchOutcome:
    """Explores all variants of an explorer's task, and updates its incumbent."""
    facts = explorer.facts
    if facts.slots.optional.any():
        return _join(explorer, _bypassing(explorer))
    if facts.space.is_padded:
        return _join(explorer, _padded(explorer))
    return branch(explorer) if len(facts.boundaries.levels) else price_splits(explorer)


def _bypassing(explorer: Explorer) -> Iterator[BranchOutcome]:
    task, slots, incumbent = explorer.facts.task, explorer.facts.slots, explorer.incumbent
    for kept in bypasses(slots):
        variant = task.keeping(kept)
        if variant.problem is not None:
            continue
        facts = Facts(variant)
        least = floor(facts, incumbent.goal)
        if least >= incumbent.limit:
            continue
        if explorer.is_over:
            yield BranchOutcome(least, 0, 0, None, {})
        else:
            yield _explore(explorer, facts)


def _padded(explorer: Explorer) -> Iterator[BranchOutcome]:
    incumbent, facts = explorer.incumbent, explorer.facts
    fans = tuple(fan for pair in facts.space.hardware.fanouts for fan in pair if fan > 1)

    def bound(sizes: tuple[int, ...]) -> float:
        return floor(facts, incumbent.goal, sizes)

    for least, sizes in padded_layers(facts.slots, bound):
        if least >= incumbent.limit:
            return
        if explorer.is_over:
            yield BranchOutcome(least, 0, 0, None, {})
            return
        if floor(facts, incumbent.goal, sizes, filled(sizes, fans)) >= incumbent.limit:
            continue
        larger = facts.task.padded(sizes)
        if larger.problem is None:
            yield _explore(explorer, Facts(larger))


def _explore(explorer: Explorer, facts: Facts) -> BranchOutcome:
    """Explores a variant with the incumbent of all, which it updates."""
    other = explorer.of(facts)
    outcome = explore_variants(other)
    explorer.take(other)
    return outcome


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
