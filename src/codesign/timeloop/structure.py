"""What every form of Timeloop's architectures says: levels from the outside in, and fan-outs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.levels import CAPACITIES, UNBOUNDED, read_hardware
from codesign.reading import MAX_INTEGER, Fields
from codesign.timeloop.attributes import arithmetic, storage, technology_of, values
from codesign.timeloop.versions import V4

STORAGE_CLASSES = ("DRAM", "SRAM", "regfile", "smartbuffer", "storage")
COMPUTE_CLASSES = ("mac", "intmac", "fpmac", "compute")
"""Parts of the names of classes, by which Timeloop tells what a component is."""

NO_STORAGE = "dummy_storage"
"""The class of levels that Timeloop's front end inserts for a fan-out; they hold nothing."""

INSERTED = re.compile(r"inter_(.+)_spatial\Z")
"""The names of these levels."""

_RANGE = re.compile(r"\[\s*(\d+)\s*\.\.\s*(\d+)\s*\]")


@dataclass(frozen=True)
class Component:
    """A component, as the newer forms have them.

    Args:
        name, kind: its name, and what decides on what it is: its class.
        technology: its class, or its subclass where it has one, which tells the technology.
        mesh: how many there are along X and Y; the number alone, where the attributes tell.
        attributes: its attributes.
    """

    name: str
    kind: str
    technology: str
    mesh: tuple[int, int] | int
    attributes: Fields

    @property
    def is_compute(self) -> bool:
        """Whether it computes."""
        return not self.is_storage and any(word in self.kind for word in COMPUTE_CLASSES)

    @property
    def is_storage(self) -> bool:
        """Whether it stores."""
        return any(word in self.kind for word in STORAGE_CLASSES)


@dataclass(frozen=True)
class Fanout:
    """What spatial loops run over: `x` times `y` children of one level.

    A level whose children are in containers in each other has a fan-out for each of them.
    """

    level: str
    x: int
    y: int


