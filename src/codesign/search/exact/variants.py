"""Tasks whose mappings are those of several tasks: bypasses, and pins that depend on the sizes.

A mapping that bypasses a level is a mapping on an accelerator whose level does not keep the
dataspace. So a task with such freedoms is a union of tasks without a choice, its variants. They are
searched together, always on where the bound is least. Padded factors need no variants: a branch
goes through all sizes. But the pins `all` and `fit` of a dataflow depend on the sizes, and with
them every choice of sizes is a variant.
"""

from __future__ import annotations

from collections.abc import Iterator

from codesign.search.exact.branch import Branch, BranchOutcome, search
from codesign.search.exact.explore import Explorer
from codesign.search.exact.facts import Facts
from codesign.search.exact.floors import Floors
from codesign.space.slots import bypasses, padded_layers

_FIRST_SHARE = 0.25
"""The share of the budget for mappings without padding."""


def explore_variants(explorer: Explorer) -> BranchOutcome:
    """Explores all variants of an explorer's task, and updates its incumbent.

    The best mapping without padding comes first, within a share of the budget: it is found fast,
    and it is a good cut-off for all larger sizes.
    """
    task = explorer.facts.task
    if explorer.facts.space.is_padded:
        whole = task.padded(task.layer.sizes)
        if whole.problem is None:
            plain = explorer.of(Facts(whole), _FIRST_SHARE)
            search(list(_branches(plain)), plain)
            explorer.take(plain)
    return search(list(_branches(explorer)), explorer)


def _branches(explorer: Explorer) -> Iterator[Branch]:
    facts = explorer.facts
    if not facts.slots.optional.any():
        yield from _sized(explorer)
        return
    for kept in bypasses(facts.slots):
        variant = facts.task.keeping(kept)
        if variant.problem is None:
            yield from _sized(explorer.of(Facts(variant)))


def _sized(explorer: Explorer) -> Iterator[Branch]:
    facts = explorer.facts
    if not facts.space.is_padded or not facts.space.dataflow.pins_sizes:
        yield Branch(explorer)
        return
    floors, limit = Floors(facts, explorer.incumbent.goal), explorer.incumbent.limit
    for least, sizes in padded_layers(facts.slots, floors.at):
        if least >= limit:
            return
        larger = facts.task.padded(sizes)
        if larger.problem is None:
            yield Branch(explorer.of(Facts(larger)))
