"""Hardware files: an accelerator, its energy table, its dataflows and its budget, as YAML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import ROW_STATIONARY, Dataflow, read_dataflows
from codesign.hardware.eyeriss import Budget, EyerissPoint, eyeriss
from codesign.hardware.levels import MAX_KB, read_hardware
from codesign.hardware.technology import PAT, Technology, load_technology
from codesign.hardware.template import Point, Template, read_template
from codesign.reading import Fields, closest, read_yaml
from codesign.shipped import find

EYERISS_DOMAINS = {"h9": (1, 2, 4, 8, 16), "h10": (1,), "h11": (1, 2), "h12": (1, 2)}


@dataclass(frozen=True)
class Chip:
    """A hardware file: the accelerator with all that a study needs to know about it.

    Args:
        hardware: the accelerator itself.
        technology: its energy table.
        dataflows: the dataflows it knows, by name.
        budget: for the Eyeriss template, what may be arranged.
        point: how it is arranged, for the Eyeriss template and those of users; else None.
        domains: values that H9–H12 may take in a search, and the PEs (`pes`) if they are free.
        template: a user's template, if the file is one.
    """

    hardware: Hardware
    technology: Technology
    dataflows: dict[str, Dataflow]
    budget: Budget | None = None
    point: Point | None = None
    domains: tuple[tuple[str, tuple[int, ...]], ...] = tuple(EYERISS_DOMAINS.items())
    template: Template | None = None

    @property
    def hints(self) -> tuple[Dataflow, ...]:
        """The dataflows that the chip was made for: all but the free one."""
        return tuple(flow for flow in self.dataflows.values() if flow.rules)

    def dataflow(self, name: str) -> Dataflow:
        """The dataflow called `name`; `InputError` when the chip has none of that name."""
        if name not in self.dataflows:
            hint = closest(name, list(self.dataflows))
            known = ", ".join(self.dataflows)
            raise InputError(f"{self.hardware.name}: no dataflow {name!r}{hint}; it has {known}")
        return self.dataflows[name]


def load_hardware(source: str | Path) -> Hardware:
    """Reads an accelerator: a name from `config/hardware/` or the path of a YAML file.

    Raises:
        InputError: nothing of that name, or a field that is not what it should be.
    """
    return load_chip(source).hardware


def load_chip(source: str | Path) -> Chip:
    """Reads a whole hardware file; see `Chip`."""
    fields = read_yaml(find("hardware", source))
    name = fields.text("name")
    fields.text("description", "")
    technology = load_technology(fields.text("technology")) if "technology" in fields else PAT
    if "template" in fields:
        chip = _eyeriss(fields, name, technology)
    elif "parameters" in fields:
        template = read_template(fields, name)
        hardware = template.hardware(template.point, name)
        flows = read_dataflows(fields, hardware)
        chip = Chip(hardware, technology, flows, point=template.point, template=template)
    else:
        hardware = read_hardware(fields, name)
        chip = Chip(hardware, technology, read_dataflows(fields, hardware))
    fields.done()
    return chip


def _eyeriss(fields: Fields, name: str, technology: Technology) -> Chip:
    fields.text("template", choices=["eyeriss"])
    budget = read_budget(fields.fields("budget"))
    point = read_point(fields.fields("parameters"))
    hardware = eyeriss(name, point, budget)
    domains = dict(EYERISS_DOMAINS)
    if "space" in fields:
        domains = _read_domains(fields.fields("space"), budget)
    flows = {ROW_STATIONARY.name: ROW_STATIONARY} | read_dataflows(fields, hardware)
    return Chip(hardware, technology, flows, budget, point, tuple(domains.items()))


def read_budget(fields: Fields) -> Budget:
    """The budget of the Eyeriss template; all but the PEs default to Eyeriss's own."""
    word_bits = fields.integer("word_bits", 16, maximum=64)
    budget = Budget(
        pes=fields.integer("pes"),
        local_words=fields.integer("local_words", 220),
        global_words=int(fields.number("global_kb", 128.0, maximum=MAX_KB) * 8192) // word_bits,
        word_bits=word_bits,
    )
    fields.done()
    return budget


def read_point(fields: Fields) -> EyerissPoint:
    """H1 … H12 of the Eyeriss template from a mapping; H3–H12 default to Eyeriss's own."""
    known = EyerissPoint(1, 1)
    values = {
        key: fields.integer(key.upper())
        if key in ("h1", "h2")
        else fields.integer(key.upper(), default)
        for key, default in vars(known).items()
    }
    for key in ("h11", "h12"):
        if values[key] > 2:
            raise fields.refuse(key.upper(), "1 (pinned) or 2 (left to the mapping)")
    fields.done()
    return EyerissPoint(**values)


def _read_domains(fields: Fields, budget: Budget) -> dict[str, tuple[int, ...]]:
    domains = dict(EYERISS_DOMAINS)
    if "PEs" in fields:
        values = fields.sequence("PEs")
        if not values or not all(type(v) is int and 1 <= v <= budget.pes for v in values):
            raise fields.refuse(
                "PEs", f"a list of whole numbers from 1 to {budget.pes}, the budget"
            )
        domains["pes"] = tuple(sorted(set(values)))
    for key in EYERISS_DOMAINS:
        if key.upper() in fields:
            values = fields.sequence(key.upper())
            if not values or not all(type(v) is int and 1 <= v <= 1024 for v in values):
                raise fields.refuse(key.upper(), "a list of whole numbers from 1 to 1024")
            domains[key] = tuple(sorted(set(values)))
    fields.done()
    return domains
