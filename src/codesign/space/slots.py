"""The slots of a map-space: the places for factors, and the factors that a dataflow pins."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.factors import DIVISORS, PADDED
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.hardware.dataflow import ALL, KINDS, Dataflow
from codesign.hardware.widths import units
from codesign.mapping.batch import MappingBatch
from codesign.space.factors import MOST_PADDED_SIZE, choices, padded_sizes
from codesign.workload.layer import Layer

SPATIAL_X, SPATIAL_Y, TEMPORAL = range(3)
UNBOUNDED = 2**62


@dataclass(frozen=True)
class Slots:
    """The slots of a layer on an accelerator under a dataflow: n slots, D dimensions, L levels.

    Slots are in order, innermost first, and within a level X, Y, temporal, as in the loop nest.

    Args:
        layer, hardware: what the slots are of.
        level, kind: [n], the level of a slot and its kind (`SPATIAL_X`, …).
        fixed: [n, D], factors that the dataflow pins; 1 elsewhere.
        free: bool [n, D], whether a factor may be put there.
        left: [D], the part of every dimension that is not pinned and goes to free slots.
        orders: for every level, its dimensions innermost first; None if the order is free.
        keep: [L], with bit w set if the level may keep dataspace w.
        optional: [L], with bit w set if a mapping chooses whether the level keeps dataspace w.
        problem: why no mapping exists, or None.
        factors: how factors cover the sizes, a name in `codesign.factors`.
    """

    layer: Layer
    hardware: Hardware
    level: NDArray[np.int64]
    kind: NDArray[np.int64]
    fixed: NDArray[np.int64]
    free: NDArray[np.bool_]
    left: NDArray[np.int64]
    orders: tuple[tuple[int, ...] | None, ...]
    keep: NDArray[np.uint8]
    optional: NDArray[np.uint8]
    problem: str | None = None
    factors: str = DIVISORS

    @cached_property
    def outermost(self) -> NDArray[np.int64]:
        """[D], for every dimension the free slot where it needs the least; -1 if none is free.

        That is the outermost temporal slot, which no fan-out bounds. If no temporal slot is free,
        it is the outermost spatial one.
        """
        last = np.full(self.free.shape[1], -1)
        for candidates in (self.free, self.free & (self.kind == TEMPORAL)[:, np.newaxis]):
            for slot, dimension in np.argwhere(candidates):
                last[dimension] = slot
        return last

    @property
    def least(self) -> NDArray[np.int64]:
        """[n, D], the factors that need the least: all that is not pinned is outermost."""
        least = self.fixed.copy()
        for d, slot in enumerate(self.outermost):
            if slot >= 0:
                least[slot, d] *= self.left[d]
        return least

    @cached_property
    def choices_to_keep(self) -> list[tuple[int, int]]:
        """The level and the dataspace of all choices between keeping and bypassing."""
        spaces = range(len(self.layer.shape.dataspaces))
        return [(s, w) for s, bits in enumerate(self.optional) for w in spaces if bits >> w & 1]

    def factors_of(self, batch: MappingBatch) -> NDArray[np.int64]:
        """[B, n, D], the factors of mappings in the slots."""
        parts = [
            batch.temporal[:, level] if kind == TEMPORAL else batch.spatial[:, level, kind]
            for level, kind in zip(self.level, self.kind, strict=True)
        ]
        return np.stack(parts, axis=1).astype(np.int64)

    def put(self, factors: NDArray[np.int64], batch: MappingBatch) -> None:
        """Writes factors [B, n, D] in the slots into a batch."""
        for slot, (level, kind) in enumerate(zip(self.level, self.kind, strict=True)):
            if kind == TEMPORAL:
                batch.temporal[:, level] = factors[:, slot]
            else:
                batch.spatial[:, level, kind] = factors[:, slot]

    def name(self, slot: int, dimension: int) -> str:
        """The name in tables of the factor of a dimension in a slot, such as `K.GlobalBuffer.X`."""
        suffix = ("", ".X", ".Y")[(self.kind[slot] + 1) % 3]
        letter = self.layer.shape.dimensions[dimension]
        return f"{letter}.{self.hardware.levels[self.level[slot]].name}{suffix}"


def build_slots(layer: Layer, hardware: Hardware, dataflow: Dataflow) -> Slots:
    """The slots of `layer` on `hardware` under `dataflow`.

    Raises:
        InputError: the dataflow names a dimension that the layer does not have, or a level
            that the hardware does not have, or a size is too large for padded factors.
    """
    if dataflow.factors != DIVISORS:
        _require_tables(layer)
    for rule in dataflow.rules:
        hardware.index(rule.level)
    places = [
        (s, kind)
        for s, fanouts in enumerate(hardware.fanouts)
        for kind in (SPATIAL_X, SPATIAL_Y, TEMPORAL)
        # A slot with a pin but a fan-out of 1 is kept here: its pin cannot be met.
        if kind == TEMPORAL
        or fanouts[kind] > 1
        or dataflow.rule(hardware.levels[s].name, KINDS[kind]).pinned
    ]
    level = np.array([s for s, _ in places])
    kind = np.array([k for _, k in places])
    shape = (len(places), len(layer.sizes))
    fixed, free = np.ones(shape, np.int64), np.ones(shape, np.bool_)
    asked: list[tuple[int, int, str]] = []
    closed = np.zeros(len(places), np.bool_)
    orders: list[tuple[int, ...] | None] = [None] * len(hardware.levels)
    for slot, (s, k) in enumerate(places):
        rule = dataflow.rule(hardware.levels[s].name, KINDS[k])
        if k != TEMPORAL and hardware.fanouts[s][k] == 1:
            free[slot] = False
        elif rule.free is not None:
            allowed = [_index(layer, name, dataflow) for name in rule.free]
            free[slot] = np.isin(np.arange(shape[1]), allowed)
        for name, pin in rule.pinned:
            d = _index(layer, name, dataflow)
            free[slot, d] = False
            if isinstance(pin, int):
                fixed[slot, d] = pin
            else:
                asked.append((slot, d, pin))
        if rule.order is not None and k == TEMPORAL:
            listed = [_index(layer, name, dataflow) for name in rule.order]
            orders[s] = (*listed, *(d for d in range(shape[1]) if d not in listed))
        closed[slot] = rule.free == () and not rule.pinned
        if closed[slot] and k == TEMPORAL:
            orders[s] = tuple(range(shape[1]))
    free[:, [d for d, size in enumerate(layer.sizes) if size == 1]] = False
    for _, d, _ in asked:
        free[:, d] = False
    slots = Slots(
        layer, hardware, level, kind, fixed, free, _left(layer, fixed), tuple(orders),
        keep_mask(layer, hardware), bypass_mask(layer, hardware), factors=dataflow.factors,
    )  # fmt: skip
    return _without_idle(_settle(slots, asked, closed))


def _require_tables(layer: Layer) -> None:
    for letter, size in zip(layer.shape.dimensions, layer.sizes, strict=True):
        if size > MOST_PADDED_SIZE:
            raise InputError(
                f"layer {layer.name}: {letter} is {size}, "
                f"expected at most {MOST_PADDED_SIZE} with padded factors"
            )


def _without_idle(slots: Slots) -> Slots:
    """The slots without spatial ones with a fan-out of 1: their factors can only be 1."""
    fanouts = np.array(slots.hardware.fanouts)
    used = [
        k == TEMPORAL or fanouts[s, k] > 1 for s, k in zip(slots.level, slots.kind, strict=True)
    ]
    per_slot = ("level", "kind", "fixed", "free")
    return replace(slots, **{name: getattr(slots, name)[used] for name in per_slot})


def _index(layer: Layer, name: str, dataflow: Dataflow) -> int:
    try:
        return layer.shape.index(name)
    except InputError as error:
        raise InputError(f"dataflow {dataflow.name}, layer {layer.name}: {error}") from None


def _left(layer: Layer, fixed: NDArray[np.int64]) -> NDArray[np.int64]:
    """[D], the part that is not pinned, rounded up."""
    return np.asarray(-(-np.array(layer.sizes, np.int64) // fixed.prod(axis=0)))


def keep_mask(layer: Layer, hardware: Hardware) -> NDArray[np.uint8]:
    """[L], with bit w set if a level may keep dataspace w."""
    return _mask(layer, hardware, lambda level, name: level.may_hold(name))


def bypass_mask(layer: Layer, hardware: Hardware) -> NDArray[np.uint8]:
    """[L], with bit w set if a level may keep or bypass dataspace w."""
    return _mask(layer, hardware, lambda level, name: name in level.may_bypass)


def bypasses(slots: Slots) -> Iterator[tuple[int, ...]]:
    """[L], what levels keep, as bits, for all choices of what they bypass; the fewest first."""
    choices = slots.choices_to_keep
    for count in range(len(choices) + 1):
        for bypassed in itertools.combinations(choices, count):
            kept = slots.keep.tolist()
            for level, w in bypassed:
                kept[level] &= ~(1 << w)
            yield tuple(kept)


def keeping(hardware: Hardware, layer: Layer, keep: Sequence[int]) -> Hardware:
    """The accelerator on which every mapping of the layer keeps `keep`, of the choices there are.

    Args:
        keep: [L], with bit w set if the level keeps dataspace w. Levels without a choice stay as
            they are.
    """
    names = layer.shape.dataspace_names
    levels = tuple(
        replace(
            level,
            keeps=frozenset(name for w, name in enumerate(names) if kept >> w & 1),
            may_bypass=frozenset(),
        )
        if level.may_bypass
        else level
        for level, kept in zip(hardware.levels, keep, strict=True)
    )
    return replace(hardware, levels=levels)


def _mask(
    layer: Layer, hardware: Hardware, holds: Callable[[StorageLevel, str], bool]
) -> NDArray[np.uint8]:
    names = layer.shape.dataspace_names
    bits = [
        sum(1 << w for w, name in enumerate(names) if level.may_hold(name) and holds(level, name))
        for level in hardware.levels
    ]
    return np.array(bits, np.uint8)


def _settle(slots: Slots, asked: list[tuple[int, int, str]], closed: NDArray[np.bool_]) -> Slots:
    """Sets factors for the pins `ALL` and `FIT` in `asked`, and `problem` if no mapping is left."""
    layer, fixed = slots.layer, slots.fixed
    letters = layer.shape.dimensions
    for slot, d, pin in sorted(asked):
        if pin == ALL:
            fixed[slot, d] = layer.sizes[d]
            continue
        further = _further_out(slots, slot, closed)
        until = None if further < 0 else int(slots.level[further]) - 1
        for factor in reversed(choices(layer.sizes[d], slots.factors)):
            fixed[slot, d] = factor
            if further >= 0:
                fixed[further, d] = -(-layer.sizes[d] // factor)
            if factor == 1 or overflow(slots, slots.fixed, until=until) is None:
                break
    for d, size in enumerate(layer.sizes):
        pinned = int(fixed[:, d].prod())
        whole = pinned == size if slots.factors == DIVISORS else pinned >= size
        fits = slots.factors != DIVISORS or size % pinned == 0
        if not fits or not (whole or slots.free[:, d].any()):
            where = f"{letters[d]} = {size} cannot be split with {pinned} of it pinned"
            return _with(slots, where)
    slots = _with(slots, None)
    return _with(slots, overflow(slots, slots.least))


def _with(slots: Slots, problem: str | None) -> Slots:
    left = _left(slots.layer, slots.fixed) if problem is None else slots.left
    return replace(slots, left=left, problem=problem)


def _further_out(slots: Slots, slot: int, closed: NDArray[np.bool_]) -> int:
    """The temporal slot of the next level outwards that is not `closed`; -1 if there is none."""
    is_further = (slots.level > slots.level[slot]) & (slots.kind == TEMPORAL) & ~closed
    return int(np.argmax(is_further)) if is_further.any() else -1


def overflow(slots: Slots, factors: NDArray[np.int64], until: int | None = None) -> str | None:
    """The innermost fan-out or capacity that factors [n, D] exceed, as a message, or None.

    Dataspaces that a level may bypass are bypassed.

    Args:
        until: the outermost level to check.
    """
    layer, hardware = slots.layer, slots.hardware
    tile = np.ones(factors.shape[1], np.int64)
    for slot, (s, kind) in enumerate(zip(slots.level, slots.kind, strict=True)):
        if until is not None and s > until:
            return None
        level = hardware.levels[s]
        tile = tile * factors[slot]
        if kind != TEMPORAL:
            used, fanout = int(factors[slot].prod()), hardware.fanouts[s][kind]
            if used > fanout:
                return f"{level.name} spreads over {used} children in {'XY'[kind]}, it has {fanout}"
            continue
        size = units(level, layer.widths)
        held = _held(layer, slots.keep[s] & ~slots.optional[s], tile, size.elements)
        if level.capacity is not None and held > level.capacity * size.word:
            has = level.capacity * size.word
            return f"{level.name} would hold {held} {size.name}, it has {has}"
    return None


def _held(layer: Layer, keep: int, tile: NDArray[np.int64], elements: tuple[int, ...]) -> int:
    sizes = tuple(int(size) for size in tile)
    spaces = zip(layer.shape.dataspaces, elements, strict=True)
    return sum(
        layer.words(space, sizes) * size for w, (space, size) in enumerate(spaces) if keep >> w & 1
    )


def products(slots: Slots) -> list[list[int]]:
    """For every dimension, the sizes to which its factors may multiply, ascending."""
    found = []
    for d, (size, left) in enumerate(zip(slots.layer.sizes, slots.left, strict=True)):
        pinned = int(slots.fixed[:, d].prod())
        if slots.factors != PADDED:
            found.append([size])
        elif left == 1:
            found.append([pinned])
        else:
            found.append([n for n in padded_sizes(size) if n % pinned == 0])
    return found


def padded_layers(
    slots: Slots, bound: Callable[[tuple[int, ...]], float]
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """All sizes to which padded factors of a layer may multiply, with their bound, least first.

    Args:
        bound: a number for sizes [D] that does not fall when a size grows.
    """
    lists = products(slots)

    def entry(place: tuple[int, ...]) -> tuple[float, tuple[int, ...], tuple[int, ...]]:
        sizes = tuple(sizes[i] for sizes, i in zip(lists, place, strict=True))
        return bound(sizes), sizes, place

    queue = [entry((0,) * len(lists))]
    seen = {queue[0][2]}
    while queue:
        least, sizes, place = heapq.heappop(queue)
        yield least, sizes
        for d, options in enumerate(lists):
            further = (*place[:d], place[d] + 1, *place[d + 1 :])
            if further[d] < len(options) and further not in seen:
                seen.add(further)
                heapq.heappush(queue, entry(further))
