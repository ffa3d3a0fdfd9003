"""Reading accelerators that a file gives level by level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.hardware.architecture import TECHNOLOGIES, Arithmetic, Hardware, StorageLevel
from codesign.reading import MAX_INTEGER, MAX_NUMBER, Fields, closest

MAX_ENTRIES = 2**40
MAX_KB = 2.0**27
"""128 GiB per instance: far beyond any memory, and far from overflow."""

UNBOUNDED = "unbounded"
"""In files, the capacity of memory without a bound."""

CAPACITIES = ("entries", "sizeKB", "depth")
"""Keys that give a capacity, in words, KiB, or blocks of words. A level has exactly one."""

MIN_BANDWIDTH = 2.0**-8
"""Words per cycle. With less, the cycles of the largest layers would not fit into 64 bits."""


@dataclass(frozen=True)
class Span:
    """The numbers that a key may have: from `least` to `most`, only whole ones if `is_whole`."""

    least: float
    most: float
    is_whole: bool = False

    def __str__(self) -> str:
        kind = "a whole number" if self.is_whole else "a number"
        return f"{kind} from {self.least:.16g} to {self.most:.16g}"

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each value is in the span; NaN is not."""
        found = (values >= self.least) & (values <= self.most)
        if self.is_whole:
            found &= values % 1 == 0
        return found

    def read(self, entry: Fields, key: str, default: Any = Fields.REQUIRED) -> Any:
        """The number under `key` of a file's entry.

        Raises:
            InputError: it is not in the span.
        """
        if self.is_whole:
            return entry.integer(key, default, int(self.least), int(self.most))
        return entry.number(key, default, self.least, self.most)


_BANDWIDTH = Span(MIN_BANDWIDTH, MAX_NUMBER)
_ENERGY = Span(0.0, MAX_NUMBER)

SPANS = {
    "instances": Span(1, MAX_INTEGER, is_whole=True),
    "meshX": Span(1, MAX_INTEGER, is_whole=True),
    "word-bits": Span(1, 1024, is_whole=True),
    "transfer-bits": Span(1, 1024, is_whole=True),
    "entries": Span(0, MAX_ENTRIES, is_whole=True),
    "sizeKB": Span(0.0, MAX_KB),
    "depth": Span(0, MAX_ENTRIES, is_whole=True),
    "block-size": Span(1, MAX_INTEGER, is_whole=True),
    "cluster-size": Span(1, MAX_INTEGER, is_whole=True),
    "bandwidth": _BANDWIDTH,
    "read_bandwidth": _BANDWIDTH,
    "write_bandwidth": _BANDWIDTH,
    "shared_bandwidth": _BANDWIDTH,
    "multiple-buffering": Span(1.0, MAX_NUMBER),
    "min-utilization": Span(0.0, 1.0),
    "vector-access-energy": _ENERGY,
    "addr-gen-energy": Span(-1.0, MAX_NUMBER),
    "energy-per-hop": _ENERGY,
    "router-energy": _ENERGY,
    "wire-energy": _ENERGY,
    "tile-width": _ENERGY,
    "leak_pj_per_cycle": _ENERGY,
    "latency": Span(1, MAX_INTEGER, is_whole=True),
    "network_fill_latency": Span(0, MAX_INTEGER, is_whole=True),
    "network_drain_latency": Span(0, MAX_INTEGER, is_whole=True),
}
"""The span of every number in `arithmetic` and `storage`, by its key."""


def read_hardware(fields: Fields, name: str) -> Hardware:
    """The accelerator of the sections `arithmetic` and `storage`, innermost level first.

    The keys are Timeloop's (`word-bits`, `block-size`, `sizeKB`, …), as in records.

    Raises:
        InputError: a field is missing, unknown or has a bad value.
    """
    entry = fields.fields("arithmetic")
    instances, mesh_x = _mesh(entry)
    arithmetic = Arithmetic(
        entry.text("name", "MACs"),
        instances,
        mesh_x,
        _number(entry, "word-bits", 16),
        _number(entry, "leak_pj_per_cycle", None),
        _number(entry, "latency", 1),
    )
    entry.done()
    levels = tuple(_read_level(item) for item in fields.each("storage"))
    return Hardware(name, arithmetic, levels)


