"""Sorts Timeloop's files by their keys; the names of the files do not matter."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codesign.accounting import ACCOUNTINGS
from codesign.errors import InputError
from codesign.hardware.point import PLAIN, Budget, Point
from codesign.hardware.technology import PAT, Technology
from codesign.paths import kind_of
from codesign.reading import Fields, read_yaml
from codesign.store.design_file import read_hashed_technology, read_template
from codesign.timeloop.attributes import with_formulas
from codesign.timeloop.constraints import listed
from codesign.timeloop.export import FORMAT, REST
from codesign.timeloop.source import read_source

ARCHITECTURES = ("arch", "architecture")
ARCHITECTURE_CONSTRAINTS = ("arch_constraints", "architecture_constraints")
MAPSPACE_CONSTRAINTS = ("constraints", "mapspace_constraints", "mapspace")
"""Keys of constraints that belong to the accelerator, and of those that a search is given."""

PARTS = (
    *(*ARCHITECTURES, *ARCHITECTURE_CONSTRAINTS, *MAPSPACE_CONSTRAINTS),
    *("problem", "mapping", "shape"),
)
"""Keys of what is read."""

OTHER_TOOLS = (
    *("model", "mapper", "sim", "globals", "version", "ignore", "dumped_by_timeloop_front_end"),
    *("ART", "ART_summary", "ERT_summary", "action_counts", "energy_estimation", "components"),
)
"""Keys for settings and answers of Timeloop and Accelergy, which are not part of a design."""

SPARSE = "sparse_optimizations"
ENDINGS = (".yaml", ".yml", ".cfg")
MAX_FILES = 20_000


@dataclass
class Rest:
    """The content of `codesign.yaml`, or defaults if it is not among the files.

    Args:
        name, hardware: names of the design and of its hardware.
        origin: how the design was found.
        accounting, technology: accounting and energy table of its costs; no accounting means that
            of the files' version.
        template: the template of the hardware, as `read_template` returns it.
        from_table: by level, keys of energies that its file has only because of the energy table.
        networks: name of each network, and folder, name and count of its layers; None if unknown.
    """

    name: str
    hardware: str
    origin: dict[str, Any] = field(default_factory=dict)
    accounting: str | None = None
    technology: Technology = PAT
    template: tuple[Point, Budget] = field(default_factory=lambda: (PLAIN, {}))
    from_table: dict[str, list[str]] = field(default_factory=dict)
    networks: list[tuple[str, list[tuple[str, str, int]]]] | None = None


@dataclass
class Parts:
    """All parts that were found, each with its file, and the files that were refused.

    Args:
        architectures, problems, mappings: fields by file; those of a mapping are the whole file's.
        bound, searched: constraints of accelerators and of searches, by file.
        shapes: shapes that problems may refer to, by name.
        names: variables of formulas.
        components: capacities of classes of components.
        rest: what `codesign.yaml` says.
        refused: why, by file.
        unused: what else is in a file, by file.
    """

    rest: Rest
    architectures: dict[Path, Fields] = field(default_factory=dict)
    problems: dict[Path, Fields] = field(default_factory=dict)
    mappings: dict[Path, Fields] = field(default_factory=dict)
    bound: dict[Path, list[Fields]] = field(default_factory=dict)
    searched: dict[Path, list[Fields]] = field(default_factory=dict)
    shapes: dict[str, Fields] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    components: dict[str, Fields] = field(default_factory=dict)
    tables: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    refused: dict[Path, str] = field(default_factory=dict)
    unused: dict[Path, str] = field(default_factory=dict)

    def refuse(self, file: Path, error: InputError) -> None:
        """Drops all parts of a file."""
        self.refused.setdefault(file, str(error))
        for parts in self.architectures, self.problems, self.mappings, self.bound, self.searched:
            parts.pop(file, None)

    @contextmanager
    def reading(self, file: Path) -> Iterator[None]:
        """What is wrong in its body refuses the file."""
        try:
            yield
        except InputError as error:
            self.refuse(file, error)


def gather(paths: Sequence[Path], name: str) -> Parts:
    """The parts that files have. A file that cannot be read is refused, and the others are not.

    Args:
        paths: files, or folders, which stand for all files in and below them that end in `.yaml`,
            `.yml` or `.cfg`.
        name: the name of things that have no name in Timeloop's files.

    Raises:
        InputError: there are no files, or too many, or `codesign.yaml` has a wrong value.
    """
    parts = Parts(Rest(name, name))
    files = [file for path in paths for file in _files(path)]
    parts.files = list(dict.fromkeys(files))
    for file in parts.files:
        if file.name == REST:
            parts.rest = _read_rest(read_yaml(file))
            parts.unused[file] = "names, counts and energy table of the design"
            continue
        with parts.reading(file):
            _sort_in(file, parts)
    if not parts.rest.from_table:
        # An ERT of ours repeats the energy table of `codesign.yaml`; other ERTs are not read.
        for file in parts.tables:
            told = f"{file}: ERT: energies come from an energy table (--technology)"
            parts.refuse(file, InputError(told))
    return parts


def _files(path: Path) -> list[Path]:
    if kind_of(path) != "folder":
        return [path]
    found: list[Path] = []
    # Folders that cannot be read, or that vanish meanwhile, are passed over.
    for folder, _, names in os.walk(path):
        files = [Path(folder, name) for name in names]
        found += [file for file in files if file.suffix in ENDINGS and kind_of(file) == "file"]
        if len(found) > MAX_FILES:
            raise InputError(f"{path}: {len(found)} files or more, expected at most {MAX_FILES}")
    if not found:
        ends = f"{', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
        raise InputError(f"{path}: no file that ends in {ends} in this folder")
    return sorted(found)


def _sort_in(file: Path, parts: Parts) -> None:
    fields = read_source(file)
    if fields.raw(SPARSE, None):
        raise InputError(f"{file}: {SPARSE}: sparse data is not modelled")
    for key in "variables", "compound_components":
        if fields.raw(key, None) is not None:
            _read_names(key, fields, parts)
    found = [key for key in PARTS if key in fields]
    others = (*OTHER_TOOLS, "ERT", "variables", "compound_components")
    known = [key for key in others if key in fields]
    for key in (*found, *known):
        fields.raw(key, None)
    if not found and not known:
        expected = ", ".join(PARTS)
        raise InputError(f"{file}: it has none of the keys {expected}")
    fields.done()
    if found and fields.raw("ERT", None) is not None:
        parts.tables.append(file)
    _require_one(found, ARCHITECTURES, file)
    for key in found:
        _sort_part(key, fields, file, parts)
    if not found:
        parts.unused[file] = f"no part of a design: {', '.join(known)}"


def _require_one(found: list[str], keys: tuple[str, ...], file: Path) -> None:
    both = [key for key in keys if key in found]
    if len(both) > 1:
        raise InputError(f"{file}: both {' and '.join(both)}, expected one")


def _sort_part(key: str, fields: Fields, file: Path, parts: Parts) -> None:
    value = fields.raw(key, None)
    if key in ARCHITECTURES:
        parts.architectures[file] = fields.fields(key)
    elif key == "problem":
        parts.problems[file] = fields.fields(key)
    elif key == "mapping":
        if value:
            parts.mappings[file] = fields
        elif len([each for each in PARTS if each in fields]) == 1:
            raise InputError(f"{file}: the mapping is empty")
    elif key == "shape":
        shape = fields.fields(key)
        parts.shapes[file.stem] = shape
        parts.shapes.setdefault(str(shape.raw("name", file.stem)), shape)
        parts.unused.setdefault(file, "a shape, for problems that refer to it by name")
    else:
        place = parts.bound if key in ARCHITECTURE_CONSTRAINTS else parts.searched
        place.setdefault(file, []).extend(listed(fields, key))


def _read_names(key: str, fields: Fields, parts: Parts) -> None:
    """Variables, and the classes of components with their attributes."""
    section = fields.fields(key)
    if key == "variables":
        parts.names = with_formulas(section.data, parts.names)
        return
    for entry in section.each("classes") if section.raw("classes", None) else ():
        if entry.raw("attributes", None) is not None:
            parts.components[entry.text("name")] = entry.fields("attributes")


def _read_rest(fields: Fields) -> Rest:
    fields.integer("format", minimum=FORMAT, maximum=FORMAT)
    hardware = fields.fields("hardware")
    rest = Rest(
        name=fields.text("name"),
        hardware=hardware.text("name"),
        origin=dict(fields.fields("origin").data) if "origin" in fields else {},
        accounting=fields.text("accounting", choices=list(ACCOUNTINGS)),
        technology=read_hashed_technology(fields.fields("technology")),
        template=read_template(hardware),
        from_table=_read_filled(hardware),
        networks=[_read_network(entry) for entry in fields.each("networks")],
    )
    hardware.done()
    fields.done()
    return rest


def _read_filled(hardware: Fields) -> dict[str, list[str]]:
    if "from_table" not in hardware:
        return {}
    levels = hardware.fields("from_table")
    return {name: [str(key) for key in levels.sequence(name)] for name in levels.data}


def _read_network(entry: Fields) -> tuple[str, list[tuple[str, str, int]]]:
    layers = []
    for item in entry.each("layers"):
        layers.append((item.text("folder"), item.text("name"), item.integer("count", 1)))
        item.done()
    name = entry.text("name")
    entry.done()
    return name, layers
