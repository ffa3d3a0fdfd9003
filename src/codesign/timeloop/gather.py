"""Sorts Timeloop's files by their keys; the names of the files do not matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codesign.accounting import ACCOUNTINGS
from codesign.errors import InputError
from codesign.hardware.point import PLAIN, Budget, Point
from codesign.hardware.technology import PAT, Technology
from codesign.reading import Fields, read_yaml
from codesign.store.design_file import read_hashed_technology, read_template
from codesign.timeloop.export import FORMAT, REST
from codesign.timeloop.nodes import TAGS

ARCHITECTURE, CONSTRAINTS = "architecture", "architecture_constraints"
_KEYS = {
    "arch": ARCHITECTURE,
    ARCHITECTURE: ARCHITECTURE,
    "arch_constraints": CONSTRAINTS,
    CONSTRAINTS: CONSTRAINTS,
    "problem": "problem",
    "mapping": "mapping",
}
_NOT_OURS = ("model", "mapper")
"""Keys for settings of Timeloop's programs, which are not part of a design."""


@dataclass
class Rest:
    """The content of `codesign.yaml`, or defaults if it is not among the files.

    Args:
        name, hardware: names of the design and of its hardware.
        origin: how the design was found.
        accounting, technology: accounting and energy table of its costs.
        template: the template of the hardware, as `read_template` returns it.
        from_table: by level, keys of energies that its file has only because of the energy table.
        networks: name of each network, and folder, name and count of its layers; None if unknown.
    """

    name: str
    hardware: str
    origin: dict[str, Any] = field(default_factory=dict)
    accounting: str = "timeloop"
    technology: Technology = PAT
    template: tuple[Point, Budget] = field(default_factory=lambda: (PLAIN, {}))
    from_table: dict[str, list[str]] = field(default_factory=dict)
    networks: list[tuple[str, list[tuple[str, str, int]]]] | None = None


@dataclass
class Parts:
    """All parts that were found: by folder, and problems by file, since a folder may have many."""

    architectures: dict[Path, Fields] = field(default_factory=dict)
    constraints: dict[Path, Fields] = field(default_factory=dict)
    problems: dict[Path, Fields] = field(default_factory=dict)
    mappings: dict[Path, Fields] = field(default_factory=dict)
    tables: list[Path] = field(default_factory=list)

    def place(self, kind: str) -> dict[Path, Fields]:
        """The dictionary for parts of a kind."""
        places = {
            ARCHITECTURE: self.architectures,
            CONSTRAINTS: self.constraints,
            "problem": self.problems,
            "mapping": self.mappings,
        }
        return places[kind]


def gather(paths: Sequence[Path], name: str) -> tuple[Parts, Rest]:
    """The parts that files have, and the content of `codesign.yaml`, if it is among them.

    Args:
        paths: files, or folders, which stand for all YAML files in and below them.
        name: the name of things that have no name in Timeloop's files.

    Raises:
        InputError: a file cannot be read, has none of the keys, or repeats a key of its folder.
    """
    parts, rest = Parts(), Rest(name, name)
    for file in (file for path in paths for file in _files(path)):
        if file.name == REST:
            rest = _read_rest(read_yaml(file))
        else:
            _sort_in(file, parts)
    if parts.tables and not rest.from_table:
        # An ERT of ours repeats the energy table of `codesign.yaml`; other ERTs are not read.
        raise InputError(
            f"{parts.tables[0]}: ERT: energies come from an energy table (--technology)"
        )
    return parts, rest


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(f for f in path.rglob("*") if f.suffix in (".yaml", ".yml") and f.is_file())
    if not found:
        raise InputError(f"{path}: no YAML file in this folder")
    return found


def _sort_in(file: Path, parts: Parts) -> None:
    fields = read_yaml(file, TAGS)
    if fields.raw("ERT", None) is not None:
        parts.tables.append(file)
    found = [key for key in _KEYS if key in fields]
    if not found:
        raise InputError(f"{file}: it has none of the keys {', '.join(_KEYS)}")
    for key in found:
        fields.raw(key)
        place = parts.place(_KEYS[key])
        where = file if key == "problem" else file.parent
        if where in place:
            raise InputError(f"{file}: {key} occurs twice in {where}, expected once")
        place[where] = fields if key == "mapping" else fields.fields(key)
    for key in _NOT_OURS:
        fields.raw(key, None)
    fields.done()


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
