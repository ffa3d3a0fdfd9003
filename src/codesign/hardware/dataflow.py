"""Dataflows: what an accelerator asks of its mappings, level by level.

Timeloop's mapspace constraints in miniature. A dataflow lists slots (a level's temporal loops,
or its spatial loops along X or Y); a slot that is not listed is free.
"""

from __future__ import annotations

from dataclasses import dataclass

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.reading import Fields

KINDS = ("spatial-x", "spatial-y", "temporal")
ALL, FIT = "all", "fit"
"""Pins: the whole dimension, or as much as fits with the remainder one level further out."""

Pin = int | str


@dataclass(frozen=True)
class SlotRule:
    """What a dataflow asks of one slot.

    Args:
        level, kind: which slot.
        pinned: dimensions with a fixed factor, or `ALL` or `FIT` of them; what is pinned by
            `ALL` or `FIT` has factor 1 in every other slot.
        free: dimensions that may have any factor here; None for every dimension not pinned.
            The others have factor 1.
        order: dimensions from the innermost loop outwards; None leaves the order free.

    Raises:
        InputError: a pin is no factor.
    """

    level: str
    kind: str
    pinned: tuple[tuple[str, Pin], ...] = ()
    free: tuple[str, ...] | None = None
    order: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name, pin in self.pinned:
            if pin not in (ALL, FIT) and (not isinstance(pin, int) or pin < 1):
                raise InputError(
                    f"dataflow rule for {self.level} {self.kind}: {name} is pinned to {pin!r}, "
                    f"expected a factor of at least 1, {ALL!r} or {FIT!r}"
                )

    def __str__(self) -> str:
        told = [f"{name} {pin}" for name, pin in self.pinned]
        told += ["any factors" if self.free is None else f"free {' '.join(self.free) or 'none'}"]
        told += [] if self.order is None else [f"order {' '.join(self.order)}"]
        return f"{self.level} {self.kind}: {', '.join(told)}"


@dataclass(frozen=True)
class Dataflow:
    """A named list of slot rules; without any, the map-space is free."""

    name: str
    rules: tuple[SlotRule, ...] = ()

    def also(self, *rules: SlotRule) -> Dataflow:
        """This dataflow with more rules."""
        return Dataflow(self.name, self.rules + rules)

    def rule(self, level: str, kind: str) -> SlotRule:
        """The rule of a slot; the free one when the dataflow does not speak of it."""
        for rule in self.rules:
            if (rule.level, rule.kind) == (level, kind):
                return rule
        return SlotRule(level, kind)


FREE = Dataflow("free")


def read_dataflows(fields: Fields, hardware: Hardware) -> dict[str, Dataflow]:
    """The `dataflows` section of a hardware file, by name; `free` is always there.

    Raises:
        InputError: a rule names a level that the hardware does not have, or stands twice.
    """
    flows = {FREE.name: FREE}
    if "dataflows" not in fields:
        return flows
    section = fields.fields("dataflows")
    levels = [level.name for level in hardware.levels]
    for name in section.data:
        rules = tuple(read_rule(entry, levels) for entry in section.each(name))
        places = [(rule.level, rule.kind) for rule in rules]
        for place in places:
            if places.count(place) > 1:
                raise InputError(f"{section.where}: {name} has two rules for {' '.join(place)}")
        flows[name] = Dataflow(name, rules)
    return flows


def read_rule(entry: Fields, levels: list[str]) -> SlotRule:
    """The rule of a slot of one of `levels`, as `dataflows` and `pins` have it.

    Raises:
        InputError: a field is not what it should be.
    """
    level = entry.text("level", choices=levels)
    kind = entry.text("kind", choices=list(KINDS))
    pinned: list[tuple[str, Pin]] = []
    if "pinned" in entry:
        values = entry.fields("pinned")
        for name in values.data:
            is_word = values.raw(name) in (ALL, FIT)
            pinned.append((name, values.raw(name) if is_word else values.integer(name)))
    free = entry.sequence("free", None)
    order = entry.sequence("order", None)
    entry.done()
    for name in order or ():
        if order.count(name) > 1:
            raise entry.refuse("order", f"every dimension once, and {name!r} stands twice")
    return SlotRule(
        level,
        kind,
        tuple(pinned),
        None if free is None else tuple(str(name) for name in free),
        None if order is None else tuple(str(name) for name in order),
    )
