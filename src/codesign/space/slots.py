"""The slots of a map-space: where a mapping may put factors, and what a dataflow pins there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import ALL, KINDS, Dataflow
from codesign.workload.layer import Layer

SPATIAL_X, SPATIAL_Y, TEMPORAL = range(3)
UNBOUNDED = 2**62


@cache
def divisors(number: int) -> tuple[int, ...]:
    """The divisors of a positive number, ascending."""
    small = [d for d in range(1, int(number**0.5) + 1) if number % d == 0]
    return tuple(sorted({*small, *(number // d for d in small)}))


@dataclass(frozen=True)
class Slots:
    """The slots of a layer on an accelerator under a dataflow; n slots, D dimensions, L levels.

    Slots stand innermost first, and within a level as the loop nest has them: X, Y, temporal.

    Args:
        level, kind: [n], the level of a slot and its kind (`SPATIAL_X`, …).
        fixed: [n, D], factors that the dataflow pins; 1 elsewhere.
        free: bool [n, D], where factors may go.
        left: [D], what of every dimension is not pinned and goes to free slots.
        orders: for every level, its dimensions innermost first; None where the order is free.
        keep: [L], bit w set where the level holds dataspace w.
        problem: why no mapping exists, or None.
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
    problem: str | None = None

    @cached_property
    def outermost(self) -> NDArray[np.int64]:
        """[D], for every dimension the free slot where it needs least, -1 without one.

        That is the outermost temporal one, which no fanout bounds; only without any, the
        outermost of all.
        """
        last = np.full(self.free.shape[1], -1)
        for candidates in (self.free, self.free & (self.kind == TEMPORAL)[:, np.newaxis]):
            for slot, dimension in np.argwhere(candidates):
                last[dimension] = slot
        return last

    def name(self, slot: int, dimension: int) -> str:
        """How the factor of a dimension in a slot is called in tables, as `K.GlobalBuffer.X`."""
        suffix = ("", ".X", ".Y")[(self.kind[slot] + 1) % 3]
        letter = self.layer.shape.dimensions[dimension]
        return f"{letter}.{self.hardware.levels[self.level[slot]].name}{suffix}"


def build_slots(layer: Layer, hardware: Hardware, dataflow: Dataflow) -> Slots:
    """The slots of `layer` on `hardware` under `dataflow`.

    Raises:
        InputError: the dataflow names a dimension that the layer does not have, or a level
            that the hardware does not have.
    """
    for rule in dataflow.rules:
        hardware.index(rule.level)
    places = [
        (s, kind)
        for s, fanouts in enumerate(hardware.fanouts)
        for kind in (SPATIAL_X, SPATIAL_Y, TEMPORAL)
        # A pin counts even where there is nothing to spread over: it cannot be met there.
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
        keep_mask(layer, hardware),
    )  # fmt: skip
    return _without_idle(_settle(slots, asked, closed))


def _without_idle(slots: Slots) -> Slots:
    """The slots without those that spread over a single child: all they can hold is 1."""
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
    return np.array(layer.sizes, np.int64) // fixed.prod(axis=0)


def keep_mask(layer: Layer, hardware: Hardware) -> NDArray[np.uint8]:
    """[L], bit w set where a level may, and in these spaces does, hold dataspace w."""
    return np.array(
        [
            sum(
                1 << w
                for w, name in enumerate(layer.shape.dataspace_names)
                if level.keeps is None or name in level.keeps
            )
            for level in hardware.levels
        ],
        np.uint8,
    )


def _settle(slots: Slots, asked: list[tuple[int, int, str]], closed: NDArray[np.bool_]) -> Slots:
    """Turns what is asked by `ALL` or `FIT` into factors, and says whether any mapping is left."""
    layer, fixed = slots.layer, slots.fixed
    letters = layer.shape.dimensions
    for slot, d, pin in sorted(asked):
        if pin == ALL:
            fixed[slot, d] = layer.sizes[d]
            continue
        further = _further_out(slots, slot, closed)
        until = None if further < 0 else int(slots.level[further]) - 1
        for factor in reversed(divisors(layer.sizes[d])):
            fixed[slot, d] = factor
            if further >= 0:
                fixed[further, d] = layer.sizes[d] // factor
            if factor == 1 or overflow(slots, slots.fixed, until=until) is None:
                break
    for d, size in enumerate(layer.sizes):
        pinned = int(fixed[:, d].prod())
        if size % pinned or (pinned != size and not slots.free[:, d].any()):
            where = f"{letters[d]} = {size} cannot be split with {pinned} of it pinned"
            return _with(slots, where)
    slots = _with(slots, None)
    least = slots.fixed.copy()
    for d, slot in enumerate(slots.outermost):
        if slot >= 0:
            least[slot, d] *= slots.left[d]
    return _with(slots, overflow(slots, least))


def _with(slots: Slots, problem: str | None) -> Slots:
    left = _left(slots.layer, slots.fixed) if problem is None else slots.left
    return replace(slots, left=left, problem=problem)


def _further_out(slots: Slots, slot: int, closed: NDArray[np.bool_]) -> int:
    """The next level out whose temporal loops the dataflow does not rule out, as a slot; or -1."""
    is_further = (slots.level > slots.level[slot]) & (slots.kind == TEMPORAL) & ~closed
    return int(np.argmax(is_further)) if is_further.any() else -1


def overflow(slots: Slots, factors: NDArray[np.int64], until: int | None = None) -> str | None:
    """The innermost rule that factors [n, D] break, in words, or None.

    Args:
        until: looks no further out than this level.
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
        held = _held_words(layer, slots.keep[s], tile)
        if level.capacity is not None and held > level.capacity:
            return f"{level.name} would hold {held} words, it has {level.capacity}"
    return None


def _held_words(layer: Layer, keep: int, tile: NDArray[np.int64]) -> int:
    sizes = tuple(int(size) for size in tile)
    spaces = layer.shape.dataspaces
    return sum(layer.words(space, sizes) for w, space in enumerate(spaces) if keep >> w & 1)
