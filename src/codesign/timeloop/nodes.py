"""Accelerators as Timeloop's newer `architecture`: version 0.4, nodes from the outside in.

That form takes energies from Accelergy and counts depth in blocks. Properties of an accelerator
that it cannot express are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.hardware.levels import read_hardware
from codesign.reading import TAG, Fields
from codesign.store.yaml_text import Line, LineFields, Tagged
from codesign.timeloop.problem import V4

TAGS = ("!Container", "!Component", "!Parallel", "!Nothing")

_CLASSES = {"DRAM": "DRAM", "SRAM": "SRAM", "RegFile": "regfile"}
_NO_STORAGE = "dummy_storage"

_OPTIONAL = {
    "block_size": "block-size",
    "cluster_size": "cluster-size",
    "read_bandwidth": "read_bandwidth",
    "write_bandwidth": "write_bandwidth",
    "multiple_buffering": "multiple-buffering",
    "min_utilization": "min-utilization",
}
"""Attributes that may be left out, and our names for them."""

_WITHOUT_EFFECT = (
    *("technology", "type", "n_banks", "num_banks", "nbanks"),
    *("n_ports", "num_ports", "nports", "n_rdwr_ports", "n_rd_ports", "n_wr_ports"),
    *("global_cycle_seconds", "cycle_seconds", "latency", "adder_width"),
)
"""Attributes for Accelergy's energies and areas; here an energy table has these."""

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
        "class": _NO_STORAGE if is_wire else _CLASSES[level.technology],
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


def read_nodes(fields: Fields, name: str, dataspaces: Sequence[str]) -> Hardware:
    """The accelerator that `architecture` of version 0.4 describes.

    Containers multiply instances and pass their attributes down. Each component in a `!Parallel`
    becomes a level of its own for the dataspaces that it keeps.

    Args:
        fields: the value of `architecture`, read with `TAGS`.
        name: the name of the accelerator.
        dataspaces: the dataspaces that a level may hold unless a constraint forbids it.

    Raises:
        InputError: a node, an attribute or a constraint has no counterpart here.
    """
    if str(fields.raw("version")) != V4:
        raise fields.refuse("version", V4)
    mesh = (1, 1)
    inherited: dict[str, Any] = {}
    found: list[dict[str, Any]] = []
    for node, is_parallel in _flat(fields):
        is_container = node.raw(TAG) == "!Container"
        mesh = _read_mesh(node, mesh)
        attributes = dict(inherited)
        if "attributes" in node:
            attributes |= node.fields("attributes").data
        if is_container:
            node.text("name", "")
            inherited = attributes
            if "constraints" in node:
                _read_keeps(node, dataspaces, False)
        else:
            kind = node.text("subclass", None) or node.text("class", "storage")
            node.text("class", "")
            keeps = _read_keeps(node, dataspaces, is_parallel)
            described = Fields(attributes, f"{node.where}: attributes")
            found.append(_level(node.text("name"), kind, mesh, described, keeps))
        node.done()
    fields.done()
    if len(found) < 2:
        raise fields.refuse("nodes", "at least a storage component and a compute component")
    *storage, compute = found
    arithmetic = {key: compute[key] for key in ("name", "instances", "meshX", "word-bits")}
    plain = {"arithmetic": arithmetic, "storage": storage[::-1]}
    return read_hardware(Fields(plain, fields.where), name)


def _flat(fields: Fields, is_parallel: bool = False) -> list[tuple[Fields, bool]]:
    """All nodes from the outside in, and whether each of them is in a `!Parallel`."""
    nodes = []
    for node in fields.each("nodes"):
        tag = node.raw(TAG, None)
        if tag is None:
            raise InputError(f"{node.where}: no tag, expected one of {', '.join(TAGS)}")
        if tag == "!Parallel":
            nodes += _flat(node, True)
            node.done()
        elif tag != "!Nothing":
            nodes.append((node, is_parallel))
    return nodes


def _read_mesh(node: Fields, mesh: tuple[int, int]) -> tuple[int, int]:
    if "spatial" not in node:
        return mesh
    spatial = node.fields("spatial")
    mesh = (mesh[0] * spatial.integer("meshX", 1), mesh[1] * spatial.integer("meshY", 1))
    spatial.done()
    return mesh


def _read_keeps(
    node: Fields, dataspaces: Sequence[str], is_parallel: bool
) -> frozenset[str] | None:
    """The dataspaces that a component may hold; None for all."""
    keeps: frozenset[str] | None = None
    kept: list[Any] = []
    if "constraints" in node:
        constraints = node.fields("constraints")
        for kind in constraints.data:
            if kind != "dataspace":
                raise InputError(
                    f"{constraints.where}: {kind} constrains loops, expected dataspace only: "
                    "constraints on loops belong in `dataflows` (docs/files.md)"
                )
        entry = constraints.fields("dataspace")
        kept = entry.sequence("keep", []) or entry.sequence("keep_only", [])
        bypassed = frozenset(str(item) for item in entry.sequence("bypass", []))
        keeps = frozenset(dataspaces) - bypassed
        if "keep_only" in entry:
            keeps = frozenset(str(item) for item in kept)
        entry.done()
    if is_parallel:
        if not kept:
            raise node.refuse("constraints", "a dataspace: keep, because it is in a !Parallel")
        keeps = frozenset(str(item) for item in kept)
    return keeps


def _level(
    name: str,
    kind: str,
    mesh: tuple[int, int],
    attributes: Fields,
    keeps: frozenset[str] | None,
) -> dict[str, Any]:
    """A component as the fields of a storage level."""
    word_bits = attributes.integer(
        "datawidth", attributes.integer("multiplier_width", attributes.integer("word_bits", 16))
    )
    level: dict[str, Any] = {
        "name": name,
        "instances": mesh[0] * mesh[1],
        "meshX": mesh[0],
        "word-bits": word_bits,
        "technology": _technology(kind),
    }
    attributes.integer("multiplier_width", None)
    cluster = attributes.integer("cluster_size", 1)
    width = attributes.integer("width", word_bits * attributes.integer("block_size", 1) * cluster)
    if width % (word_bits * cluster):
        raise attributes.refuse("width", f"a multiple of datawidth times cluster_size, {word_bits}")
    block = attributes.integer("block_size", width // (word_bits * cluster))
    if width != word_bits * block * cluster:
        raise attributes.refuse("width", "datawidth times block_size times cluster_size")
    level["block-size"] = block
    if kind == _NO_STORAGE:
        attributes.integer("depth", 0, minimum=0)
        level["entries"] = 0
    elif attributes.integer("depth", None, minimum=0) is not None:
        level["depth"] = attributes.integer("depth", minimum=0)
    for key, ours in _OPTIONAL.items():
        if key != "block_size" and attributes.raw(key, None) is not None:
            level[ours] = attributes.raw(key)
    for key in _WITHOUT_EFFECT:
        attributes.raw(key, None)
    attributes.done()
    if keeps is not None:
        level["keeps"] = sorted(keeps)
    return level


def _technology(kind: str) -> str:
    """Our technology for a class of components: `DRAM`, `RegFile`, or for all others `SRAM`."""
    if kind == "DRAM":
        return kind
    is_register = kind.endswith("_RF") or "reg" in kind.lower()
    return "RegFile" if is_register else "SRAM"
