"""Mappings as Timeloop's `mapping`: directives on bypass, spatial and temporal loops."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.mapping.mapping import LevelMapping, Mapping
from codesign.reading import MAX_INTEGER, Fields
from codesign.store.yaml_text import Line, LineFields
from codesign.workload.layer import Layer

_FACTOR = re.compile(r"([A-Za-z])\s*=?\s*([0-9]+)")


def mapping_directives(mapping: Mapping, hardware: Hardware, layer: Layer) -> dict[str, Any]:
    """The file's content: `mapping`, with what each level holds and its loops.

    Raises:
        InputError: a dimension runs along X and Y of one level, which Timeloop cannot express
            (`codesign.timeloop.split` makes two levels of it), or a level with spatial loops has
            only one child.
    """
    directives = []
    spaces = layer.shape.dataspace_names
    for level, storage, fanout in zip(
        mapping.levels, hardware.levels, hardware.fanouts, strict=True
    ):
        keep = Line(name for name in spaces if name not in level.bypass)
        bypass = Line(name for name in spaces if name in level.bypass)
        head = {"target": storage.name}
        directives.append(LineFields(head | {"type": "bypass", "keep": keep, "bypass": bypass}))
        along = {
            axis: [(d, f) for d, a, f in level.spatial if a == axis and f > 1] for axis in "XY"
        }
        loops = [*along["X"], *along["Y"]]
        if len(dict(loops)) < len(loops):
            raise InputError(
                f"mapping of {layer.name}, level {storage.name}: a dimension along both X and Y, "
                "which Timeloop has no way to write"
            )
        if fanout[0] * fanout[1] > 1:
            nest = _nest(loops, layer) | {"split": len(along["X"])}
            directives.append(LineFields(head | {"type": "spatial"} | nest))
        elif loops:
            raise InputError(
                f"mapping of {layer.name}, level {storage.name}: spatial loops, "
                "where there is a single child"
            )
        temporal = [loop for loop in level.temporal if loop[1] > 1]
        directives.append(LineFields(head | {"type": "temporal"} | _nest(temporal, layer)))
    return {"mapping": directives}


def _nest(loops: Sequence[tuple[str, int]], layer: Layer) -> dict[str, Any]:
    """All dimensions, as Timeloop of 2020 needs them: those of `loops` first, in their order."""
    factors = dict(loops)
    letters = layer.shape.dimensions
    return {
        "factors": " ".join(f"{d}{factors.get(d, 1)}" for d in letters),
        "permutation": "".join([*factors, *(d for d in letters if d not in factors)]),
    }


def read_directives(fields: Fields, hardware: Hardware, layer: Layer) -> Mapping:
    """The mapping in the list `mapping`.

    Dimensions that a directive leaves out have factor 1; a factor of 0 is the whole dimension.

    Raises:
        InputError: a directive has a wrong value, or together they are not a mapping of the layer.
    """
    names = [level.name for level in hardware.levels]
    found: dict[tuple[str, str], Any] = {}
    for entry in fields.each("mapping"):
        kind = entry.text("type", choices=["temporal", "spatial", "bypass", "datatype"])
        kind = "bypass" if kind == "datatype" else kind
        target = _target(entry, names)
        if (target, kind) in found:
            raise entry.refuse("target", f"one {kind} directive per level: this is the second")
        if kind == "bypass":
            kept = entry.sequence("keep", [])
            found[target, kind] = frozenset(str(n) for n in entry.sequence("bypass", []))
            for name in found[target, kind].intersection(map(str, kept)):
                raise entry.refuse("bypass", f"not to name {name}, which is also under keep")
        else:
            loops = _read_nest(entry, layer)
            split = entry.integer("split", len(layer.sizes), minimum=0) if kind == "spatial" else 0
            found[target, kind] = [(d, f, "X" if i < split else "Y") for i, d, f in loops]
        entry.done()
    mapping = Mapping(tuple(_level(name, found) for name in names))
    try:
        mapping.check(layer, hardware)
    except InputError as error:
        raise InputError(f"{fields.where}: {error}") from None
    return mapping


def _level(name: str, found: dict[tuple[str, str], Any]) -> LevelMapping:
    return LevelMapping(
        tuple((d, f) for d, f, _ in found.get((name, "temporal"), ()) if f > 1),
        tuple((d, axis, f) for d, f, axis in found.get((name, "spatial"), ()) if f > 1),
        found.get((name, "bypass"), frozenset()),
    )


def _target(entry: Fields, names: list[str]) -> str:
    index = entry.raw("target")
    if isinstance(index, int) and not isinstance(index, bool) and str(index) not in names:
        return names[entry.integer("target", minimum=0, maximum=len(names) - 1)]
    return str(entry.text("target", choices=names))


def _read_nest(entry: Fields, layer: Layer) -> list[tuple[int, str, int]]:
    """(place, dimension, factor) of every loop, innermost first."""
    letters = layer.shape.dimensions
    factors: dict[str, int] = {}
    text = _joined(entry, "factors")
    rest = _FACTOR.sub("", text).replace(",", "").strip()
    if rest:
        raise entry.refuse("factors", f"factors such as 'C16 K=3', not {rest!r}")
    for name, number in _FACTOR.findall(text):
        if name not in letters or name in factors:
            raise entry.refuse("factors", f"each of {' '.join(letters)} once, not {name}")
        factors[name] = int(number) if len(number) < 10 else MAX_INTEGER + 1
        factors[name] = factors[name] or layer.size(name)
    order = [letter for letter in _joined(entry, "permutation") if letter not in " ,"]
    for name in order:
        if name not in letters or order.count(name) > 1:
            raise entry.refuse("permutation", f"each of {' '.join(letters)} once, not {name}")
    for name, factor in factors.items():
        if factor > 1 and name not in order:
            raise entry.refuse("permutation", f"{name} among them, whose factor is {factor}")
    return [(place, d, factors.get(d, 1)) for place, d in enumerate(order)]


def _joined(entry: Fields, key: str) -> str:
    """A text, or a list of them, as one text."""
    value = entry.raw(key, "")
    if isinstance(value, list):
        value = " ".join(str(item) for item in value)
    if not isinstance(value, str):
        raise entry.refuse(key, "a text")
    return value
