"""Accelerators level by level, as files have them."""

from __future__ import annotations

from codesign.errors import InputError
from codesign.hardware.architecture import TECHNOLOGIES, Arithmetic, Hardware, StorageLevel
from codesign.reading import Fields

MAX_ENTRIES = 2**40
MAX_KB = 2.0**27
"""128 GiB an instance: far beyond any memory, and far from overflow."""

UNBOUNDED = "unbounded"
"""Stands for the capacity of memory that holds whatever there is."""

MIN_BANDWIDTH = 2.0**-8
"""Words per cycle; with less, the cycles of the largest layers would not fit 64 bits."""


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
