"""Hardware files: an accelerator, its energy table, its dataflows and its template, as YAML."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from codesign.errors import InputError
from codesign.factors import DIVISORS, FACTORS
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import Dataflow, read_dataflows
from codesign.hardware.point import Point
from codesign.hardware.technology import PAT, Technology, load_technology
from codesign.hardware.template import Template
from codesign.hardware.template_file import read_template
from codesign.hardware.templates import shipped_dataflows
from codesign.reading import Fields, closest, read_yaml
from codesign.shipped import find


@dataclass(frozen=True)
class Chip:
    """All that a hardware file describes: an accelerator, its space, energy table and dataflows.

    Args:
        template: its arrangement, with the parameters that a search may choose.
        technology: its energy table.
        dataflows: its dataflows, by name.
        factors: how the factors of mappings cover a layer's sizes, a name in `codesign.factors`.
    """

    template: Template
    technology: Technology
    dataflows: dict[str, Dataflow]
    factors: str = DIVISORS

    @cached_property
    def hardware(self) -> Hardware:
        """The accelerator of the chip's own point."""
        return self.template.hardware(self.template.point, self.template.name)

    @property
    def hints(self) -> tuple[Dataflow, ...]:
        """The dataflows that the chip was made for: those with rules."""
        return tuple(flow for flow in self.dataflows.values() if flow.rules)

    def at(self, point: Point) -> Chip:
        """The chip with the parameters of another point."""
        return replace(self, template=self.template.at(point))

    def dataflow(self, name: str) -> Dataflow:
        """The dataflow called `name`.

        Raises:
            InputError: the chip has no dataflow of that name.
        """
        if name not in self.dataflows:
            hint = closest(name, list(self.dataflows))
            known = ", ".join(self.dataflows)
            raise InputError(f"{self.hardware.name}: no dataflow {name!r}{hint}; it has {known}")
        return replace(self.dataflows[name], factors=self.factors)

    def dataflow_at(self, point: Point) -> Dataflow:
        """The dataflow of another point of the chip's template: the pins of its parameters."""
        return replace(self.template.dataflow(point), factors=self.factors)


def load_hardware(source: str | Path) -> Hardware:
    """Reads an accelerator by its name (`codesign.shipped.find`) or from a YAML file.

    Raises:
        InputError: there is no such name or file, or a field has a bad value.
    """
    return load_chip(source).hardware


def load_chip(source: str | Path) -> Chip:
    """Reads a chip by its name (`codesign.shipped.find`) or from a YAML file.

    Raises:
        InputError: there is no such name or file, or a field has a bad value.
    """
    fields = read_yaml(find("hardware", source))
    name = fields.text("name")
    fields.text("description", "")
    technology = load_technology(fields.text("technology")) if "technology" in fields else PAT
    template = read_template(fields, name)
    hardware = template.hardware(template.point, name)
    flows: dict[str, Dataflow] = {}
    if "template" in fields:
        flows = read_dataflows(Fields(shipped_dataflows(template.family), name), hardware)
    flows |= read_dataflows(fields, hardware)
    factors = fields.text("factors", DIVISORS, choices=list(FACTORS))
    fields.done()
    return Chip(template, technology, flows, factors)
