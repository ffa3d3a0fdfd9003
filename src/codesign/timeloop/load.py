"""Reads Timeloop's files as an accelerator, a network, or a design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from codesign.cost.evaluate import Evaluator
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.hardware.technology import Technology
from codesign.hardware.writing import OPTIONAL
from codesign.mapping.batch import MappingBatch
from codesign.mapping.mapping import Mapping
from codesign.reading import Fields
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.timeloop.architecture import read_architecture, read_bypasses, with_keeps
from codesign.timeloop.export import REST
from codesign.timeloop.gather import Parts, Rest, gather
from codesign.timeloop.mapping import read_directives
from codesign.timeloop.nodes import read_nodes
from codesign.timeloop.problem import read_problem
from codesign.timeloop.split import join
from codesign.workload.layer import Layer
from codesign.workload.shape import CONV
from codesign.workload.workload import Workload

Imported = Hardware | Workload | Design


def import_files(
    paths: Sequence[Path], name: str, technology: Technology | None = None
) -> Imported:
    """The accelerator, network or design that Timeloop's files describe.

    Files are recognised by their keys, and a folder stands for all YAML files in and below it.
    A problem and a mapping in one folder belong together, also if there is only one of each. An
    architecture belongs to the layer in its folder; layers without one use the first architecture.

    Args:
        paths: files and folders.
        name: the name of things that have no name in Timeloop's files.
        technology: the energy table of a design; by default that of `codesign.yaml`, or Timeloop's.

    Returns:
        A design if there are architecture, problems and mappings; else the accelerator, or the
        problems as a network.

    Raises:
        InputError: a file or a key is missing or has a wrong value, or a part of a design is
            missing.
    """
    parts, rest = gather(paths, name)
    if technology is not None:
        rest.technology = technology
    if parts.mappings:
        return _design(parts, rest)
    if parts.architectures and parts.problems:
        raise InputError(
            "an architecture and problems without a mapping, expected the architecture alone, "
            "the problems alone, or a mapping for each"
        )
    if parts.problems:
        layers = tuple(_read_layer(file, fields, rest) for file, fields in parts.problems.items())
        return Workload(rest.name, layers, (1,) * len(layers))
    if not parts.architectures:
        raise InputError("constraints without an architecture, expected one among the files")
    return _shared(
        [_read_hardware(parts, at, rest, CONV.dataspace_names) for at in parts.architectures]
    )


def _read_layer(file: Path, fields: Fields, rest: Rest) -> Layer:
    """A problem as a layer, named by `codesign.yaml`, or after its file or folder."""
    layers = [layer for _, network in rest.networks or [] for layer in network]
    by_folder = {folder: name for folder, name, _ in layers}
    name = file.stem
    for ending in (".problem", "_problem", "-problem"):
        name = name.removesuffix(ending)
    if name == "problem":
        name = file.resolve().parent.name
    return read_problem(fields, by_folder.get(file.resolve().parent.name, name))


def _read_hardware(parts: Parts, folder: Path, rest: Rest, dataspaces: Sequence[str]) -> Hardware:
    """The accelerator of a folder, without energies that are there because of the energy table."""
    arch = parts.architectures[folder]
    if "nodes" in arch:
        hardware = read_nodes(arch, rest.hardware, dataspaces)
    else:
        hardware = read_architecture(arch, rest.hardware, dataspaces, rest.technology)
    if folder in parts.constraints:
        targets = parts.constraints[folder]
        targets.raw("version", None)
        hardware = with_keeps(
            hardware, read_bypasses(targets.each("targets"), hardware), dataspaces
        )
        targets.done()
    levels = tuple(
        _without(level, rest.from_table.get(level.name, [])) for level in hardware.levels
    )
    return replace(hardware, levels=levels)


def _without(level: StorageLevel, keys: Sequence[str]) -> StorageLevel:
    """The level without the energies that its file has under `keys`."""
    named: dict[str, Any] = {OPTIONAL[key]: None for key in keys}
    return replace(level, **named)


def _shared(found: list[Hardware]) -> Hardware:
    """The accelerator that all of them describe; a level may hold what it may hold for any layer.

    Raises:
        InputError: they differ.
    """
    first, *others = (join(hardware, None)[0] for hardware in found)
    for other in others:
        if _without_keeps(first) != _without_keeps(other):
            raise InputError("two layers have different architectures, expected one for all")
        levels = zip(first.levels, other.levels, strict=True)
        first = replace(first, levels=tuple(_united(a, b) for a, b in levels))
    return first


def _united(one: StorageLevel, other: StorageLevel) -> StorageLevel:
    if one.keeps is None or other.keeps is None:
        return replace(one, keeps=None)
    return replace(one, keeps=one.keeps | other.keeps)


def _without_keeps(hardware: Hardware) -> Hardware:
    return replace(hardware, levels=tuple(replace(each, keeps=None) for each in hardware.levels))


def _design(parts: Parts, rest: Rest) -> Design:
    """All layers on the one accelerator, priced again.

    Raises:
        InputError: a mapping has no problem, a problem no mapping, or there is no architecture.
    """
    if not parts.architectures:
        raise InputError("mappings without an architecture, expected one among the files")
    default = next(iter(parts.architectures))
    read: dict[Path, tuple[Layer, Hardware, Mapping]] = {}
    for folder, mapping, (file, problem) in _pairs(parts):
        layer = _read_layer(file, problem, rest)
        own = folder if folder in parts.architectures else default
        hardware = _read_hardware(parts, own, rest, layer.shape.dataspace_names)
        read[folder] = (layer, hardware, read_directives(mapping, hardware, layer))
    hardware = _shared([hardware for _, hardware, _ in read.values()])
    found = {
        folder.resolve().name: _priced(layer, hardware, join(its_own, mapping)[1], rest)
        for folder, (layer, its_own, mapping) in read.items()
    }
    networks = tuple(_networks(found, rest))
    return Design(
        rest.name, hardware, networks, rest.technology, rest.accounting, *rest.template,
        rest.origin,
    )  # fmt: skip


def _pairs(parts: Parts) -> list[tuple[Path, Fields, tuple[Path, Fields]]]:
    """Folder, mapping and problem of every layer."""
    if len(parts.mappings) == len(parts.problems) == 1:
        ((folder, mapping),) = parts.mappings.items()
        return [(folder, mapping, next(iter(parts.problems.items())))]
    pairs = []
    for folder, mapping in parts.mappings.items():
        mine = [item for item in parts.problems.items() if item[0].parent == folder]
        if len(mine) != 1:
            raise InputError(
                f"{folder}: a mapping and {len(mine)} problems in this folder, expected one"
            )
        pairs.append((folder, mapping, mine[0]))
    for file in parts.problems:
        if file.parent not in parts.mappings:
            raise InputError(f"{file}: a problem without a mapping in its folder, expected one")
    return pairs


def _priced(layer: Layer, hardware: Hardware, mapping: Mapping, rest: Rest) -> LayerDesign:
    evaluator = Evaluator(layer, hardware, rest.technology, rest.accounting)
    costs = evaluator.price(MappingBatch.of(layer.shape, [mapping]))
    if not costs.valid[0]:
        level = hardware.levels[int(costs.level[0])].name
        raise InputError(f"layer {layer.name}: its mapping does not fit {level}")
    return LayerDesign(layer, 1, mapping, float(costs.energy_pj[0]), int(costs.cycles[0]))


def _networks(found: dict[str, LayerDesign], rest: Rest) -> list[NetworkDesign]:
    """The layers as networks with counts, as `codesign.yaml` has them, or else as one network."""
    if rest.networks is None:
        return [NetworkDesign(rest.name, tuple(found.values()))]
    for _, layers in rest.networks:
        for folder, _, _ in layers:
            if folder not in found:
                raise InputError(f"{REST}: folder {folder!r} is not among the files")
    return [
        NetworkDesign(
            name, tuple(replace(found[folder], count=count) for folder, _, count in layers)
        )
        for name, layers in rest.networks
    ]
