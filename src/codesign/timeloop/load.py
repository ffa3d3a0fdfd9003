"""Reads Timeloop's files as accelerators, networks and designs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from codesign.errors import InputError
from codesign.hardware.dataflow import Dataflow
from codesign.hardware.technology import Technology
from codesign.reading import Fields
from codesign.store.design import Design
from codesign.timeloop.constraints import mentioned, without_outermost
from codesign.timeloop.dataflows import read_dataflow
from codesign.timeloop.designs import designs_of, without_keeps
from codesign.timeloop.file_names import distinct
from codesign.timeloop.gather import Parts, gather
from codesign.timeloop.matching import (
    Content,
    Imported,
    Read,
    constraints_of,
    hardware_of,
    label_of,
    read_form,
    read_layer,
    read_mapped,
)
from codesign.timeloop.split import join
from codesign.workload.shape import CONV
from codesign.workload.workload import Workload


@dataclass(frozen=True)
class Import:
    """What files are: `found` has the designs first, then accelerators, then networks.

    Args:
        found: all that could be read.
        files: by file, what it is, in a few words, or why it could not be read.
        refused: the files that could not be read.
    """

    found: tuple[Imported, ...]
    files: dict[Path, str]
    refused: frozenset[Path]


def import_files(
    paths: Sequence[Path],
    name: str,
    technology: Technology | None = None,
    accounting: str | None = None,
) -> Import:
    """The accelerators, networks and designs that Timeloop's files describe.

    Files are recognised by their keys, and a folder stands for all files in and below it that end
    in `.yaml`, `.yml` or `.cfg`. What lies in one folder belongs together: a mapping belongs to the
    problem and the architecture in its folder, or else to the only ones there are. Layers without a
    mapping are a network; architectures without one are accelerators.

    A file of which a part is wrong is left out as a whole, with a sentence that says why.

    Args:
        paths: files and folders.
        name: the name of things that have no name in Timeloop's files.
        technology: the energy table of a design; by default that of `codesign.yaml`, or Timeloop's.
        accounting: how a design is priced; by default that of `codesign.yaml`, or of the Timeloop
            that reads files of the architecture's version.

    Raises:
        InputError: nothing could be read, or what `codesign.yaml` says is not among the files.
    """
    parts = gather(paths, name)
    if technology is not None:
        parts.rest.technology = technology
    if accounting is not None:
        parts.rest.accounting = accounting
    read = Read(parts, frozenset(parts.architectures))
    for file, fields in list(parts.problems.items()):
        with parts.reading(file):
            read.layers[file] = read_layer(file, fields, parts)
    for file, fields in list(parts.architectures.items()):
        with parts.reading(file):
            read.architectures[file] = read_form(fields, parts)
    for file, fields in list(parts.mappings.items()):
        if file not in parts.refused:
            with parts.reading(file):
                read.mapped.append(read_mapped(file, fields, read))
    designs = [_with_accounts(design, read) for design in designs_of(read)]
    used = frozenset(file for design in designs for file in design.files)
    found = [*designs, *_accelerators(read, used), *_networks(read, used)]
    told = _told(parts, found)
    if not found:
        reasons = [parts.refused[file] for file in parts.files if file in parts.refused]
        if len(reasons) == 1 or len(parts.files) == 1:
            raise InputError(reasons[0] if reasons else f"{parts.files[0]}: {told[parts.files[0]]}")
        first = reasons[0] if reasons else f"{parts.files[0]}: {told[parts.files[0]]}"
        raise InputError(f"none of {len(parts.files)} files could be read; the first: {first}")
    return Import(tuple(found), told, frozenset(parts.refused))


def _with_accounts(design: Imported, read: Read) -> Imported:
    """A design with other accounts of its architecture beside it, as Timeloop leaves some."""
    assert isinstance(design.content, Design)
    folders = {file.parent for file in design.files}
    levels = without_keeps(design.content.hardware).levels
    others = [
        file
        for file, architecture in read.architectures.items()
        if file.parent in folders and without_keeps(architecture.hardware).levels == levels
    ]
    return replace(design, files=tuple(dict.fromkeys([*design.files, *others])))


def _accelerators(read: Read, used: frozenset[Path]) -> list[Imported]:
    """The architectures that are not in a design; equal ones count once."""
    parts = read.parts
    found: dict[tuple[Content, Dataflow], Imported] = {}
    for file in read.architectures:
        if file not in used and file not in parts.refused:
            with parts.reading(file):
                one = _accelerator(file, read)
                twin = found.get((one.content, one.dataflow))
                if twin is not None:
                    files = (*twin.files, file)
                    one = replace(twin, files=files, versioned=files)
                found[one.content, one.dataflow] = one
    return list(found.values())


def _accelerator(file: Path, read: Read) -> Imported:
    """An architecture with its constraints."""
    architecture = read.architectures[file]
    constraints = [
        *architecture.constraints,
        *constraints_of(file, read, read.parts.bound),
        *constraints_of(file, read, read.parts.searched),
    ]
    spaces = _dataspaces(file, constraints, read)
    constraints, bypasses = without_outermost(architecture, constraints, spaces)
    hardware = hardware_of(architecture, constraints, spaces, read.parts.rest)
    flow, left = read_dataflow(architecture, constraints)
    return Imported(
        join(hardware, None)[0],
        "accelerator",
        label_of(file, ("arch", "architecture")),
        (file,),
        flow,
        (*architecture.notes, *bypasses, *left),
        architecture.version,
        (file,),
    )


def _dataspaces(file: Path, constraints: Sequence[Fields], read: Read) -> Sequence[str]:
    """The dataspaces that an accelerator without mappings is for, which no file of it says."""
    near = [layer for other, layer in read.layers.items() if other == file] or [
        layer for other, layer in read.layers.items() if other.parent == file.parent
    ]
    named = mentioned(constraints)
    if near and set(named) <= set(near[0].shape.dataspace_names):
        return near[0].shape.dataspace_names
    return CONV.dataspace_names if set(named) <= set(CONV.dataspace_names) else named


def _networks(read: Read, used: frozenset[Path]) -> list[Imported]:
    """The problems that are not in a design: one network, or one per folder where names repeat."""
    left = {
        file: layer
        for file, layer in read.layers.items()
        if file not in used and file not in read.parts.refused
    }
    if not left:
        return []
    groups: dict[Path, list[Path]] = {}
    for file in left:
        groups.setdefault(file.parent, []).append(file)
    if len({layer.name for layer in left.values()}) == len(left):
        groups = {next(iter(groups)): list(left)}
    found = []
    for folder, files in groups.items():
        names = distinct([left[file].name for file in files])
        layers = tuple(
            replace(left[file], name=name) for file, name in zip(files, names, strict=True)
        )
        name = read.parts.rest.name if len(groups) == 1 else folder.resolve().name
        try:
            network = Workload(name, layers, (1,) * len(layers))
        except InputError as error:
            for file in files:
                read.parts.refuse(file, error)
            continue
        found.append(Imported(network, "network", folder.resolve().name, tuple(files)))
    return found


def _told(parts: Parts, found: Sequence[Imported]) -> dict[Path, str]:
    """What each file is, in a few words."""
    told = {}
    kinds = [one.kind for one in found]
    for file in parts.files:
        if file in parts.refused:
            told[file] = f"not read: {parts.refused[file]}"
            continue
        uses = [_use(one, file, kinds) for one in found if file in one.files]
        if not uses and (file in parts.bound or file in parts.searched):
            has_chip = any(one.kind != "network" for one in found)
            uses = ["constraints" if has_chip else "constraints without an architecture"]
        told[file] = ", ".join(uses) or parts.unused.get(file, "nothing")
    return told


def _use(one: Imported, file: Path, kinds: Sequence[str]) -> str:
    """What a file is part of, and the version of an architecture in it."""
    label = f" {one.label}" if kinds.count(one.kind) > 1 else ""
    version = f" (version {one.version})" if file in one.versioned else ""
    return f"{one.kind}{label}{version}"
