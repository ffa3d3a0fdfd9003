"""The meaning of Timeloop's keys of a level: one table for all forms and versions."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from codesign.errors import InputError
from codesign.hardware.expression import Formula
from codesign.hardware.levels import MAX_ENTRIES, MAX_KB, UNBOUNDED
from codesign.hardware.values import as_number
from codesign.reading import Fields, shown

NAMES = {
    "name": "name",
    "instances": "instances",
    "meshX": "meshX",
    "meshY": "meshY",
    "word_bits": "word-bits",
    "word_width": "word-bits",
    "datawidth": "word-bits",
    "width": "width",
    "memory_width": "width",
    "data_storage_width": "width",
    "block_size": "block-size",
    "n_words": "block-size",
    "cluster_size": "cluster-size",
    "entries": "entries",
    "sizeKB": "sizeKB",
    "depth": "depth",
    "memory_depth": "depth",
    "data_storage_depth": "depth",
    "bandwidth": "bandwidth",
    "read_bandwidth": "read_bandwidth",
    "write_bandwidth": "write_bandwidth",
    "shared_bandwidth": "shared_bandwidth",
    "multiple_buffering": "multiple-buffering",
    "min_utilization": "min-utilization",
    "technology": "technology",
    "energy": "energy",
    "vector_access_energy": "vector-access-energy",
    "addr_gen_energy": "addr-gen-energy",
    "energy_per_hop": "energy-per-hop",
    "router_energy": "router-energy",
    "wire_energy": "wire-energy",
    "tile_width": "tile-width",
    "network_fill_latency": "network_fill_latency",
    "network_drain_latency": "network_drain_latency",
}
"""Timeloop's names, with `_` where older files have `-`, and ours."""

_RANK = {name: rank for rank, name in enumerate(NAMES)}
"""Of several names for one thing, Timeloop looks at the first that is there."""

WITHOUT_EFFECT = {
    *("num_ports", "n_ports", "nports", "n_rdwr_ports", "n_rw_ports", "n_rd_ports", "n_wr_ports"),
    *("num_banks", "n_banks", "nbanks", "network_word_bits", "area", "cluster_area"),
    *("n_instances", "class", "subclass", "reduction_supported"),
}
"""Keys on which no count and no energy here depends."""

_AT_REST = {
    "allow_overbooking": False,
    "per_dataspace_bandwidth_consumption_scale": {},
    "concordant_compressed_tile_traversal": False,
    "tile_partition_supported": False,
    "decompression_supported": False,
    "compression_supported": False,
}
"""Keys with an effect that is not modelled, and the values with which they have none."""

SPARSE = ("metadata", "concordant", "tile_partition", "decompression", "compression")
"""How the names of attributes of sparse hardware begin."""

_NOT_NUMBERS = ("name", "technology")
_TYPO = 0.9
"""Names more alike than this are one name with a slip of the pen."""

_DEFAULT_WORD_BITS = 16

_MOST = {"entries": MAX_ENTRIES, "depth": MAX_ENTRIES, "sizeKB": MAX_KB}
"""What is more than this is meant to be unbounded."""

MAX_FORMULAS = 128
"""Texts among the names of a file, or of a level, that may be formulas."""


def underscored(key: str) -> str:
    """A key as newer files have it."""
    return key.replace("-", "_")


def values(entry: Fields, names: Mapping[str, Any], is_open: bool) -> dict[str, Any]:
    """The values of a level by our names; formulas over `names` and over each other are computed.

    Args:
        entry: the keys of a level, or its `attributes`.
        names: what formulas may use.
        is_open: whether there may be other keys, for Accelergy. Those that are left out, if not.

    Raises:
        InputError: a key is unknown, occurs twice, or asks for what is not modelled.
    """
    known: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for key, value in entry.data.items():
        name = underscored(key)
        if value is None or name in WITHOUT_EFFECT:
            continue
        _require_at_rest(entry, name, value)
        ours = NAMES.get(name)
        if ours is not None and ours in known and _RANK[name] >= _RANK[underscored(origin[ours])]:
            if name == underscored(origin[ours]):
                raise InputError(
                    f"{entry.where}: both {origin[ours]} and {key} are given, expected one"
                )
        elif ours is not None:
            known[ours], origin[ours] = value, key
        elif is_open:
            _require_no_slip(entry, key)
        elif name not in _AT_REST:
            known[key] = value  # refused by what reads it
    scope = with_formulas(entry.data, names)
    for ours, value in known.items():
        if isinstance(value, str) and ours not in _NOT_NUMBERS and ours in origin:
            known[ours] = worked_out(value, scope, entry, origin[ours])
    return known


def worked_out(text: str, names: Mapping[str, Any], entry: Fields, key: str) -> Any:
    """The number that a formula of `key` gives.

    Raises:
        InputError: it is not a formula of numbers in `names`.
    """
    try:
        formula = Formula(text, tuple(names), f"{entry.where}: {key}")
        return as_number(formula(**names))
    except InputError:
        expected = f"a number, or a formula of {', '.join(names) or 'numbers'}"
        raise entry.refuse(key, expected[:400]) from None


