"""Comparison of designs: their costs, differences of their accelerators, and costs by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from codesign.display import Displayed, plural
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.writing import hardware_fields
from codesign.store.design import Design, LayerDesign

COSTS = ("edp", "energy_pj", "cycles", "area_mm2")


@dataclass(frozen=True, repr=False)
class Comparison(Displayed):
    """A comparison of designs, relative to the first one.

    Args:
        totals: one row per design: `design`, `edp` (pJ·cycles), `energy_pj`, `cycles`,
            `area_mm2`, and for each of these `…_ratio`, relative to the first design.
        hardware: one row per field of a level that is not the same in all designs: `level`,
            `field`, and one column per design; None where a design has no such level.
        layers: one row per layer that some design maps: `network`, `layer`, `count`, and
            `edp` (of one execution, pJ·cycles) and `ratio` per design (`edp 1`, `ratio 1`, …);
            NaN where a design does not have it.
        notes: what makes the comparison uneven, a sentence each.
    """

    totals: pd.DataFrame
    hardware: pd.DataFrame
    layers: pd.DataFrame
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """How many designs, and in how much their accelerators differ."""
        differing = plural(len(self.hardware), "difference")
        return f"{plural(len(self.totals), 'design')}, {differing} in hardware"

    def to_frame(self) -> pd.DataFrame:
        """The table `totals`, one row per design."""
        return self.totals


def compare(designs: Mapping[str, Design]) -> Comparison:
    """Compares designs with the first of them.

    Args:
        designs: two or more, by the name that tables give them.

    Raises:
        InputError: there are fewer than two designs.
    """
    if len(designs) < 2:
        raise InputError(f"compare: {plural(len(designs), 'design')}, expected at least two")
    names, every = list(designs), list(designs.values())
    return Comparison(
        _totals(names, every), _differences(names, every), _layers(every), tuple(_notes(designs))
    )


def _totals(names: Sequence[str], designs: Sequence[Design]) -> pd.DataFrame:
    costs = {cost: [getattr(design, cost) for design in designs] for cost in COSTS}
    ratios = {f"{cost}_ratio": [_ratio(v, of[0]) for v in of] for cost, of in costs.items()}
    return pd.DataFrame({"design": list(names), **costs, **ratios}).astype({"cycles": "int64"})


def _ratio(value: float, first: float) -> float:
    # Energies may be 0, by the user's table.
    return value / first if first else float("nan")


def _differences(names: Sequence[str], designs: Sequence[Design]) -> pd.DataFrame:
    parts = [_parts(design.hardware) for design in designs]
    # In the order of the first design that has a level, outermost first.
    keys = dict.fromkeys(key for part in parts for key in part)
    rows = []
    for key in keys:
        values = [part.get(key) for part in parts]
        if any(value != values[0] for value in values):
            rows.append([*key, *values])
    return pd.DataFrame(rows, columns=["level", "field", *names], dtype=object)


def _parts(hardware: Hardware) -> dict[tuple[str, str], object]:
    """Every field of every level, by level and field."""
    fields = hardware_fields(hardware)
    levels = [*reversed(fields["storage"]), fields["arithmetic"]]
    return {
        (level["name"], key): ", ".join(value) if isinstance(value, list) else value
        for level in levels
        for key, value in level.items()
        if key != "name"
    }


def _layers(designs: Sequence[Design]) -> pd.DataFrame:
    found = [_by_name(design) for design in designs]
    rows = []
    for network, name in dict.fromkeys(key for each in found for key in each):
        entries = [each.get((network, name)) for each in found]
        count = next(entry.count for entry in entries if entry is not None)
        row: dict[str, object] = {"network": network, "layer": name, "count": count}
        edps = [float("nan") if e is None else e.edp for e in entries]
        for number, edp in enumerate(edps, start=1):
            row |= {f"edp {number}": edp, f"ratio {number}": _ratio(edp, edps[0])}
        rows.append(row)
    return pd.DataFrame(rows)


def _by_name(design: Design) -> dict[tuple[str, str], LayerDesign]:
    return {(net.name, entry.layer.name): entry for net in design.networks for entry in net.layers}


def _notes(designs: Mapping[str, Design]) -> list[str]:
    """What the designs do not have in common although a comparison needs it."""
    (first_name, first), *others = designs.items()
    notes = []
    for name, other in others:
        if other.technology.digest != first.technology.digest:
            notes.append(
                f"{name} was priced with energy table {other.technology.name}, "
                f"{first_name} with {first.technology.name}"
            )
        if other.accounting != first.accounting:
            notes.append(
                f"{name} was counted by accounting {other.accounting}, "
                f"{first_name} by {first.accounting}"
            )
        ours, theirs = _by_name(first), _by_name(other)
        changed = [k for k in ours.keys() & theirs.keys() if not _same_work(ours[k], theirs[k])]
        missing = ours.keys() ^ theirs.keys()
        if missing or changed:
            notes.append(
                f"{name} and {first_name} do not run the same layers: "
                f"{plural(len(missing), 'layer')} in one of them alone, "
                f"{plural(len(changed), 'layer')} of other sizes or counts"
            )
    return notes


def _same_work(one: LayerDesign, other: LayerDesign) -> bool:
    return one.layer.content == other.layer.content and one.count == other.count
