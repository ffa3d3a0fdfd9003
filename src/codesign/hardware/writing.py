"""Accelerators and energy tables as the fields of their files: the inverse of reading them."""

from __future__ import annotations

from typing import Any

from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.hardware.dataflow import Dataflow
from codesign.hardware.leak import NO_LEAK
from codesign.hardware.levels import UNBOUNDED
from codesign.hardware.technology import Technology

OPTIONAL = {
    "block-size": "block_size",
    "cluster-size": "cluster_size",
    "read_bandwidth": "read_bandwidth",
    "write_bandwidth": "write_bandwidth",
    "shared_bandwidth": "shared_bandwidth",
    "technology": "technology",
    "multiple-buffering": "multiple_buffering",
    "min-utilization": "min_utilization",
    "vector-access-energy": "vector_access_pj",
    "addr-gen-energy": "address_pj",
    "energy-per-hop": "hop_pj",
    "router-energy": "router_pj",
    "wire-energy": "wire_pj_per_bit_mm",
    "tile-width": "tile_width_um",
    "leak_pj_per_cycle": "leak_pj_per_cycle",
    "network_fill_latency": "network_fill_latency",
    "network_drain_latency": "network_drain_latency",
    "transfer-bits": "transfer_bits",
}
"""Keys of a storage level that may be left out, with the attribute that each one sets."""


def hardware_fields(hardware: Hardware) -> dict[str, Any]:
    """The sections `arithmetic` and `storage`, which `hardware.levels.read_hardware` reads."""
    arithmetic = hardware.arithmetic
    macs: dict[str, Any] = {
        "name": arithmetic.name,
        "instances": arithmetic.instances,
        "meshX": arithmetic.mesh_x,
        "word-bits": arithmetic.word_bits,
    }
    if arithmetic.leak_pj_per_cycle is not None:
        macs["leak_pj_per_cycle"] = arithmetic.leak_pj_per_cycle
    if arithmetic.latency != 1:
        macs["latency"] = arithmetic.latency
    return {
        "arithmetic": macs,
        "storage": [_level_fields(level) for level in hardware.levels],
    }


def dataflow_fields(flow: Dataflow) -> list[dict[str, Any]]:
    """The rules of a dataflow, as `codesign.hardware.dataflow.read_rule` reads them."""
    rules = []
    for rule in flow.rules:
        fields: dict[str, Any] = {"level": rule.level, "kind": rule.kind}
        if rule.pinned:
            fields["pinned"] = dict(rule.pinned)
        for key, names in ("free", rule.free), ("order", rule.order):
            if names is not None:
                fields[key] = list(names)
        rules.append(fields)
    return rules


def _level_fields(level: StorageLevel) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": level.name}
    if level.entries is not None or level.technology != "DRAM":
        fields["entries"] = UNBOUNDED if level.entries is None else level.entries
    fields |= {"instances": level.instances, "meshX": level.mesh_x, "word-bits": level.word_bits}
    plain = StorageLevel(level.name, level.entries)
    for key, attribute in OPTIONAL.items():
        if getattr(level, attribute) != getattr(plain, attribute):
            fields[key] = getattr(level, attribute)
    if level.keeps is not None:
        fields["keeps"] = sorted(level.keeps)
    if level.may_bypass:
        fields["may_bypass"] = sorted(level.may_bypass)
    return fields


def technology_fields(technology: Technology) -> dict[str, Any]:
    """The fields that `codesign.hardware.technology.read_technology` reads."""
    values = vars(technology) | {"area": vars(technology.area)}
    leak = {key: text for key, text in vars(technology.leak).items() if text is not None}
    values["leak"] = None if technology.leak == NO_LEAK else leak
    return {key: value for key, value in values.items() if value is not None}
