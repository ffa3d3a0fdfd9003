"""Checks a certificate of the exact mapper, by plain code that is independent of the search.

This code computes again, directly from `docs/cost-model.md`, all spatial splits of the map-space,
and for every split a lower bound on the cost of its mappings. The certificate must name every split
with a bound below the optimum that it claims, because only the search can have settled these. How
the search explored them is not checked; their number is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.mapping import Mapping, MappingBatch
from codesign.search.exact.check_splits import (
    ROUNDING,
    Split,
    SplitBounder,
    Variant,
    combine,
    has_room,
    keeps,
    products,
    sizes_below,
    splits,
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
    listed = set(claim.explored)
    for keep in kept:
        some = task.keeping(keep)
        listed |= {(n, keep) for n in sizes_below(some, options, goal, claim.lower_bound)}
    counts = {"splits": 0, "empty": 0, "bounded": 0, "explored": 0}
    for sizes, keep in sorted(listed):
        explored = claim.explored.get((sizes, keep), frozenset())
        variant = task.padded(sizes).keeping(keep)
        for kind, count in _check_splits(variant, explored, goal, claim).items():
            counts[kind] += count
    return Checked(**counts, variants=len(listed))


def _check_splits(
    task: MappingTask, explored: frozenset[Split], goal: float, claim: LayerClaim
) -> dict[str, int]:
    """Checks that every split is explored, or cannot be better than the claim; counts them."""
    name = task.layer.name
    slots = build_slots(task.layer, task.hardware, task.dataflow)
    listed = set(splits(slots)) if slots.problem is None else set()
    if explored - listed:
        raise InputError(f"{name}: the search claims a spatial split that its map-space lacks")
    counts = {"splits": len(listed), "empty": 0, "bounded": 0, "explored": len(explored)}
    bounder = SplitBounder(task)
    for split in listed - explored:
        bound = combine(goal, *bounder.bounds(split))
        if bound >= claim.lower_bound * (1 - ROUNDING):
            counts["bounded"] += 1
        elif not has_room(slots, split):
            counts["empty"] += 1
        else:
            raise InputError(
                f"{name}: a spatial split that the search did not explore may cost {bound:.9g}, "
                f"which is below the lower bound {claim.lower_bound:.9g}"
            )
    return counts


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
