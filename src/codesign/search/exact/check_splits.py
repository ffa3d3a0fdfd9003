"""What `check` goes through: variants, and spatial splits with all sizes that they divide."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

from codesign.errors import InputError
from codesign.factors import PADDED
from codesign.search.exact.check_bounds import Sizes, Split, SplitBounder
from codesign.search.task import MappingTask
from codesign.space.slots import TEMPORAL, Slots

Keep = tuple[int, ...]
"""For every level, the dataspaces that it keeps, as bits."""

Variant = tuple[Sizes, Keep]
"""Mappings with these products of factors that keep these dataspaces."""

ROUNDING = 1e-11
"""Bounds below the optimum by up to this share count as equal; rounding of sums is smaller."""

MOST_SPLITS = 10**6


def keeps(slots: Slots) -> Iterator[Keep]:
    """What levels may keep: all that they may, without any of what they may bypass."""
    choices = []
    for keep, optional in zip(slots.keep.tolist(), slots.optional.tolist(), strict=True):
        choices.append([keep & ~out for out in range(optional + 1) if out & ~optional == 0])
    yield from itertools.product(*choices)


def products(task: MappingTask, slots: Slots) -> list[list[int]]:
    """What the factors of every dimension may multiply to, ascending.

    Divisors multiply to the layer's size. Padded factors can multiply to a larger number n if its
    prime factors, none of which could be smaller, do. A dimension that the dataflow pins has one
    product.
    """
    layer = task.layer
    if task.dataflow.factors != PADDED:
        return [[size] for size in layer.sizes]
    options = []
    for d, size in enumerate(layer.sizes):
        pinned = math.prod(int(row[d]) for row in slots.fixed)
        is_pinned = pinned >= size or not slots.free[:, d].any()
        options.append([pinned] if is_pinned else [n for n in _padded(size) if n % pinned == 0])
    return options


def sizes_below(
    task: MappingTask, options: list[list[int]], goal: float, limit: float
) -> Iterator[Sizes]:
    """The choices of one product per dimension whose mappings may cost less than `limit`.

    Costs grow with every size, so if one is too large, all larger ones are.
    """
    bounder = SplitBounder(task)

    def further(chosen: Sizes) -> Iterator[Sizes]:
        if len(chosen) == len(options):
            yield chosen
            return
        for n in options[len(chosen)]:
            least = (*chosen, n, *(sizes[0] for sizes in options[len(chosen) + 1 :]))
            if combine(goal, *bounder.floor(least)) >= limit * (1 - ROUNDING):
                return
            yield from further((*chosen, n))

    yield from further(())


def _padded(size: int) -> list[int]:
    found = [size]
    for n in range(size + 1, 2 * size):
        rest, primes, p = n, [], 2
        while rest > 1:
            p = p if p * p <= rest else rest
            if rest % p:
                p += 1
                continue
            primes.append(p)
            rest //= p
        if all((p - 1) * (n // p) < size for p in primes):
            found.append(n)
    return found


def combine(goal: float, energy_pj: float, cycles: float) -> float:
    """The objective for `goal`, a number of `goal.goal_of`."""
    if goal < 0:
        return energy_pj * cycles
    return cycles if goal == math.inf else energy_pj + goal * cycles


def divided(options: list[int], factor: int) -> int | None:
    """The least of ascending sizes that a factor divides; None if there is none."""
    return next((n for n in options if n % factor == 0), None)


class SplitList:
    """The spatial splits of a map-space.

    Args:
        slots: the map-space.
        options: for every dimension, what its factors may multiply to (`products`).
    """

    def __init__(self, slots: Slots, options: list[list[int]]) -> None:
        self.slots, self.options = slots, options
        self.pinned = [
            math.prod(int(slots.fixed[i, d]) for i, k in enumerate(slots.kind) if k == TEMPORAL)
            for d in range(len(options))
        ]
        self.spatial = [i for i, kind in enumerate(slots.kind) if kind != TEMPORAL]
        self.choices = [list(self._choices(slot)) for slot in self.spatial]
        self.known: dict[tuple[int, int], int | None] = {}

    def _choices(self, slot: int) -> Iterator[tuple[int, ...]]:
        slots = self.slots
        fanout = slots.hardware.fanouts[slots.level[slot]][slots.kind[slot]]
        factors = []
        for sizes, fixed, free in zip(
            self.options, slots.fixed[slot], slots.free[slot], strict=True
        ):
            some = [f for f in range(1, fanout + 1) if f % fixed == 0 and divided(sizes, f)]
            factors.append(some if free else [int(fixed)])
        yield from _products_up_to(fanout, factors)

    def least(self, used: Sequence[int]) -> Sizes | None:
        """The least sizes that spatial factors divide, one for every dimension."""
        found = []
        for d, factor in enumerate(used):
            if (d, factor) not in self.known:
                self.known[d, factor] = divided(self.options[d], factor * self.pinned[d])
            size = self.known[d, factor]
            if size is None:
                return None
            found.append(size)
        return tuple(found)

    def has(self, split: Split, sizes: Sizes) -> bool:
        """Whether a split is one of the map-space, with factors that multiply to these sizes."""
        used = [math.prod(column) for column in zip(*split, strict=True)]
        if any(n % (u * p) for n, u, p in zip(sizes, used, self.pinned, strict=True)):
            return False
        for level, row in enumerate(split):
            rows = {(1,) * len(row)}
            for slot, choices in zip(self.spatial, self.choices, strict=True):
                if self.slots.level[slot] == level:
                    rows = {
                        tuple(map(math.prod, zip(some, choice, strict=True)))
                        for some in rows
                        for choice in choices
                        if all(n % (a * b) == 0 for n, a, b in zip(row, some, choice, strict=True))
                    }
            if row not in rows:
                return False
        return True

    def all(self, may_pay: Callable[[Sizes, int], bool] | None = None) -> set[Split]:
        """All splits.

        Args:
            may_pay: from least sizes and the most PEs that are busy, whether the objective may be
                below a claim. It must not become true when sizes grow or PEs get fewer.

        Raises:
            InputError: there are too many to list.
        """
        levels = len(self.slots.hardware.levels)
        found: set[Split] = {((1,) * len(self.options),) * levels}
        for place, (slot, choices) in enumerate(zip(self.spatial, self.choices, strict=True)):
            level = int(self.slots.level[slot])
            further = math.prod(
                max(map(math.prod, later), default=1) for later in self.choices[place + 1 :]
            )
            grown = set()
            for split in found:
                used = [math.prod(column) for column in zip(*split, strict=True)]
                for choice in choices:
                    both = [u * f for u, f in zip(used, choice, strict=True)]
                    sizes = self.least(both)
                    if sizes is None:
                        continue
                    if may_pay is not None and not may_pay(sizes, math.prod(both) * further):
                        continue
                    row = tuple(a * b for a, b in zip(split[level], choice, strict=True))
                    grown.add((*split[:level], row, *split[level + 1 :]))
            found = grown
            if len(found) > MOST_SPLITS:
                raise InputError(f"{self.slots.layer.name}: too many spatial splits to be checked")
        return found


def _products_up_to(most: int, options: list[list[int]]) -> Iterator[tuple[int, ...]]:
    """All choices of one factor from every list with a product of at most `most`."""
    if not options:
        yield ()
        return
    for factor in options[0]:
        if factor <= most:
            for rest in _products_up_to(most // factor, options[1:]):
                yield (factor, *rest)


def has_room(slots: Slots, split: Split, sizes: Sizes) -> bool:
    """Whether the smallest tiles of a split fit, with all other factors in the outermost loops.

    Args:
        sizes: what the factors multiply to.
    """
    layer, hardware = slots.layer, slots.hardware
    temporal = [i for i, kind in enumerate(slots.kind) if kind == TEMPORAL]
    loops = [[int(f) for f in slots.fixed[i]] for i in temporal]
    for d, size in enumerate(sizes):
        placed = math.prod(row[d] for row in split) * math.prod(row[d] for row in loops)
        free = [n for n, i in enumerate(temporal) if slots.free[i, d]]
        if free:
            loops[free[-1]][d] *= size // placed
        elif placed != size:
            return False
    tile = dict.fromkeys(layer.shape.dimensions, 1)
    for level, row, loop in zip(hardware.levels, split, loops, strict=True):
        for d, letter in enumerate(layer.shape.dimensions):
            tile[letter] *= row[d] * loop[d]
        held_bits = sum(
            (width or level.word_bits)
            * math.prod(
                1 + sum((tile[name] - 1) * layer.coefficient(c) for name, c in axis.terms)
                for axis in space.axes
            )
            for space, width in zip(layer.shape.dataspaces, layer.widths, strict=True)
            if level.may_hold(space.name)
        )
        if level.capacity is not None and held_bits > level.capacity * level.word_bits:
            return False
    return True