def with_formulas(given: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers by name: those of `names`, those given, and those that follow from them."""
    found = _numbers(names) | _numbers(given)
    texts = [key for key, text in given.items() if isinstance(text, str)]
    waiting = {key: given[key] for key in texts[:MAX_FORMULAS]}
    for _ in range(len(waiting)):
        done = []
        for key, text in waiting.items():
            try:
                found[key] = worked_out(text, found, Fields({}, ""), key)
            except InputError:
                continue
            done.append(key)
        for key in done:
            del waiting[key]
        if not done:
            break
    return found


def _numbers(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in given.items()
        if isinstance(value, int | float)
        and not isinstance(value, bool)
        and key.isidentifier()
        and abs(value) < 1e15
    }


def _require_at_rest(entry: Fields, name: str, value: Any) -> None:
    if name.startswith(SPARSE) and value not in (False, 0, {}):
        raise InputError(f"{entry.where}: unknown field {shown(name)}: sparse data is not modelled")
    if name in _AT_REST and value not in (_AT_REST[name], None):
        raise InputError(
            f"{entry.where}: {name} is {shown(value)}, expected {_AT_REST[name]}: "
            "anything else is not modelled"
        )


def _require_no_slip(entry: Fields, key: str) -> None:
    name = underscored(key)[:80]
    near = difflib.get_close_matches(name, list(NAMES), 1, _TYPO)
    if near:
        raise InputError(f"{entry.where}: unknown field {shown(key)} (did you mean {near[0]!r}?)")


def arithmetic(known: Mapping[str, Any], given: Fields, is_open: bool) -> dict[str, Any]:
    """The fields of the multipliers. Timeloop does not look at their `width`."""
    fields = {key: value for key, value in known.items() if key not in ("width", "technology")}
    if is_open:
        keys = ("name", "instances", "meshX", "meshY", "word-bits")
        fields = {key: value for key, value in fields.items() if key in keys}
        if "word-bits" not in fields and isinstance(given.data.get("multiplier_width"), int):
            fields["word-bits"] = given.data["multiplier_width"]
    return meshed(fields, given.where)


def storage(known: Mapping[str, Any], where: str, is_open: bool) -> dict[str, Any]:
    """The fields of a storage level, as `codesign.hardware.levels.read_hardware` reads them.

    Where `entries` are given, Timeloop does not look at the depth.

    Args:
        known: values by our names.
        where: its place, for error messages.
        is_open: whether the width gives the block size where no block size is given, as in
            Timeloop since 2021; it gives the cluster size before.
    """
    fields = meshed(dict(known), where)
    if "entries" in fields:
        fields.pop("depth", None)
    for key, most in _MOST.items():
        if isinstance(fields.get(key), int | float) and fields[key] > most:
            del fields[key]
            fields["entries"] = UNBOUNDED
    if "width" in fields:
        entry = Fields(fields, where)
        width, word = entry.integer("width"), entry.integer("word-bits", _DEFAULT_WORD_BITS)
        del fields["width"]
        cluster = entry.integer("cluster-size", None) if is_open else None
        block = entry.integer("block-size", None)
        if block is None and is_open:
            # A width that is not a multiple of a cluster's is that of one instance, as in 2020.
            if cluster is not None and width % (word * cluster):
                width *= cluster
            block = width // (word * (cluster or 1))
        block = block or 1
        line = word * block * (cluster or 1)
        if width % line or (cluster is not None and width != line):
            what = "word-bits times block-size" + ("" if cluster is None else " times cluster-size")
            raise Fields({"width": width}, where).refuse("width", f"a multiple of {what}, {line}")
        fields["block-size"] = block
        fields.setdefault("cluster-size", width // line)
    return fields


def meshed(fields: dict[str, Any], where: str) -> dict[str, Any]:
    """The fields with `instances` and `meshX`, whichever two of three numbers are given."""
    entry = Fields(dict(fields), where)
    if "meshX" in fields and "meshY" in fields and "instances" not in fields:
        fields["instances"] = entry.integer("meshX") * entry.integer("meshY")
    if "meshY" in fields:
        rows = entry.integer("meshY")
        instances = Fields(fields, where).integer("instances", 1)
        across = entry.integer("meshX", instances // rows)
        if across * rows != instances:
            raise entry.refuse("meshY", f"a divisor of the {instances} instances that fits meshX")
        fields["meshX"] = across
        del fields["meshY"]
    return fields


def technology_of(kind: str) -> str:
    """Our technology for a class of components: `DRAM`, `RegFile`, or for all others `SRAM`."""
    if "DRAM" in kind:
        return "DRAM"
    is_register = kind.endswith("_RF") or "reg" in kind.lower()
    return "RegFile" if is_register else "SRAM"
