"""Architectures as a tree, versions 0.2 to 0.4: `subtree` with `local`, and names with ranges.

What Timeloop's front end writes has this form too, and the flattened architectures that Accelergy
writes are such a tree with one `local`, whose names are paths.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from codesign.errors import InputError
from codesign.reading import Fields
from codesign.timeloop.attributes import with_formulas
from codesign.timeloop.structure import (
    Architecture,
    Component,
    Sink,
    assemble,
    count_of,
    own_fanouts,
    plain_name,
)
from codesign.timeloop.versions import V4, VERSIONS

MAX_TREE = 32
"""Subtrees in each other."""


def read_subtree(
    fields: Fields, name: str, names: Mapping[str, Any], classes: Mapping[str, Fields]
) -> Architecture:
    """The accelerator that `architecture` with a `subtree` or a `local` describes.

    Args:
        fields: the value of `architecture`.
        name: the name of the accelerator.
        names: variables of formulas.
        classes: attributes of classes of components, where a component has no capacity itself.

    Raises:
        InputError: a subtree has several children, or something has a wrong value.
    """
    version = str(fields.raw("version", V4))
    if version not in VERSIONS:
        raise fields.refuse("version", f"one of {', '.join(VERSIONS)}")
    sink = Sink()
    is_flattened = "subtree" not in fields
    node, total, depth = fields, 1, 0
    while True:
        if depth:
            total *= count_of(node.text("name", ""), node.where)
        attributes = node.raw("attributes", None)
        if isinstance(attributes, dict):
            names = with_formulas(attributes, names)
        for entry in node.each("local") if "local" in node else ():
            sink.components.append(_component(entry, total))
        children = list(node.each("subtree")) if "subtree" in node else []
        depth += 1
        if len(children) > 1 or depth > MAX_TREE:
            raise InputError(
                f"{node.where}: subtree has {len(children)} entries at depth {depth}, expected "
                f"one, as Timeloop does, at most {MAX_TREE} deep"
            )
        if not children:
            break
        node = children[0]
    if is_flattened:
        # Accelergy lists the leaves of its tree from the inside out, branch by branch.
        sink.components.sort(key=lambda part: math.prod(_instances(part)))
    architecture = assemble(sink, name, version, fields.where, names, classes)
    own = own_fanouts(architecture.hardware)
    return replace(architecture, fanouts=own | dict(architecture.fanouts))


def _component(entry: Fields, total: int) -> Component:
    name, kind = entry.text("name"), entry.text("class", "")
    count = total * count_of(name, entry.where)
    is_empty = entry.raw("attributes", None) is None
    attributes = Fields({}, entry.where) if is_empty else entry.fields("attributes")
    technology = str(entry.raw("subclass", None) or kind)
    return Component(plain_name(name), kind, technology, count, attributes)


def _instances(part: Component) -> tuple[int, ...]:
    return part.mesh if isinstance(part.mesh, tuple) else (part.mesh,)
