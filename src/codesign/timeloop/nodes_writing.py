"""Accelerators as Timeloop's newer `architecture`: version 0.4, nodes from the outside in.

That form takes energies from Accelergy and counts depth in blocks. Properties of an accelerator
that it cannot express are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.store.yaml_text import Line, LineFields, Tagged
from codesign.timeloop.nodes import V4
from codesign.timeloop.structure import NO_STORAGE

_CLASSES = {"DRAM": "DRAM", "SRAM": "SRAM", "RegFile": "regfile"}

_OPTIONAL = (
    *("block_size", "cluster_size", "read_bandwidth", "write_bandwidth", "shared_bandwidth"),
    *("multiple_buffering", "min_utilization"),
)
"""Attributes that may be left out, which have our names."""

_ENERGIES = (
    *("vector_access_pj", "address_pj", "hop_pj", "wire_pj_per_bit_mm", "tile_width_um"),
    "router_pj",
)


def nodes_fields(hardware: Hardware, dataspaces: Sequence[str]) -> dict[str, Any]:
    """The file's content: `architecture`, version 0.4.

    Raises:
        InputError: a level has energies of its own, has no bound although it is not DRAM, or has
            a capacity that is not a whole number of blocks.
    """
    nodes = []
    mesh = (1, 1)
    for level in reversed(hardware.levels):
        nodes.append(_component(level, mesh, dataspaces))
        mesh = (level.mesh_x, level.mesh_y)
    arithmetic = hardware.arithmetic
    rows = arithmetic.instances // arithmetic.mesh_x
    compute: dict[str, Any] = {"name": arithmetic.name, "class": "intmac"}
    compute |= _spatial((arithmetic.mesh_x, rows), mesh)
    compute["attributes"] = LineFields(
        multiplier_width=arithmetic.word_bits, adder_width=arithmetic.word_bits
    )
    nodes.append(Tagged("!Component", compute))
    return {"architecture": {"version": float(V4), "nodes": nodes}}


def _component(level: StorageLevel, above: tuple[int, int], dataspaces: Sequence[str]) -> Tagged:
    _require_plain(level)
    is_wire = level.entries == 0 and level.technology == "SRAM"
    node: dict[str, Any] = {
        "name": level.name,
        "class": NO_STORAGE if is_wire else _CLASSES[level.technology],
    }
    node |= _spatial((level.mesh_x, level.mesh_y), above)
    attributes: dict[str, Any] = {}
    if level.entries is not None:
        attributes["depth"] = level.entries // level.block_size
    attributes["width"] = level.word_bits * level.block_size * level.cluster_size
    attributes["datawidth"] = level.word_bits
    plain = StorageLevel(level.name, level.entries)
    for key in _OPTIONAL:
        if key == "block_size" or getattr(level, key) != getattr(plain, key):
            attributes[key] = getattr(level, key)
    node["attributes"] = LineFields(attributes)
    if level.keeps is not None:
        kept = [name for name in dataspaces if name in level.keeps]
        rest = [name for name in dataspaces if name not in kept]
        node["constraints"] = {"dataspace": LineFields(keep=Line(kept), bypass=Line(rest))}
    return Tagged("!Component", node)


def _spatial(mesh: tuple[int, int], above: tuple[int, int]) -> dict[str, Any]:
    x, y = mesh[0] // above[0], mesh[1] // above[1]
    return {} if x * y == 1 else {"spatial": LineFields(meshX=x, meshY=y)}


def _require_plain(level: StorageLevel) -> None:
    where = f"level {level.name}"
    plain = StorageLevel(level.name, level.entries)
    for name in _ENERGIES:
        if getattr(level, name) != getattr(plain, name):
            raise InputError(
                f"{where}: {name} is {getattr(level, name)!r}, expected none for Timeloop 0.4, "
                "which takes energies from Accelergy"
            )
    if level.entries is None and level.technology != "DRAM":
        raise InputError(f"{where}: entries is unbounded, which Timeloop 0.4 knows of DRAM only")
    if level.entries is not None and level.entries % level.block_size:
        raise InputError(
            f"{where}: entries is {level.entries}, expected a multiple of the block size, "
            f"{level.block_size}, for Timeloop 0.4, which counts blocks"
        )