def _number(entry: Fields, key: str, default: Any) -> Any:
    return SPANS[key].read(entry, key, default)


def _mesh(entry: Fields) -> tuple[int, int]:
    instances = _number(entry, "instances", 1)
    mesh_x = _number(entry, "meshX", instances)
    if instances % mesh_x:
        raise entry.refuse("meshX", f"a divisor of the {instances} instances")
    return instances, mesh_x


def _read_level(entry: Fields) -> StorageLevel:
    instances, mesh_x = _mesh(entry)
    technology = entry.text("technology", "SRAM", choices=list(TECHNOLOGIES))
    word_bits = _number(entry, "word-bits", 16)
    block_size = _number(entry, "block-size", 1)
    both = _number(entry, "bandwidth", None)
    half = None if both is None else both / 2
    keeps = entry.sequence("keeps", None)
    if keeps is not None and not all(isinstance(name, str) for name in keeps):
        raise entry.refuse("keeps", "a list of dataspace names")
    may_bypass = entry.sequence("may_bypass", [])
    if not all(isinstance(name, str) for name in may_bypass):
        raise entry.refuse("may_bypass", "a list of dataspace names")
    level = StorageLevel(
        name=entry.text("name"),
        entries=_entries(entry, technology, word_bits, block_size),
        instances=instances,
        mesh_x=mesh_x,
        word_bits=word_bits,
        block_size=block_size,
        cluster_size=_number(entry, "cluster-size", 1),
        read_bandwidth=_number(entry, "read_bandwidth", half),
        write_bandwidth=_number(entry, "write_bandwidth", half),
        shared_bandwidth=_number(entry, "shared_bandwidth", None),
        technology=technology,
        multiple_buffering=_number(entry, "multiple-buffering", 1.0),
        min_utilization=_number(entry, "min-utilization", 0.0),
        keeps=None if keeps is None else frozenset(keeps),
        may_bypass=frozenset(may_bypass),
        vector_access_pj=_number(entry, "vector-access-energy", None),
        address_pj=_number(entry, "addr-gen-energy", None),
        hop_pj=_number(entry, "energy-per-hop", None),
        router_pj=_number(entry, "router-energy", 0.0),
        wire_pj_per_bit_mm=_number(entry, "wire-energy", None),
        tile_width_um=_number(entry, "tile-width", None),
        leak_pj_per_cycle=_number(entry, "leak_pj_per_cycle", None),
        network_fill_latency=_number(entry, "network_fill_latency", 0),
        network_drain_latency=_number(entry, "network_drain_latency", 0),
        transfer_bits=_number(entry, "transfer-bits", None),
    )
    entry.done()
    return level


def _entries(entry: Fields, technology: str, word_bits: int, block_size: int) -> int | None:
    """The capacity in words, from the key that the file uses; DRAM without one is unbounded."""
    given = [key for key in CAPACITIES if key in entry]
    if len(given) > 1:
        raise InputError(f"{entry.where}: both {given[0]} and {given[1]} are given, expected one")
    if "entries" in entry:
        if entry.raw("entries") == UNBOUNDED:
            return None
        return int(_number(entry, "entries", Fields.REQUIRED))
    if "depth" in entry:
        rows: int = entry.integer("depth", minimum=0, maximum=MAX_ENTRIES // block_size)
        return rows * block_size
    if "sizeKB" in entry:
        return int(_number(entry, "sizeKB", Fields.REQUIRED) * 8192) // word_bits
    if technology == "DRAM":
        return None
    expected = ", ".join(CAPACITIES[:-1]) + f" or {CAPACITIES[-1]}"
    unknown = next((key for key in entry.data if _meant(key)), None)
    told = "the capacity is missing" if unknown is None else f"unknown field {unknown!r}"
    hint = "" if unknown is None else _meant(unknown)
    raise InputError(f"{entry.where}: {told}{hint}, expected {expected}")


def _meant(key: str) -> str:
    """A " (did you mean …?)" for a key like one of a capacity, such as `size-kb`; else nothing."""
    plain = {known.lower(): known for known in CAPACITIES}
    if key in SPANS:
        return ""
    hint = closest(key.lower().replace("-", "").replace("_", ""), list(plain))
    return next((hint.replace(low, known) for low, known in plain.items() if low in hint), "")
