"""Architectures of version 0.4: `nodes` from the outside in, with containers and branches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from codesign.errors import InputError
from codesign.reading import Fields
from codesign.timeloop.attributes import with_formulas, worked_out
from codesign.timeloop.source import TAG, TAGS
from codesign.timeloop.structure import Architecture, Component, Sink, assemble
from codesign.timeloop.versions import V4

MAX_BRANCHES = 32
"""Branches in each other."""


def read_nodes(
    fields: Fields, name: str, names: Mapping[str, Any], classes: Mapping[str, Fields]
) -> Architecture:
    """The accelerator that `architecture` with `nodes` describes.

    Containers multiply instances and pass their attributes down; spatial loops name them. Each
    component of a `!Parallel` becomes a level of its own for the dataspaces that it keeps.

    Args:
        fields: the value of `architecture`, with tags.
        name: the name of the accelerator.
        names: variables of formulas.
        classes: attributes of classes of components, where a component has no capacity itself.

    Raises:
        InputError: a node, an attribute or a constraint has no counterpart here.
    """
    if str(fields.raw("version", V4)) != V4:
        raise fields.refuse("version", V4)
    sink = Sink()
    mesh = (1, 1)
    inherited: dict[str, Any] = {}
    branches: list[str] = []
    for node, is_parallel in _flat(fields, False, 0):
        label = node.text("name")
        own = node.raw("attributes", None)
        attributes = inherited | (dict(node.fields("attributes").data) if own is not None else {})
        x, y = _fanout(node, with_formulas(attributes, names))
        mesh = (mesh[0] * x, mesh[1] * y)
        if x * y > 1:
            sink.fanouts.append((label, len(sink.components), (x, y)))
        sink.constraints += _constraints(node, label)
        for key in ("sparse_optimizations", "networks"):
            if node.raw(key, None):
                what = "sparse data" if key.startswith("sparse") else "a network of its own"
                raise InputError(f"{node.where}: {key}: {what} is not modelled")
        if node.raw(TAG) == "!Container":
            inherited = attributes
            names = with_formulas(attributes, names)
        else:
            kind = node.text("class", "storage")
            technology = str(node.raw("subclass", None) or kind)
            described = Fields(attributes, f"{node.where}: attributes")
            sink.components.append(Component(label, kind, technology, mesh, described))
            if is_parallel:
                branches.append(label)
            for key in ("required_actions", "area_scale", "energy_scale"):
                node.raw(key, None)
        node.done()
    fields.done()
    found = assemble(sink, name, V4, fields.where, names, classes)
    inserted = {f"inter_{label}_spatial": each for label, each in found.fanouts.items()}
    return replace(
        found,
        fanouts=inserted | dict(found.fanouts),
        inserted=frozenset(inserted),
        branches=frozenset(branches),
    )


def _flat(fields: Fields, is_parallel: bool, depth: int) -> list[tuple[Fields, bool]]:
    """All nodes from the outside in, and whether each of them is in a `!Parallel`."""
    if depth > MAX_BRANCHES:
        raise InputError(f"{fields.where}: expected at most {MAX_BRANCHES} branches in each other")
    nodes = []
    for node in fields.each("nodes"):
        tag = node.raw(TAG, None)
        if tag is None:
            raise InputError(f"{node.where}: no tag, expected one of {', '.join(TAGS)}")
        if node.flag("enabled", True) is False:
            continue
        if tag in ("!Parallel", "!Hierarchical"):
            nodes += _flat(node, is_parallel or tag == "!Parallel", depth + 1)
            node.done()
        elif tag != "!Nothing" and node.data.get("class") != "nothing":
            nodes.append((node, is_parallel))
    return nodes


def _fanout(node: Fields, names: Mapping[str, Any]) -> tuple[int, int]:
    """How many there are of a node, along X and along Y, for one of what is outside of it."""
    if node.raw("spatial", None) is None:
        return 1, 1
    spatial = node.fields("spatial")
    numbers = {
        key: worked_out(value, names, spatial, key) if isinstance(value, str) else value
        for key, value in spatial.data.items()
    }
    spatial = Fields(numbers, spatial.where)
    found = spatial.integer("meshX", 1), spatial.integer("meshY", 1)
    spatial.done()
    return found


def _constraints(node: Fields, label: str) -> list[Fields]:
    """The constraints of a node, each with `target` and `type` as in lists of constraints."""
    found = []
    if node.raw("constraints", None) is not None:
        group = node.fields("constraints")
        for kind in group.data:
            if group.raw(kind, None):
                entry = group.fields(kind)
                data = entry.data | {"target": label, "type": kind}
                found.append(Fields(data, entry.where))
    return found
