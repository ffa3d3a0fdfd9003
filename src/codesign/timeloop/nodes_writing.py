"""Accelerators as Timeloop's newer `architecture`: version 0.4, nodes from the outside in.

That form takes energies from Accelergy and counts depth in blocks. Properties of an accelerator
that it cannot express are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.mapping.mapping import LevelMapping, Mapping
from codesign.store.yaml_text import Line, LineFields, Quoted, Tagged
from codesign.timeloop.flat_writing import require_no_latency
from codesign.timeloop.structure import NO_STORAGE
from codesign.timeloop.versions import V4
from codesign.workload.layer import Layer

_CLASSES = {"DRAM": "DRAM", "SRAM": "SRAM", "RegFile": "regfile"}

_OPTIONAL = (
    *("block_size", "cluster_size", "read_bandwidth", "write_bandwidth", "shared_bandwidth"),
    *("multiple_buffering", "min_utilization", "network_fill_latency", "network_drain_latency"),
)
"""Attributes that may be left out, which have our names."""

_ENERGIES = (
    *("vector_access_pj", "address_pj", "hop_pj", "wire_pj_per_bit_mm", "tile_width_um"),
    *("router_pj", "leak_pj_per_cycle"),
)


TECHNOLOGY = {"technology": Quoted("45nm"), "global_cycle_seconds": 1e-09}
"""What Accelergy needs for its estimates; as in the examples of Timeloop 4.

Its front end takes texts without quotes for formulas.
"""


@dataclass(frozen=True)
class Container:
    """The children of a level along one axis, as Timeloop 4 has them: a container of `size`."""

    name: str
    axis: str
    size: int


def containers_of(hardware: Hardware) -> tuple[tuple[Container, ...], ...]:
    """The containers below every level, innermost level first: none, or one per axis.

    With a container per axis, a dimension may run along X and along Y.
    """
    taken = {hardware.arithmetic.name, *(level.name for level in hardware.levels)}
    found = []
    for level, fanout in zip(hardware.levels, hardware.fanouts, strict=True):
        mine = []
        for axis, size in zip("XY", fanout, strict=True):
            name = f"{level.name}_to_{axis}"
            while name in taken:
                name += "_"
            taken.add(name)
            if size > 1:
                mine.append(Container(name, axis, size))
        found.append(tuple(mine))
    return tuple(found)


def nodes_fields(hardware: Hardware, mapping: Mapping, layer: Layer) -> dict[str, Any]:
    """The file's content: `architecture`, version 0.4.

    Args:
        hardware: the accelerator.
        mapping: the mapping of the layer that the file is for: what a level holds in it, the file
            may not forbid, and what it bypasses, the file may not ask for.
        layer: the layer.

    Raises:
        InputError: a level has energies of its own, has no bound although it is not DRAM, or has
            a capacity that is not a whole number of blocks.
    """
    top = {"name": "system", "attributes": LineFields(TECHNOLOGY)}
    nodes = [Tagged("!Container", top)]
    levels = list(zip(hardware.levels, mapping.levels, containers_of(hardware), strict=True))
    for level, held, below in reversed(levels):
        nodes.append(_component(level, held, layer.shape.dataspace_names))
        for one in below:
            spatial = LineFields({f"mesh{one.axis}": one.size})
            nodes.append(Tagged("!Container", {"name": one.name, "spatial": spatial}))
    require_no_latency(hardware)
    arithmetic = hardware.arithmetic
    if arithmetic.leak_pj_per_cycle is not None:
        raise InputError(
            f"{arithmetic.name}: leak_pj_per_cycle is {arithmetic.leak_pj_per_cycle:g}, expected "
            "none for Timeloop 0.4, which takes energies from Accelergy"
        )
    compute: dict[str, Any] = {"name": arithmetic.name, "class": "intmac"}
    compute["attributes"] = LineFields(
        multiplier_width=arithmetic.word_bits, adder_width=arithmetic.word_bits
    )
    nodes.append(Tagged("!Component", compute))
    outermost = hardware.levels[-1]
    if outermost.instances > 1:
        mesh = LineFields(meshX=outermost.mesh_x, meshY=outermost.mesh_y)
        nodes[0] = Tagged("!Container", top | {"spatial": mesh})
    return {"architecture": {"version": float(V4), "nodes": nodes}}


def _component(level: StorageLevel, held: LevelMapping, dataspaces: Sequence[str]) -> Tagged:
    _require_plain(level)
    is_wire = level.entries == 0 and level.technology == "SRAM"
    node: dict[str, Any] = {
        "name": level.name,
        "class": NO_STORAGE if is_wire else _CLASSES[level.technology],
    }
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
        rest = [name for name in dataspaces if name not in level.keeps]
        asked = {"bypass": Line(rest)} if rest else {"keep": Line(dataspaces)}
        if rest or not held.bypass:
            node["constraints"] = {"dataspace": LineFields(asked)}
    return Tagged("!Component", node)


def _require_plain(level: StorageLevel) -> None:
    where = f"level {level.name}"
    plain = StorageLevel(level.name, level.entries)
    for name in _ENERGIES:
        if getattr(level, name) != getattr(plain, name):
            raise InputError(
                f"{where}: {name} is {getattr(level, name)!r}, expected none for Timeloop 0.4, "
                "which takes energies from Accelergy"
            )
    if level.transfer_bits is not None:
        raise InputError(
            f"{where}: transfer-bits is {level.transfer_bits}, which Timeloop does not know"
        )
    if level.entries is None and level.technology != "DRAM":
        raise InputError(f"{where}: entries is unbounded, which Timeloop 0.4 knows of DRAM only")
    if level.entries is not None and level.entries % level.block_size:
        raise InputError(
            f"{where}: entries is {level.entries}, expected a multiple of the block size, "
            f"{level.block_size}, for Timeloop 0.4, which counts blocks"
        )
