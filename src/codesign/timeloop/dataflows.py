"""Timeloop's constraints on loops as a dataflow.

A dataflow has no upper or lower limits of factors, and nothing on reuse or on utilization: such
constraints are left out, with a sentence for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from codesign.hardware.dataflow import ALL, Dataflow, Pin, SlotRule
from codesign.reading import MAX_INTEGER, Fields, shown
from codesign.timeloop.constraints import (
    BYPASS_TYPES,
    LOOP_TYPES,
    factors_of,
    order_of,
    target_of,
)
from codesign.timeloop.structure import Architecture, Fanout

FLOW = "timeloop"
"""The name of the dataflow that constraints become."""


@dataclass
class _Slot:
    """What constraints ask of one slot; `order` is innermost first."""

    pinned: dict[str, Pin] = field(default_factory=dict)
    free: tuple[str, ...] | None = None
    order: tuple[str, ...] | None = None


def read_dataflow(
    architecture: Architecture, constraints: Sequence[Fields]
) -> tuple[Dataflow, list[str]]:
    """The dataflow that constraints on loops are, and a sentence for each that is left out.

    Raises:
        InputError: a constraint names a level that does not exist, or has a wrong value.
    """
    hardware = architecture.hardware
    names = [level.name for level in hardware.levels]
    slots: dict[tuple[str, str], _Slot] = {}
    notes: list[str] = []
    loops = [entry for entry in constraints if entry.raw("type", None) in LOOP_TYPES]
    every = frozenset(name for entry in loops for name in _dimensions(entry))
    for entry in constraints:
        kind = entry.text("type")
        if kind in BYPASS_TYPES:
            continue
        target = target_of(entry, names, architecture)
        if kind not in LOOP_TYPES:
            notes.append(
                f"constraint on {target}: {kind} is left out, a dataflow has no word for it"
            )
            continue
        left = _read_loops(entry, kind, target, architecture, slots, every)
        notes += [f"constraint on {kind} loops of {target}: {what}" for what in left]
    rules = tuple(
        SlotRule(level, kind, tuple(slot.pinned.items()), slot.free, slot.order)
        for (level, kind), slot in slots.items()
        if slot.pinned or slot.free is not None or slot.order is not None
    )
    return Dataflow(FLOW, rules), notes


def _dimensions(entry: Fields) -> list[str]:
    """The dimensions that a constraint names."""
    return [*(name for name, _, _ in factors_of(entry)), *(n for n in order_of(entry) if n != "-")]


def _read_loops(
    entry: Fields,
    kind: str,
    target: str,
    architecture: Architecture,
    slots: dict[tuple[str, str], _Slot],
    every: frozenset[str],
) -> list[str]:
    """Adds what one constraint asks to its slots; returns what is left out."""
    notes = []
    for key in entry.data:
        if key not in ("target", "type", "factors", "permutation", "split") and entry.raw(
            key, None
        ):
            notes.append(
                f"{key} ({shown(entry.data[key])}) is left out, a dataflow has no word for it"
            )
    pins: dict[str, Pin] = {}
    for name, relation, number in factors_of(entry):
        if relation == "=" and number <= MAX_INTEGER:
            pins[name] = number or ALL
        elif (relation, number) == ("<=", 1):
            pins[name] = 1
        else:
            notes.append(f"{name}{relation}{number} is left out, a dataflow has no limits")
    order = order_of(entry)
    if kind == "spatial":
        fanout = architecture.fanouts.get(target)
        return notes + _read_spatial(entry, fanout, slots, pins, order)
    if target in architecture.inserted:
        return notes
    slot = slots.setdefault((target, "temporal"), _Slot())
    slot.pinned |= pins
    open_ones = sorted(name for name in every - set(order) if pins.get(name) != 1)
    if len(set(order)) < len(order) or not every.issuperset(order):
        notes.append(f"the permutation {shown(entry.data['permutation'])} is left out")
    elif order and len(open_ones) > 1:
        notes.append(
            f"the permutation {shown(entry.data['permutation'])} is left out, because it leaves "
            f"the order of {', '.join(open_ones)} open"
        )
    elif order:
        slot.order = (*order, *open_ones)
    return notes


def _read_spatial(
    entry: Fields,
    fanout: Fanout | None,
    slots: dict[tuple[str, str], _Slot],
    pins: dict[str, Pin],
    order: list[str],
) -> list[str]:
    """What a constraint on spatial loops asks of the loops along X and along Y."""
    if fanout is None or fanout.x * fanout.y == 1:
        return [] if all(pin == 1 for pin in pins.values()) else ["there is no fan-out"]
    axes = [kind for kind, size in (("spatial-x", fanout.x), ("spatial-y", fanout.y)) if size > 1]
    formula = entry.raw("split", None)
    split = None if isinstance(formula, str) else entry.integer("split", None, minimum=0)
    is_known = split is not None and bool(order)
    first = order[:split] if is_known else []
    notes = []
    if isinstance(formula, str):
        notes.append(f"split ({shown(formula)}) is left out, it is not a number")
    for kind in axes:
        if (fanout.level, kind) in slots:
            notes.append(f"it is left out along {kind[-1].upper()}, where another one holds")
            continue
        other = [name for name in order if is_known and (name in first) == (kind == "spatial-y")]
        mine = {n: pin for n, pin in pins.items() if pin == 1 or n not in other}
        if not is_known and len(axes) > 1 and any(pin != 1 for pin in mine.values()):
            notes.append("factors above 1 are left out, because no split says which axis is meant")
            mine = {name: pin for name, pin in mine.items() if pin == 1}
        # Timeloop puts dimensions that the permutation does not name at its end.
        ends_along_x = is_known and split is not None and split > len(order)
        free: tuple[str, ...] | None = None
        if is_known and ends_along_x != (kind == "spatial-x"):
            free = tuple(sorted(set(order) - set(other) - set(mine)))
        elif is_known:
            mine |= {name: 1 for name in other if name not in mine}
        slots[fanout.level, kind] = _Slot(mine, free)
    return notes
