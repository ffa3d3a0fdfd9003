"""Checks a certificate of the exact mapper, by plain code that is independent of the search.

This code computes again, directly from `docs/cost-model.md`, all spatial splits of the map-space,
and for every split a lower bound on the cost of its mappings. The certificate must name every split
with a bound below the optimum that it claims, because only the search can have settled these. How
the search explored them is not checked; their number is reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.factors import PADDED
from codesign.mapping import Mapping, MappingBatch
from codesign.search.exact.check_bounds import Sizes, Split, SplitBounder
from codesign.search.exact.check_couplings import CouplingBounder
from codesign.search.exact.check_splits import (
    ROUNDING,
    SplitList,
    Variant,
    combine,
    has_room,
    keeps,
    products,
    sizes_below,
)
from codesign.search.exact.goal import goal_of
from codesign.search.task import MappingTask
from codesign.space.slots import TEMPORAL, build_slots


@dataclass(frozen=True)
class LayerClaim:
    """The claim of a certificate about a layer.

    Args:
        mapping: the best mapping.
        objective: a name in `goal.GOALS`, or the value of a cycle in pJ.
        value: the objective of the mapping.
        lower_bound: the lower bound on the objective of all mappings.
        explored: the splits that the search explored, by variant: by what the factors multiply to,
            and what the levels keep.
    """

    mapping: Mapping
    objective: str | float
    value: float
    lower_bound: float
    explored: dict[Variant, frozenset[Split]]


@dataclass(frozen=True)
class Checked:
    """The counts of a checked claim.

    Args:
        splits: all spatial splits.
        empty: those for which no tile fits.
        bounded: those whose bound is not below the claim.
        explored: those that only the search has settled.
        variants: variants with splits; more than 1 only with padded factors or bypasses.
    """

    splits: int
    empty: int
    bounded: int
    explored: int
    variants: int = 1


def check_layer(task: MappingTask, claim: LayerClaim) -> Checked:
    """Checks a claim about a layer.

    Raises:
        InputError: the claim is wrong. The message says where.
    """
    name, goal = task.layer.name, goal_of(claim.objective)
    slots = build_slots(task.layer, task.hardware, task.dataflow)
    options, kept = products(task, slots), list(keeps(slots))
    batch = MappingBatch.of(task.layer.shape, [claim.mapping])
    own = claim.mapping.padded(task.layer).sizes, tuple(batch.keep[0].tolist())
    for sizes, keep in (own, *claim.explored):
        if not all(n in known for n, known in zip(sizes, options, strict=True)):
            raise InputError(f"{name}: factors multiply to {sizes}, which its map-space lacks")
        if keep not in kept:
            raise InputError(f"{name}: levels keep {keep}, which its map-space lacks")
    _check_mapping(task.padded(own[0]).keeping(own[1]), claim, goal)
    counts, variants = dict.fromkeys(("splits", "empty", "bounded", "explored"), 0), set()
    for keep in kept:
        some = task.keeping(keep)
        explored = {n: splits for (n, held), splits in claim.explored.items() if held == keep}
        tasks = [(some, options, explored)]
        if some.dataflow.factors == PADDED and some.dataflow.pins_sizes:
            listed = {*explored, *sizes_below(some, options, goal, claim.lower_bound)}
            tasks = [
                (some.padded(n), [[size] for size in n], {n: explored.get(n, frozenset())})
                for n in sorted(listed)
            ]
        for each, products_of, splits in tasks:
            checker = _Checker(each, products_of, splits, goal, claim.lower_bound)
            checker.run()
            variants |= {(n, keep) for n in checker.sizes}
            for kind, count in checker.counts.items():
                counts[kind] += count
    return Checked(**counts, variants=len(variants))


class _Checker:
    """Checks that every split of a task, with all sizes that it divides, is explored or cannot be
    better than the claim; counts them.

    Args:
        options: for every dimension, what its factors may multiply to.
        explored: the splits that the search explored, by sizes.
        least: the lower bound that is claimed.

    Attributes:
        counts: as in `Checked`.
        sizes: all sizes that came up.
    """

    def __init__(
        self,
        task: MappingTask,
        options: list[list[int]],
        explored: dict[Sizes, frozenset[Split]],
        goal: float,
        least: float,
    ) -> None:
        self.task, self.explored, self.goal, self.least = task, explored, goal, least
        self.slots = build_slots(task.layer, task.hardware, task.dataflow)
        self.list, self.bounder = SplitList(self.slots, options), SplitBounder(task)
        self.couplings = CouplingBounder(self.bounder, goal)
        self.is_padded = task.dataflow.factors == PADDED
        self.counts = {"splits": 0, "empty": 0, "bounded": 0, "explored": 0}
        self.sizes: set[Sizes] = set()

    def run(self) -> None:
        """Goes through all splits.

        Raises:
            InputError: a split is missing, or the map-space lacks it.
        """
        name, is_possible = self.task.layer.name, self.slots.problem is None
        for sizes, splits in self.explored.items():
            if not all(is_possible and self.list.has(split, sizes) for split in splits):
                raise InputError(
                    f"{name}: the search claims a spatial split that its map-space lacks"
                )
        if not is_possible:
            return
        is_plain = all(len(sizes) == 1 for sizes in self.list.options)
        for split in self.list.all(None if is_plain else self._may_pay):
            used = [math.prod(column) for column in zip(*split, strict=True)]
            least = self.list.least(used)
            if least is not None:
                options = [
                    [n for n in some if n % (u * p) == 0]
                    for some, u, p in zip(self.list.options, used, self.list.pinned, strict=True)
                ]
                waiting = [(least, 0)]
                while waiting:
                    waiting.extend(self._settle(split, *waiting.pop(), options))

    def _may_pay(self, sizes: Sizes, pes: int) -> bool:
        return not self._is_above(self.bounder.floor(sizes, min(pes, self.task.hardware.pes)))

    def _is_above(self, costs: tuple[float, float]) -> bool:
        return combine(self.goal, *costs) >= self.least * (1 - ROUNDING)

    def _is_coupled(self, split: Split, sizes: Sizes, is_exact: bool) -> bool:
        """Whether the bounds that couple levels, of padded factors, are not below the claim."""
        least = self.least * (1 - ROUNDING)
        return self.is_padded and self.couplings.is_above(split, sizes, is_exact, least)

    def _settle(
        self, split: Split, sizes: Sizes, first: int, options: list[list[int]]
    ) -> list[tuple[Sizes, int]]:
        """Settles these sizes. Returns the next larger ones that are not settled with them, in a
        dimension from `first` on, each with the dimension."""
        counts, bounder = self.counts, self.bounder
        self.sizes.add(sizes)
        counts["splits"] += 1
        is_explored = split in self.explored.get(sizes, ())
        is_last = all(sizes[d] == options[d][-1] for d in range(first, len(sizes)))
        counts["explored"] += is_explored
        if self._is_above(bounder.bounds(split, sizes)):
            counts["bounded"] += not is_explored
            return []
        if self._is_coupled(split, sizes, is_exact=False):
            counts["bounded"] += not is_explored
            return []
        if not is_explored:
            if self._is_above(bounder.tight(split, sizes)):
                counts["bounded"] += 1
            elif not has_room(self.slots, split, sizes):
                counts["empty"] += 1
            elif self._is_coupled(split, sizes, is_exact=True):
                counts["bounded"] += 1
            else:
                bound = combine(self.goal, *bounder.bounds(split, sizes))
                raise InputError(
                    f"{self.task.layer.name}: a spatial split that the search did not explore may "
                    f"cost {bound:.9g}, which is below the lower bound {self.least:.9g}"
                )
        if is_last:
            return []
        larger = []
        for d in range(first, len(sizes)):
            at = options[d].index(sizes[d])
            if at + 1 < len(options[d]):
                larger.append(((*sizes[:d], options[d][at + 1], *sizes[d + 1 :]), d))
        return larger


def _check_mapping(task: MappingTask, claim: LayerClaim, goal: float) -> None:
    """Checks that the mapping is in the map-space, has the claimed cost, and meets the bound."""
    name = task.layer.name
    slots = build_slots(task.layer, task.hardware, task.dataflow)
    batch = MappingBatch.of(task.layer.shape, [claim.mapping])
    for slot, (level, kind) in enumerate(zip(slots.level, slots.kind, strict=True)):
        table = batch.temporal[0, level] if kind == TEMPORAL else batch.spatial[0, level, kind]
        for d, factor in enumerate(table):
            fixed = int(slots.fixed[slot, d])
            if int(factor) != fixed and not slots.free[slot, d]:
                raise InputError(
                    f"{name}: the dataflow {task.dataflow.name} requires a factor {fixed} of "
                    f"{slots.name(slot, d)}, the mapping has {int(factor)}"
                )
    costs = Evaluator(task.layer, task.hardware, task.technology, task.accounting).price(batch)
    if not costs.valid[0]:
        raise InputError(f"{name}: the mapping does not fit the accelerator")
    value = combine(goal, float(costs.energy_pj[0]), float(costs.cycles[0]))
    if value != claim.value:
        raise InputError(
            f"{name}: the mapping costs {value!r}, the certificate says {claim.value!r}"
        )
    if not claim.lower_bound <= claim.value:
        raise InputError(
            f"{name}: the lower bound {claim.lower_bound!r} is above the mapping's {claim.value!r}"
        )
