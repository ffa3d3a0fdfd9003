"""Reads the parts of Timeloop's files, and finds out which of them belong together."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.hardware.writing import OPTIONAL
from codesign.mapping.mapping import Mapping
from codesign.reading import Fields
from codesign.store.design import Design
from codesign.timeloop.constraints import with_keeps
from codesign.timeloop.flat import read_flat
from codesign.timeloop.gather import Parts, Rest
from codesign.timeloop.mapping import read_directives
from codesign.timeloop.nodes import read_nodes
from codesign.timeloop.problem import read_problem
from codesign.timeloop.structure import Architecture
from codesign.timeloop.subtree import read_subtree
from codesign.workload.layer import Layer
from codesign.workload.workload import Workload

Content = Hardware | Workload | Design


@dataclass(frozen=True)
class Imported:
    """One thing that files describe.

    Args:
        content: an accelerator, a network or a design.
        kind: `accelerator`, `network` or `design`.
        label: what tells it from others of its kind: the name of its file or folder.
        files: the files that it is from.
        dataflow: of an accelerator, the dataflow that its constraints are.
        notes: the parts of the files that are left out, one sentence each.
        version: of the architecture's file; `2020` for the form without a version.
        versioned: the files with an architecture of that version.
    """

    content: Content
    kind: str
    label: str
    files: tuple[Path, ...]
    dataflow: Dataflow = FREE
    notes: tuple[str, ...] = ()
    version: str | None = None
    versioned: tuple[Path, ...] = ()


@dataclass
class Mapped:
    """One layer of a design, with the files that it is from."""

    layer: Layer
    hardware: Hardware
    mapping: Mapping
    version: str
    files: tuple[Path, Path, Path]


@dataclass
class Read:
    """What is read of the parts so far; `has_own` are the files with an architecture in them."""

    parts: Parts
    has_own: frozenset[Path] = frozenset()
    layers: dict[Path, Layer] = field(default_factory=dict)
    architectures: dict[Path, Architecture] = field(default_factory=dict)
    mapped: list[Mapped] = field(default_factory=list)


def read_layer(file: Path, fields: Fields, parts: Parts) -> Layer:
    """A problem as a layer, named by `codesign.yaml`, or after its file or folder."""
    layers = [layer for _, network in parts.rest.networks or [] for layer in network]
    by_folder = {folder: name for folder, name, _ in layers}
    name = by_folder.get(file.resolve().parent.name, label_of(file, ("problem", "prob")))
    return read_problem(fields, name, parts.shapes, parts.names)


def label_of(file: Path, kinds: Sequence[str]) -> str:
    """The name of a file without what kind of file it is, or else the name of its folder."""
    name = file.stem
    for kind in kinds:
        for ending in (f".{kind}", f"_{kind}", f"-{kind}"):
            name = name.removesuffix(ending)
    if name in kinds or name == "parsed-processed-input":
        return file.resolve().parent.name
    return name


def read_form(fields: Fields, parts: Parts) -> Architecture:
    """An architecture, in whichever form it is."""
    rest = parts.rest
    if "nodes" in fields:
        return read_nodes(fields, rest.hardware, parts.names, parts.components)
    if "subtree" in fields or "local" in fields:
        return read_subtree(fields, rest.hardware, parts.names, parts.components)
    return read_flat(fields, rest.hardware, rest.technology)


def read_mapped(file: Path, fields: Fields, read: Read) -> Mapped:
    """A mapping with its problem and its architecture.

    Raises:
        InputError: it is not clear which these are, or the mapping has a wrong value.
    """
    problem = _companion(file, read.layers, "problem")
    layer = read.layers[problem]
    # What the front end leaves has both.
    has_both = file not in read.architectures and problem in read.architectures
    at = problem if has_both else _companion(file, read.architectures, "architecture")
    architecture = read.architectures[at]
    constraints = [*architecture.constraints, *constraints_of(at, read, read.parts.bound)]
    hardware = hardware_of(architecture, constraints, layer.shape.dataspace_names, read.parts.rest)
    placed = replace(architecture, hardware=hardware)
    mapping = read_directives(fields, placed, layer)
    return Mapped(layer, hardware, mapping, architecture.version, (file, problem, at))


def _companion(file: Path, others: MappingType[Path, Any], kind: str) -> Path:
    """The file of a kind that belongs to `file`: itself, one in its folder, or the only one."""
    if file in others:
        return file
    near = [other for other in others if other.parent == file.parent]
    near = near or (list(others) if len(others) == 1 else [])
    if len(near) > 1 and all(_same(others[near[0]], others[other]) for other in near):
        return near[0]
    if len(near) != 1:
        raise InputError(f"{file}: a mapping and {len(near)} {kind}s in this folder, expected one")
    return near[0]


def _same(one: Any, other: Any) -> bool:
    """Whether two layers, or two architectures, are the same except for their names."""
    if isinstance(one, Layer):
        return bool(one.content == other.content)
    return bool(one.hardware == other.hardware and one.fanouts == other.fanouts)


def constraints_of(
    file: Path, read: Read, constraints: MappingType[Path, list[Fields]]
) -> list[Fields]:
    """The constraints that belong to an architecture: in its file, its folder, or anywhere if it is
    the only one."""
    if file in constraints:
        return constraints[file]
    others = {other: each for other, each in constraints.items() if other not in read.has_own}
    near = [each for other, each in others.items() if other.parent == file.parent]
    alone = len(read.architectures) == 1
    return [entry for each in near or (others.values() if alone else ()) for entry in each]


def hardware_of(
    architecture: Architecture,
    constraints: Sequence[Fields],
    dataspaces: Sequence[str],
    rest: Rest,
) -> Hardware:
    """The accelerator, without energies that are there because of the energy table."""
    hardware = with_keeps(architecture, constraints, dataspaces)
    levels = tuple(
        _without(level, rest.from_table.get(level.name, [])) for level in hardware.levels
    )
    return replace(hardware, levels=levels)


def _without(level: StorageLevel, keys: Sequence[str]) -> StorageLevel:
    """The level without the energies that its file has under `keys`."""
    named: dict[str, Any] = {OPTIONAL[key]: None for key in keys}
    return replace(level, **named)
