"""Dataflows: rules that restrict the mappings of an accelerator, level by level.

They are a small version of Timeloop's mapspace constraints. A dataflow lists slots (the temporal
loops of a level, or its spatial loops along X or Y). A slot that is not listed is free.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from codesign.errors import InputError
from codesign.factors import DIVISORS, FACTORS
from codesign.hardware.architecture import Hardware
from codesign.reading import Fields

KINDS = ("spatial-x", "spatial-y", "temporal")
ALL, FIT = "all", "fit"
"""Pins: the whole dimension, or as much of it as fits, with the rest one level further out."""

Pin = int | str


@dataclass(frozen=True)
class SlotRule:
    """The rule of a dataflow for one slot.

    Args:
        level, kind: the level of the slot, and its kind, one of `KINDS`.
        pinned: dimensions with their pins: a fixed factor, `ALL` or `FIT`. A dimension pinned by
            `ALL` or `FIT` has factor 1 in every other slot.
        free: dimensions that may have any factor here; None for every dimension not pinned.
            The others have factor 1.
        order: dimensions from the innermost loop outwards; None leaves the order free.

    Raises:
        InputError: a pin is neither a factor nor `ALL` nor `FIT`.
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
    """A named list of slot rules. Without rules, the map-space is free.

    Args:
        factors: a name in `FACTORS`.

    Raises:
        InputError: `factors` has another value.
    """

    name: str
    rules: tuple[SlotRule, ...] = ()
    factors: str = DIVISORS

    def __post_init__(self) -> None:
        if self.factors not in FACTORS:
            raise InputError(
                f"dataflow {self.name}: factors is {self.factors!r}, "
                f"expected {' or '.join(FACTORS)}"
            )

    def also(self, *rules: SlotRule) -> Dataflow:
        """This dataflow with more rules."""
        return replace(self, rules=self.rules + rules)

    @property
    def pins_sizes(self) -> bool:
        """Whether it has pins that depend on the sizes of a layer: `ALL` and `FIT`."""
        return any(not isinstance(pin, int) for rule in self.rules for _, pin in rule.pinned)

    def rule(self, level: str, kind: str) -> SlotRule:
        """The rule of a slot; a rule that leaves the slot free if the dataflow has none for it."""
        for rule in self.rules:
            if (rule.level, rule.kind) == (level, kind):
                return rule
        return SlotRule(level, kind)


FREE = Dataflow("free")


def read_dataflows(fields: Fields, hardware: Hardware) -> dict[str, Dataflow]:
    """The dataflows of the section `dataflows` of a hardware file, by name, and always `free`.

    Raises:
        InputError: a rule names a level that the hardware does not have, or a slot has two rules.
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
    """One rule as the sections `dataflows` and `pins` have it, for a slot of one of `levels`.

    Raises:
        InputError: a field is missing, unknown or has a bad value.
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
            raise entry.refuse("order", f"every dimension once, and {name!r} occurs twice")
    return SlotRule(
        level,
        kind,
        tuple(pinned),
        None if free is None else tuple(str(name) for name in free),
        None if order is None else tuple(str(name) for name in order),
    )
