"""`design.yaml`: a design as text that reads back to the same bits (`docs/files.md`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codesign.accounting import ACCOUNTINGS
from codesign.errors import InputError
from codesign.factors import DIVISORS, FACTORS
from codesign.hardware.architecture import Hardware
from codesign.hardware.levels import read_hardware
from codesign.hardware.point import PLAIN, Budget, Point
from codesign.hardware.technology import Technology, read_technology
from codesign.hardware.values import as_number, read_values
from codesign.hardware.writing import (
    hardware_fields,
    technology_fields,
)
from codesign.mapping.files import mapping_fields, read_mapping
from codesign.mapping.mapping import Mapping
from codesign.paths import kind_of
from codesign.reading import Fields, closest, read_yaml
from codesign.store.atomic import write_text
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.store.yaml_text import Line, LineFields, on_lines, yaml_text
from codesign.workload.workload import Workload, read_workload
from codesign.workload.writing import workload_fields

FORMAT = 1
DESIGN = "design.yaml"
"""What commands call a design in the folder of its run."""

MAX_CYCLES = 2**63 - 1
MAX_ENERGY_PJ = 1e60


def write_design(design: Design, path: Path) -> None:
    """Writes a design, as a whole or not at all; `InputError` if it cannot be written."""
    write_text(path, yaml_text(_design_fields(design)))


def _design_fields(design: Design) -> dict[str, Any]:
    hardware = {"name": design.hardware.name} | template_fields(design)
    fields: dict[str, Any] = {"format": FORMAT, "name": design.name}
    if design.origin:
        fields["origin"] = dict(design.origin)
    if design.factors != DIVISORS:
        fields["factors"] = design.factors
    return fields | {
        "accounting": design.accounting,
        "technology": hashed_technology(design.technology),
        "hardware": hardware | on_lines(hardware_fields(design.hardware)),
        "networks": [_network_fields(design.hardware, network) for network in design.networks],
    }


def hashed_technology(technology: Technology) -> dict[str, Any]:
    """An energy table with its hash, as `read_hashed_technology` checks it."""
    return on_lines(technology_fields(technology)) | {"hash": technology.digest}


def template_fields(design: Design) -> dict[str, Any]:
    """Which template the hardware is of, and with what parameters; nothing where it has none."""
    if not design.point.values:
        return {}
    fields: dict[str, Any] = {"name": design.point.template}
    if design.budget:
        budget = {
            name: Line(value) if isinstance(value, tuple) else value
            for name, value in design.budget.items()
        }
        fields["budget"] = LineFields(budget)
    return {"template": fields | {"parameters": LineFields(design.point.named)}}


def _network_fields(hardware: Hardware, network: NetworkDesign) -> dict[str, Any]:
    layers = [entry.layer for entry in network.layers]
    counts = [entry.count for entry in network.layers]
    claims = {
        entry.layer.name: LineFields(energy_pj=float(entry.energy_pj), cycles=int(entry.cycles))
        for entry in network.layers
    }
    return {
        **on_lines(workload_fields(Workload(network.name, tuple(layers), tuple(counts)))),
        "mappings": {
            entry.layer.name: _mapping_fields(hardware, entry.mapping) for entry in network.layers
        },
        "costs": claims,
        "total": LineFields(
            energy_pj=float(network.energy_pj),
            cycles=int(network.cycles),
            edp=float(network.edp),
        ),
    }


def _mapping_fields(hardware: Hardware, mapping: Mapping) -> list[dict[str, Any]]:
    entries = []
    for level, fields in zip(hardware.levels, mapping_fields(mapping), strict=True):
        lines = {
            key: Line(Line(loop) if isinstance(loop, list) else loop for loop in value)
            for key, value in fields.items()
        }
        entries.append({"level": level.name, **lines})
    return entries


def load_design(path: Path) -> Design:
    """Reads a design; a folder stands for the `design.yaml` in it.

    Raises:
        InputError: the file cannot be read, a field has a wrong value, a mapping is not one of its
            layer, or a hash or the template's parameters contradict the rest of the file.
    """
    if kind_of(path) == "folder":
        if kind_of(path / DESIGN) != "file":
            raise InputError(f"{path}: no {DESIGN} in this folder, expected one, or a file")
        path = path / DESIGN
    beside = path.parent / DESIGN
    if path.suffix == ".parquet" and kind_of(beside) == "file":
        raise InputError(f"{path}: a table, expected a design, such as {beside}")
    fields = read_yaml(path)
    fields.integer("format", minimum=FORMAT, maximum=FORMAT)
    name = fields.text("name")
    origin = dict(fields.fields("origin").data) if "origin" in fields else {}
    accounting = fields.text("accounting", choices=list(ACCOUNTINGS))
    factors = fields.text("factors", DIVISORS, choices=list(FACTORS))
    technology = read_hashed_technology(fields.fields("technology"))
    hardware, point, budget = _read_hardware(fields.fields("hardware"))
    networks = tuple(_read_network(entry, hardware) for entry in fields.each("networks"))
    fields.done()
    if not networks:
        raise fields.refuse("networks", "at least one")
    try:
        return Design(
            name, hardware, networks, technology, accounting, point, budget, origin, factors
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def read_hashed_technology(fields: Fields) -> Technology:
    """The energy table that `fields` describe; `InputError` when its hash is another's."""
    technology = read_technology(fields)
    claimed = fields.text("hash", None)
    fields.done()
    if claimed not in (None, technology.digest):
        raise fields.refuse(
            "hash", f"{technology.digest!r}, which these formulas have (or no hash at all)"
        )
    return technology


def _read_hardware(fields: Fields) -> tuple[Hardware, Point, Budget]:
    point, budget = read_template(fields)
    hardware = read_hardware(fields, fields.text("name"))
    fields.done()
    return hardware, point, budget


def read_template(fields: Fields) -> tuple[Point, Budget]:
    """What `template_fields` writes; the caller says `done`."""
    if "template" not in fields:
        return PLAIN, {}
    entry = fields.fields("template")
    parameters = entry.fields("parameters")
    values = tuple((name, as_number(parameters.number(name))) for name in parameters.data)
    point = Point(entry.text("name"), values)
    budget: dict[str, float | tuple[float, ...]] = {}
    if "budget" in entry:
        numbers = entry.fields("budget")
        for name, value in numbers.data.items():
            if isinstance(value, list):
                budget[name] = read_values(numbers, name, {})
            else:
                budget[name] = as_number(numbers.number(name))
    entry.done()
    return point, budget


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
    fields.raw("total", None)  # the sum of the costs, which is only for readers
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
