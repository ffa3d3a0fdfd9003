"""Mappings as Timeloop's `mapping`: directives on bypass, spatial and temporal loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.mapping.mapping import LevelMapping, Mapping
from codesign.reading import Fields
from codesign.store.yaml_text import Line, LineFields
from codesign.timeloop.constraints import (
    BYPASS_TYPES,
    LOOP_TYPES,
    bypassed,
    factors_of,
    order_of,
    target_of,
)
from codesign.timeloop.nodes_writing import containers_of
from codesign.timeloop.structure import Architecture
from codesign.workload.layer import Layer


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


def mapping_constraints(mapping: Mapping, hardware: Hardware, layer: Layer) -> dict[str, Any]:
    """The file's content for Timeloop 4, in which spatial loops name a container."""
    directives = []
    spaces = layer.shape.dataspace_names
    for level, storage, below in reversed(
        list(zip(mapping.levels, hardware.levels, containers_of(hardware), strict=True))
    ):
        keep = Line(name for name in spaces if name not in level.bypass)
        bypass = Line(name for name in spaces if name in level.bypass)
        held = {"type": "dataspace", "keep": keep, "bypass": bypass}
        directives.append(LineFields({"target": storage.name} | held))
        temporal = [loop for loop in level.temporal if loop[1] > 1]
        nest = {"type": "temporal"} | _listed(temporal, layer)
        directives.append(LineFields({"target": storage.name} | nest))
        for one in below:
            loops = [(d, f) for d, axis, f in level.spatial if axis == one.axis and f > 1]
            split = len(layer.sizes) if one.axis == "X" else 0
            nest = {"type": "spatial"} | _listed(loops, layer) | {"split": split}
            directives.append(LineFields({"target": one.name} | nest))
    return {"mapping": directives}


def _listed(loops: Sequence[tuple[str, int]], layer: Layer) -> dict[str, Any]:
    """All dimensions as lists: those of `loops` first in the permutation, in their order."""
    factors = dict(loops)
    names = layer.shape.dimensions
    return {
        "factors": Line(f"{d}={factors.get(d, 1)}" for d in names),
        "permutation": Line([*factors, *(d for d in names if d not in factors)]),
    }


def read_directives(fields: Fields, architecture: Architecture, layer: Layer) -> Mapping:
    """The mapping in the list `mapping`.

    Dimensions that a directive leaves out have factor 1; a factor of 0 is the whole dimension.

    Args:
        fields: the file.
        architecture: the architecture that it is for, with what its levels may hold.
        layer: the layer.

    Raises:
        InputError: a directive has a wrong value, or together they are not a mapping of the layer.
    """
    hardware = architecture.hardware
    names = [level.name for level in hardware.levels]
    temporal: dict[str, list[_Loop]] = {}
    spatial: dict[str, dict[tuple[str, str], int]] = {}
    bypass: dict[str, frozenset[str]] = {}
    seen: set[tuple[str, str]] = set()
    for entry in fields.each("mapping"):
        kind = entry.text("type", choices=[*LOOP_TYPES, *BYPASS_TYPES])
        kind = "bypass" if kind in BYPASS_TYPES else kind
        target = target_of(entry, names, architecture)
        if (target, kind) in seen:
            raise entry.refuse("target", f"one {kind} directive per level: this is the second")
        seen.add((target, kind))
        if kind == "bypass":
            bypass[target] = bypassed(entry, layer.shape.dataspace_names)
        elif kind == "temporal":
            temporal[target] = _read_nest(entry, layer)
            entry.integer("split", None, minimum=0)
        else:
            _add_spatial(entry, target, architecture, layer, spatial)
        entry.done()
    for target in set(temporal) - set(names):
        if any(factor > 1 for _, _, factor in temporal[target]):
            raise InputError(
                f"{fields.where}: mapping: temporal loops of {target}, expected none: "
                "it holds nothing"
            )
    levels = []
    for level in hardware.levels:
        default = frozenset[str]()
        if architecture.has_bound_bypass and level.keeps is not None:
            default = frozenset(layer.shape.dataspace_names) - level.keeps
        loops = temporal.get(level.name, [])
        levels.append(
            LevelMapping(
                tuple((d, factor) for _, d, factor in loops if factor > 1),
                tuple(
                    (d, axis, factor) for (d, axis), factor in spatial.get(level.name, {}).items()
                ),
                bypass.get(level.name, frozenset()) | default,
            )
        )
    mapping = Mapping(tuple(levels))
    try:
        mapping.check(layer, hardware)
    except InputError as error:
        raise InputError(f"{fields.where}: {error}") from None
    return mapping


_Loop = tuple[int, str, int]
"""Place from the inside, dimension, factor."""


def _add_spatial(
    entry: Fields,
    target: str,
    architecture: Architecture,
    layer: Layer,
    spatial: dict[str, dict[tuple[str, str], int]],
) -> None:
    """Adds the spatial loops of a directive to those of the level whose children they run over."""
    split = entry.integer("split", len(layer.sizes), minimum=0)
    loops = [loop for loop in _read_nest(entry, layer) if loop[2] > 1]
    fanout = architecture.fanouts.get(target)
    if fanout is None and loops:
        known = ", ".join(n for n in architecture.fanouts if n not in architecture.inserted)
        raise entry.refuse("target", f"a node with a fan-out for spatial loops: {known or 'none'}")
    if fanout is not None:
        mine = spatial.setdefault(fanout.level, {})
        for place, dimension, factor in loops:
            axis = "X" if place < split else "Y"
            mine[dimension, axis] = mine.get((dimension, axis), 1) * factor


def _read_nest(entry: Fields, layer: Layer) -> list[_Loop]:
    """All loops, innermost first."""
    dimensions = layer.shape.dimensions
    factors: dict[str, int] = {}
    for name, relation, number in factors_of(entry):
        if name not in dimensions or name in factors or relation != "=":
            raise entry.refuse("factors", f"each of {' '.join(dimensions)} once, not {name}")
        factors[name] = number or layer.size(name)
    order = order_of(entry, dimensions)
    for name in order:
        if name not in dimensions or order.count(name) > 1:
            raise entry.refuse("permutation", f"each of {' '.join(dimensions)} once, not {name}")
    if "permutation" not in entry:
        order = [name for name, factor in factors.items() if factor > 1]
        if len(order) > 1:
            raise entry.refuse("permutation", f"the order of {', '.join(order)}")
    for name, factor in factors.items():
        if factor > 1 and name not in order:
            raise entry.refuse("permutation", f"{name} among them, whose factor is {factor}")
    return [(place, d, factors.get(d, 1)) for place, d in enumerate(order)]
