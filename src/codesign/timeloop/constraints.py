"""Timeloop's constraints: on bypass as what levels may hold, on loops as a dataflow.

A dataflow has no upper or lower limits of factors, and nothing on reuse or on utilization: such
constraints are left out, with a sentence for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import ALL, Dataflow, Pin, SlotRule
from codesign.reading import Fields, shown
from codesign.timeloop.structure import Architecture, Fanout, plain_name

FLOW = "timeloop"
"""The name of the dataflow that constraints become."""

BYPASS_TYPES = ("bypass", "bypassing", "datatype", "dataspace")
LOOP_TYPES = ("spatial", "temporal")

EVERY = "*"
"""Stands for all dataspaces in Timeloop's front end."""

FACTOR = re.compile(r"([A-Za-z_]\w*)\s*(<=|>=|=)\s*(\d+)|([A-Za-z])\s*(\d+)(?![=\w])")
"""A factor such as `C=3`, `C3` or `C<=3`."""

_MOST = 400
"""Constraints in a file that are read."""


@dataclass
class _Slot:
    """What constraints ask of one slot; `order` is innermost first."""

    pinned: dict[str, Pin] = field(default_factory=dict)
    free: tuple[str, ...] | None = None
    order: tuple[str, ...] | None = None


def listed(fields: Fields, key: str) -> list[Fields]:
    """The constraints under a key: a list, or a mapping with `targets` or `constraints`.

    Raises:
        InputError: it is something else, or has too many entries.
    """
    found: list[Fields] = []
    if isinstance(fields.raw(key, None), list):
        found = list(fields.each(key))
    elif fields.raw(key, None) is not None:
        section = fields.fields(key)
        chosen = section.raw("constraints", None)
        named = f"constraints_{chosen}" if isinstance(chosen, str) else "constraints"
        for name in "targets", named:
            if section.raw(name, None) is not None:
                found += section.each(name)
        for name in section.data:
            if name in ("version", "template") or name.startswith("constraints_"):
                section.raw(name, None)
        section.done()
    found = [each for entry in found for each in _by_target(entry)]
    if len(found) > _MOST:
        raise InputError(
            f"{fields.where}: {key} has {len(found)} entries, expected at most {_MOST}"
        )
    return found


def _by_target(entry: Fields) -> list[Fields]:
    """The constraints of an entry: itself, or those under its target in an older form."""
    if "constraints" not in entry:
        return [entry]
    head = {"target": entry.text("name")}
    found = []
    for inner in entry.each("constraints"):
        given = inner.fields("attributes").data if "attributes" in inner else {}
        found.append(Fields(head | {"type": inner.raw("type")} | given, inner.where))
    return found


def mentioned(constraints: Iterable[Fields]) -> list[str]:
    """The dataspaces that constraints on bypass name, each once."""
    names = [
        str(name)
        for entry in constraints
        if entry.raw("type", None) in BYPASS_TYPES
        for key in ("keep", "bypass", "keep_only", "bypass_only")
        for name in _names(entry, key)
        if str(name) != EVERY
    ]
    return list(dict.fromkeys(names))


def _names(entry: Fields, key: str) -> list[Any]:
    value = entry.raw(key, [])
    found: list[Any] = [value] if isinstance(value, str) else entry.sequence(key, [])
    return found


def bypassed(entry: Fields, dataspaces: Sequence[str]) -> frozenset[str]:
    """The dataspaces that a constraint, or a directive of a mapping, keeps out of a level.

    Raises:
        InputError: one is under `keep` as well.
    """
    keep, bypass = (
        {name for given in _names(entry, key) for name in _every(given, dataspaces)}
        for key in ("keep", "bypass")
    )
    for name in sorted(keep & bypass):
        raise entry.refuse("bypass", f"not to name {name}, which is also under keep")
    if entry.raw("keep_only", None) is not None:
        only = {name for given in _names(entry, "keep_only") for name in _every(given, dataspaces)}
        bypass |= set(dataspaces) - only
    return frozenset(bypass | {str(name) for name in _names(entry, "bypass_only")})