@dataclass(frozen=True)
class Architecture:
    """An accelerator as a file describes it.

    Args:
        version: of the file, `2020` for the form without one.
        hardware: the accelerator; its levels may hold everything until constraints are read.
        fanouts: by the names that directives for spatial loops have as their target.
        inserted: levels of the front end that are not in the hardware.
        branches: levels beside others, each of which holds only what a constraint lets it keep.
        constraints: constraints in the file, with `target` and `type`.
        notes: what is left out, one sentence each.
    """

    version: str
    hardware: Hardware
    fanouts: Mapping[str, Fanout]
    inserted: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()
    constraints: tuple[Fields, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def has_bound_bypass(self) -> bool:
        """Whether the constraints are part of every mapping, as they are since version 0.4."""
        return self.version == V4


@dataclass
class Sink:
    """Where readers of nodes and subtrees put what they find, from the outside in.

    A fan-out has a name, the number of components outside of it, and children along X and Y.
    """

    components: list[Component] = field(default_factory=list)
    fanouts: list[tuple[str, int, tuple[int, int]]] = field(default_factory=list)
    constraints: list[Fields] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def own_fanouts(hardware: Hardware) -> dict[str, Fanout]:
    """The fan-outs of forms in which spatial loops name the level above its children."""
    return {
        level.name: Fanout(level.name, x, y)
        for level, (x, y) in zip(hardware.levels, hardware.fanouts, strict=True)
    }


def count_of(name: str, where: str) -> int:
    """How many instances a name such as `PE[0..15]` stands for; several ranges multiply.

    Raises:
        InputError: a range is empty, or there are too many instances.
    """
    total = 1
    for first, last in _RANGE.findall(name[:200]):
        if len(first) > 10 or len(last) > 10 or int(last) < int(first):
            raise InputError(f"{where}: name is {name[:60]!r}, expected a range such as [0..15]")
        total *= int(last) - int(first) + 1
        if total > MAX_INTEGER:
            raise InputError(f"{where}: name is {name[:60]!r}, expected at most {MAX_INTEGER}")
    return total


def plain_name(name: str) -> str:
    """A name without its range and without the containers around it."""
    return re.sub(r"\[.*?\]", "", name[:200]).rpartition(".")[2].strip() or name[:200]


def assemble(
    sink: Sink,
    name: str,
    version: str,
    where: str,
    names: Mapping[str, Any],
    classes: Mapping[str, Fields],
) -> Architecture:
    """The accelerator of components that are listed from the outside in.

    Args:
        sink: the components; every fan-out has the number of components outside of it.
        name: of the accelerator.
        version: of the file.
        where: its place, for error messages.
        names: variables of formulas.
        classes: attributes of classes of components, where a component has no capacity itself.

    Raises:
        InputError: there is no storage, no arithmetic, or something has a wrong value.
    """
    parts = [part for part in sink.components if part.is_storage or part.is_compute]
    for part in sink.components:
        if part not in parts:
            sink.notes.append(
                f"{part.name}, of class {part.kind or 'unknown'}, is left out: "
                "it neither stores nor computes"
            )
    computes = [part for part in parts if part.is_compute]
    inserted = {part.name for part in parts if _is_inserted(part)}
    storages = [part for part in parts if part.is_storage and part.name not in inserted]
    if len(computes) != 1 or not storages:
        raise InputError(
            f"{where}: {len(storages)} storage and {len(computes)} compute components, "
            "expected at least one and exactly one"
        )
    # Timeloop takes the arithmetic for innermost wherever it stands.
    parts = [part for part in parts if part is not computes[0]] + computes
    fields = [_fields(part, names, classes) for part in parts]
    for outer, inner in zip(fields[-2::-1], fields[:0:-1], strict=True):
        # One mesh of as many instances: Accelergy does not ask for it at every level.
        if outer["instances"] == inner["instances"] and "meshX" in inner:
            outer.setdefault("meshX", inner["meshX"])
    levels = [
        entry
        for part, entry in zip(parts, fields, strict=True)
        if part.is_storage and part.name not in inserted
    ]
    plain = {"arithmetic": fields[-1], "storage": levels[::-1]}
    hardware = read_hardware(Fields(plain, where), name)
    fanouts = {}
    for label, outside, (x, y) in [*sink.fanouts, *_inserted_fanouts(sink, parts, fields)]:
        above = [part for part in sink.components[:outside] if part in storages]
        if above:
            # Otherwise there are several accelerators, and no loops over them.
            fanouts[label] = Fanout(above[-1].name, x, y)
    return Architecture(
        version,
        hardware,
        fanouts,
        frozenset(inserted),
        constraints=tuple(sink.constraints),
        notes=tuple(sink.notes),
    )


def _is_inserted(part: Component) -> bool:
    return part.kind == NO_STORAGE and INSERTED.match(part.name) is not None


def _inserted_fanouts(
    sink: Sink, parts: list[Component], fields: list[dict[str, Any]]
) -> list[tuple[str, int, tuple[int, int]]]:
    """The fan-outs of levels of the front end: from each to what is next inside of it."""
    found = []
    meshes = [
        (int(entry.get("meshX", entry["instances"])), int(entry["instances"])) for entry in fields
    ]
    for index, part in enumerate(parts):
        if _is_inserted(part):
            (x, count), (inner_x, inner) = meshes[index], meshes[index + 1]
            ratio = max(inner_x // x, 1)
            mesh = (ratio, max(inner // count // ratio, 1))
            outside = sink.components.index(part)
            container = INSERTED.sub(r"\1", part.name)
            found += [(container, outside, mesh), (part.name, outside, mesh)]
    return found


def _fields(
    part: Component, names: Mapping[str, Any], classes: Mapping[str, Fields]
) -> dict[str, Any]:
    """The fields of a component, as `read_hardware` reads them."""
    known = values(part.attributes, names, is_open=True)
    general = classes.get(part.technology, classes.get(part.kind))
    if general is not None and part.is_storage and not _has_capacity(known):
        sizes = {key: each for key, each in general.data.items() if isinstance(each, int)}
        known = values(Fields(sizes, general.where), names, is_open=True) | known
    if isinstance(part.mesh, tuple):
        known |= {"instances": part.mesh[0] * part.mesh[1], "meshX": part.mesh[0]}
        known.pop("meshY", None)
    else:
        known.setdefault("instances", part.mesh)
    known["name"] = part.name
    where = part.attributes.where
    if part.is_compute:
        return arithmetic(known, part.attributes, is_open=True)
    known["technology"] = technology_of(part.technology)
    known.pop("energy", None)
    fields = storage(known, where, is_open=True)
    if part.kind == NO_STORAGE:
        fields = {key: value for key, value in fields.items() if key not in ("depth", "sizeKB")}
        fields["entries"] = 0
    elif not _has_capacity(fields):
        fields["entries"] = UNBOUNDED
    return fields


def _has_capacity(fields: Mapping[str, Any]) -> bool:
    return any(key in fields for key in CAPACITIES)
