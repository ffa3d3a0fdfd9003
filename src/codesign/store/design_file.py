"""`design.yaml`: a design as text that reads back to the same bits (`docs/files.md`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from codesign.cost.evaluate import ACCOUNTINGS
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.eyeriss import Budget, EyerissPoint
from codesign.hardware.files import read_budget, read_hardware, read_point
from codesign.hardware.technology import Technology, read_technology
from codesign.hardware.writing import (
    budget_fields,
    hardware_fields,
    point_fields,
    technology_fields,
)
from codesign.mapping.files import mapping_fields, read_mapping
from codesign.mapping.mapping import Mapping
from codesign.reading import Fields, closest, read_yaml
from codesign.store.atomic import write_text
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.workload.network import Workload, read_workload
from codesign.workload.writing import workload_fields

FORMAT = 1
MAX_CYCLES = 2**63 - 1
MAX_ENERGY_PJ = 1e60


class _Line(list[Any]):
    """A list to be written on one line."""


class _Fields(dict[str, Any]):
    """Names and values to be written on one line, as far as it reaches."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


_Dumper.add_representer(
    _Line, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, True)
)
_Dumper.add_representer(
    _Fields, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, True)
)


def write_design(design: Design, path: Path) -> None:
    """Writes a design, whole or not at all; `InputError` when it cannot be written."""
    text = yaml.dump(
        _design_fields(design), Dumper=_Dumper, sort_keys=False, width=100, allow_unicode=True
    )
    write_text(path, text)


def _design_fields(design: Design) -> dict[str, Any]:
    hardware: dict[str, Any] = {"name": design.hardware.name}
    if design.point is not None and design.budget is not None:
        hardware["eyeriss"] = {
            "budget": _Fields(budget_fields(design.budget)),
            "parameters": _Fields(point_fields(design.point)),
        }
    technology = _lines(technology_fields(design.technology))
    technology["hash"] = design.technology.digest
    fields: dict[str, Any] = {"format": FORMAT, "name": design.name}
    if design.origin:
        fields["origin"] = dict(design.origin)
    return fields | {
        "accounting": design.accounting,
        "technology": technology,
        "hardware": hardware | _lines(hardware_fields(design.hardware)),
        "networks": [_network_fields(design.hardware, network) for network in design.networks],
    }


def _network_fields(hardware: Hardware, network: NetworkDesign) -> dict[str, Any]:
    layers = [entry.layer for entry in network.layers]
    counts = [entry.count for entry in network.layers]
    claims = {
        entry.layer.name: _Fields(energy_pj=float(entry.energy_pj), cycles=int(entry.cycles))
        for entry in network.layers
    }
    return {
        **_lines(workload_fields(Workload(network.name, tuple(layers), tuple(counts)))),
        "mappings": {
            entry.layer.name: _mapping_fields(hardware, entry.mapping) for entry in network.layers
        },
        "costs": claims,
        "total": _Fields(
            energy_pj=float(network.energy_pj),
            cycles=int(network.cycles),
            edp=float(network.edp),
        ),
    }


def _lines(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with every mapping among them, or in a list of them, on a line of its own."""

    def short(value: Any) -> Any:
        if isinstance(value, list):
            return [short(item) for item in value]
        return _Fields(value) if isinstance(value, dict) else value

    return {name: short(value) for name, value in fields.items()}


def _mapping_fields(hardware: Hardware, mapping: Mapping) -> list[dict[str, Any]]:
    entries = []
    for level, fields in zip(hardware.levels, mapping_fields(mapping), strict=True):
        lines = {
            key: _Line(_Line(loop) if isinstance(loop, list) else loop for loop in value)
            for key, value in fields.items()
        }
        entries.append({"level": level.name, **lines})
    return entries


def load_design(path: Path) -> Design:
    """Reads a design.

    Raises:
        InputError: the file cannot be read, a field is not what it should be, a mapping is none
            of its layer, or a hash or the Eyeriss parameters contradict the rest of the file.
    """
    fields = read_yaml(path)
    fields.integer("format", minimum=FORMAT, maximum=FORMAT)
    name = fields.text("name")
    origin = dict(fields.fields("origin").data) if "origin" in fields else {}
    accounting = fields.text("accounting", choices=list(ACCOUNTINGS))
    technology = _read_technology(fields.fields("technology"))
    hardware, budget, point = _read_hardware(fields.fields("hardware"))
    networks = tuple(_read_network(entry, hardware) for entry in fields.each("networks"))
    fields.done()
    if not networks:
        raise fields.refuse("networks", "at least one")
    try:
        return Design(name, hardware, networks, technology, accounting, budget, point, origin)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _read_technology(fields: Fields) -> Technology:
    technology = read_technology(fields)
    claimed = fields.text("hash", None)
    fields.done()
    if claimed not in (None, technology.digest):
        raise fields.refuse(
            "hash", f"{technology.digest!r}, which these formulas have (or no hash at all)"
        )
    return technology


def _read_hardware(fields: Fields) -> tuple[Hardware, Budget | None, EyerissPoint | None]:
    budget, point = None, None
    if "eyeriss" in fields:
        entry = fields.fields("eyeriss")
        budget = read_budget(entry.fields("budget"))
        point = read_point(entry.fields("parameters"))
        entry.done()
    hardware = read_hardware(fields, fields.text("name"))
    fields.done()
    return hardware, budget, point


def _read_network(fields: Fields, hardware: Hardware) -> NetworkDesign:
    workload = read_workload(fields)
    mappings, costs = fields.fields("mappings"), fields.fields("costs")
    layers = []
    for layer, count in zip(workload.layers, workload.counts, strict=True):
        mapping = _read_mapping(mappings, layer.name, hardware)
        claim = costs.fields(layer.name)
        energy_pj = claim.number("energy_pj", maximum=MAX_ENERGY_PJ)
        cycles = claim.integer("cycles", maximum=MAX_CYCLES)
        claim.done()
        layers.append(LayerDesign(layer, count, mapping, energy_pj, cycles))
    mappings.done()
    costs.done()
    fields.raw("total", None)  # the sum of the costs, for the reader alone
    fields.done()
    return NetworkDesign(workload.name, tuple(layers))


def _read_mapping(fields: Fields, name: str, hardware: Hardware) -> Mapping:
    known = [level.name for level in hardware.levels]
    entries = fields.sequence(name)
    given = [entry.get("level") if isinstance(entry, dict) else None for entry in entries]
    for index, level in enumerate(given):
        if level is not None and known[index : index + 1] != [level]:
            expected = known[index] if index < len(known) else "no further level"
            hint = closest(level, known)
            raise InputError(
                f"{fields.where}: {name}[{index}] is of level {level!r}{hint}, expected {expected}"
            )
    plain = [
        {key: value for key, value in entry.items() if key != "level"}
        if isinstance(entry, dict)
        else entry
        for entry in entries
    ]
    return read_mapping(Fields({name: plain}, fields.where), name)