def _every(name: Any, dataspaces: Sequence[str]) -> tuple[str, ...]:
    return tuple(dataspaces) if name == EVERY else (str(name),)


def with_keeps(
    architecture: Architecture, constraints: Sequence[Fields], dataspaces: Sequence[str]
) -> Hardware:
    """The hardware, with levels that may not hold what constraints make them bypass.

    Raises:
        InputError: a constraint names a level that does not exist.
    """
    hardware = architecture.hardware
    names = [level.name for level in hardware.levels]
    found: dict[str, frozenset[str]] = {}
    for entry in constraints:
        if entry.text("type") in BYPASS_TYPES:
            target = target_of(entry, names, architecture)
            bypass = bypassed(entry, dataspaces)
            if target in architecture.branches:
                kept = {*_names(entry, "keep"), *_names(entry, "keep_only")}
                bypass = found.get(target, frozenset(dataspaces)) - kept
                found[target] = bypass
            elif target in names and (target != names[-1] or bypass):
                found[target] = found.get(target, frozenset()) | bypass
    for name in sorted(architecture.branches & set(names)):
        if found.get(name, frozenset(dataspaces)) >= frozenset(dataspaces):
            raise InputError(
                f"architecture: {name} is in a !Parallel, expected a dataspace that it keeps"
            )
    return replace(
        hardware,
        levels=tuple(
            replace(level, keeps=frozenset(dataspaces) - found[level.name])
            if level.name in found
            else level
            for level in hardware.levels
        ),
    )


def target_of(entry: Fields, names: Sequence[str], architecture: Architecture) -> str:
    """The level, or the fan-out, that `target` names, also by number, innermost 0.

    Raises:
        InputError: there is none.
    """
    given = entry.raw("target")
    if isinstance(given, int) and not isinstance(given, bool) and str(given) not in names:
        return names[entry.integer("target", minimum=0, maximum=len(names) - 1)]
    name = plain_name(given) if isinstance(given, str) and "[" in given else given
    others = [*architecture.fanouts, *architecture.inserted]
    known = list(dict.fromkeys([*names, *(other for other in others if other in [name])]))
    if name in known:
        return str(name)
    return str(entry.text("target", choices=known))


def factors_of(entry: Fields) -> list[tuple[str, str, int]]:
    """Dimension, relation (`=`, `<=`, `>=`) and number of every factor.

    Raises:
        InputError: there is something else among them.
    """
    text = joined(entry, "factors")
    rest = FACTOR.sub("", text).replace(",", "").strip()
    if rest:
        raise entry.refuse("factors", f"factors such as 'C16 K=3', not {rest!r}")
    found = []
    for long, relation, number, letter, short in FACTOR.findall(text):
        digits = number or short
        found.append((long or letter, relation or "=", int(digits) if len(digits) < 10 else 2**31))
    return found


def order_of(entry: Fields, dimensions: Sequence[str] | None = None) -> list[str]:
    """The dimensions of `permutation`, innermost first: names that are known, or letters."""
    words = [word for word in re.split(r"[\s,]+", joined(entry, "permutation")) if word]
    is_listed = isinstance(entry.raw("permutation", ""), list)
    order: list[str] = []
    for word in words:
        whole = word in dimensions if dimensions is not None else is_listed
        order += [word] if whole else list(word)
    return order


def joined(entry: Fields, key: str) -> str:
    """A text, or a list of them, as one text.

    Raises:
        InputError: it is something else.
    """
    value = entry.raw(key, "")
    if isinstance(value, list):
        value = " ".join(str(item) for item in value)
    if not isinstance(value, str):
        raise entry.refuse(key, "a text")
    return value


def read_dataflow(
    architecture: Architecture, constraints: Sequence[Fields]
) -> tuple[Dataflow, list[str]]:
    """The dataflow that constraints on loops are, and a sentence for each that is left out.

    Raises:
        InputError: a constraint names a level that does not exist, or is none.
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
        if relation == "=" and number < 2**31:
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
    split = entry.integer("split", None, minimum=0)
    is_known = split is not None and bool(order)
    first = order[:split] if is_known else []
    notes = []
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
