"""Hardware files: an accelerator, its energy table, its dataflows and its budget, as YAML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codesign.errors import InputError
from codesign.hardware.architecture import TECHNOLOGIES, Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import ROW_STATIONARY, Dataflow, read_dataflows
from codesign.hardware.eyeriss import Budget, EyerissPoint, eyeriss
from codesign.hardware.technology import PAT, Technology, load_technology
from codesign.reading import Fields, closest, read_yaml
from codesign.shipped import find

MAX_ENTRIES = 2**40
MAX_KB = 2.0**27
"""128 GiB an instance: far beyond any memory, and far from overflow."""

UNBOUNDED = "unbounded"
"""Stands for the capacity of memory that holds whatever there is."""

MIN_BANDWIDTH = 2.0**-8
"""Words per cycle; with less, the cycles of the largest layers would not fit 64 bits."""

EYERISS_DOMAINS = {"h9": (1, 2, 4, 8, 16), "h10": (1,), "h11": (1, 2), "h12": (1, 2)}


@dataclass(frozen=True)
class Chip:
    """A hardware file: the accelerator with all that a study needs to know about it.

    Args:
        hardware: the accelerator itself.
        technology: its energy table.
        dataflows: the dataflows it knows, by name.
        budget, point: for the Eyeriss template, what may be arranged and how it is; else None.
        domains: values that H9–H12 may take in a search, and the PEs (`pes`) if they are free.
    """

    hardware: Hardware
    technology: Technology
    dataflows: dict[str, Dataflow]
    budget: Budget | None = None
    point: EyerissPoint | None = None
    domains: tuple[tuple[str, tuple[int, ...]], ...] = tuple(EYERISS_DOMAINS.items())

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
        chip = _from_template(fields, name, technology)
    else:
        hardware = read_hardware(fields, name)
        chip = Chip(hardware, technology, read_dataflows(fields, hardware))
    fields.done()
    return chip


def _from_template(fields: Fields, name: str, technology: Technology) -> Chip:
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


def read_hardware(fields: Fields, name: str) -> Hardware:
    """An explicit accelerator: `arithmetic` and `storage`, innermost level first.

    The keys are Timeloop's (`word-bits`, `block-size`, `sizeKB`, …), as in the record format.
    """
    entry = fields.fields("arithmetic")
    instances, mesh_x = _mesh(entry)
    arithmetic = Arithmetic(
        entry.text("name", "MACs"), instances, mesh_x, entry.integer("word-bits", 16, maximum=1024)
    )
    entry.done()
    levels = tuple(_read_level(item) for item in fields.each("storage"))
    return Hardware(name, arithmetic, levels)


def _mesh(entry: Fields) -> tuple[int, int]:
    instances = entry.integer("instances", 1)
    mesh_x = entry.integer("meshX", instances)
    if instances % mesh_x:
        raise entry.refuse("meshX", f"a divisor of the {instances} instances")
    return instances, mesh_x


def _read_level(entry: Fields) -> StorageLevel:
    instances, mesh_x = _mesh(entry)
    technology = entry.text("technology", "SRAM", choices=list(TECHNOLOGIES))
    word_bits = entry.integer("word-bits", 16, maximum=1024)
    block_size = entry.integer("block-size", 1)
    both = _bandwidth(entry, "bandwidth", None)
    half = None if both is None else both / 2
    keeps = entry.sequence("keeps", None)
    if keeps is not None and not all(isinstance(name, str) for name in keeps):
        raise entry.refuse("keeps", "a list of dataspace names")
    level = StorageLevel(
        name=entry.text("name"),
        entries=_entries(entry, technology, word_bits, block_size),
        instances=instances,
        mesh_x=mesh_x,
        word_bits=word_bits,
        block_size=block_size,
        cluster_size=entry.integer("cluster-size", 1),
        read_bandwidth=_bandwidth(entry, "read_bandwidth", half),
        write_bandwidth=_bandwidth(entry, "write_bandwidth", half),
        technology=technology,
        multiple_buffering=entry.number("multiple-buffering", 1.0, minimum=1.0),
        min_utilization=entry.number("min-utilization", 0.0, maximum=1.0),
        keeps=None if keeps is None else frozenset(keeps),
        vector_access_pj=entry.number("vector-access-energy", None),
        address_pj=entry.number("addr-gen-energy", None, minimum=-1.0),
        hop_pj=entry.number("energy-per-hop", None),
        router_pj=entry.number("router-energy", 0.0),
        wire_pj_per_bit_mm=entry.number("wire-energy", None),
        tile_width_um=entry.number("tile-width", None),
    )
    entry.done()
    return level


def _bandwidth(entry: Fields, name: str, default: float | None) -> float | None:
    value: float | None = entry.number(name, default, minimum=MIN_BANDWIDTH)
    return value


def _entries(entry: Fields, technology: str, word_bits: int, block_size: int) -> int | None:
    """Capacity in words, however the file gives it; DRAM that gives none is unbounded."""
    given = [key for key in ("entries", "sizeKB", "depth") if key in entry]
    if len(given) > 1:
        raise InputError(f"{entry.where}: both {given[0]} and {given[1]} are given, expected one")
    if "entries" in entry:
        if entry.raw("entries") == UNBOUNDED:
            return None
        return int(entry.integer("entries", minimum=0, maximum=MAX_ENTRIES))
    if "depth" in entry:
        rows: int = entry.integer("depth", minimum=0, maximum=MAX_ENTRIES // block_size)
        return rows * block_size
    if "sizeKB" in entry:
        return int(entry.number("sizeKB", maximum=MAX_KB) * 8192) // word_bits
    if technology == "DRAM":
        return None
    raise InputError(f"{entry.where}: the capacity is missing, expected entries, sizeKB or depth")
