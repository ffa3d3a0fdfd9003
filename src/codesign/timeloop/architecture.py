"""Accelerators as Timeloop's `arch`, in the form of its ISPASS paper and of the year 2020."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from codesign.cost.tables import hop_pj
from codesign.errors import InputError
from codesign.hardware.architecture import TECHNOLOGIES, Hardware, StorageLevel
from codesign.hardware.levels import read_hardware
from codesign.hardware.technology import PAT, Technology
from codesign.hardware.writing import hardware_fields
from codesign.reading import Fields
from codesign.store.yaml_text import Line, LineFields

MAX_WORD = 2**32 - 1
"""Timeloop reads sizes as unsigned numbers of 32 bits."""

_ALIASES = {
    "word_width": "word-bits",
    "datawidth": "word-bits",
    "n_words": "block-size",
    "memory_depth": "depth",
}
"""Other names that Timeloop accepts for a key, and our name."""

_WITHOUT_EFFECT = ("num-ports", "num-banks", "cluster-area", "area")
"""Keys that Timeloop reads and its built-in energy table does not use."""

Filled = dict[str, dict[str, float]]
"""By level, energies that the file has only because the energy table is not Timeloop's."""


def require_expressible(hardware: Hardware, technology: Technology) -> None:
    """Refuses hardware and energy tables that Timeloop's files cannot express.

    Raises:
        InputError: memory without bound that is not DRAM, names that Timeloop would shorten,
            sizes beyond 32 bits, or an energy table in which additions cost energy.
    """
    where = f"hardware {hardware.name}"
    if technology.adder_pj:
        raise InputError(
            f"energy table {technology.name}: adder_pj is {technology.adder_pj:g}, expected 0: "
            "Timeloop's additions are free"
        )
    for name in (hardware.arithmetic.name, *(level.name for level in hardware.levels)):
        if "[" in name:
            raise InputError(f"{where}: level {name!r} has a '[', where Timeloop ends a name")
    for level in hardware.levels:
        if level.entries is None and level.technology != "DRAM":
            raise InputError(
                f"{where}, level {level.name}: entries is unbounded, "
                "which Timeloop knows of DRAM only"
            )
        if level.entries is None and level.min_utilization:
            raise InputError(
                f"{where}, level {level.name}: min-utilization is {level.min_utilization:g} of "
                "memory without bound, which Timeloop does not take"
            )
        if level.shared_bandwidth is not None:
            raise InputError(
                f"{where}, level {level.name}: shared_bandwidth is {level.shared_bandwidth:g}, "
                "which Timeloop of 2020 does not know"
            )
        if (level.entries or 0) > MAX_WORD:
            raise InputError(
                f"{where}, level {level.name}: entries is {level.entries}, "
                f"expected at most {MAX_WORD} for Timeloop"
            )


def table_energies(hardware: Hardware, technology: Technology) -> Filled:
    """The energies that each level needs in the file because Timeloop's own energy table differs.

    They do not include energies that the hardware itself gives a level.
    """
    if technology.digest == PAT.digest:
        return {}
    name, bits = hardware.arithmetic.name, hardware.arithmetic.word_bits
    filled: Filled = {name: {"energy": technology.mac_energy_pj(bits)}}
    for level, fanout in zip(hardware.levels, hardware.fanouts, strict=True):
        entry = filled[level.name] = {}
        if level.hop_pj is None and technology.hop_energy_pj(level.word_bits):
            entry["energy-per-hop"] = hop_pj(level, technology, fanout)
        if level.vector_access_pj is None:
            entry["vector-access-energy"] = technology.vector_energy_pj(level)
        if level.address_pj is None or level.address_pj < 0:
            entry["addr-gen-energy"] = technology.address_generator_pj
        if level.wire_pj_per_bit_mm is None and technology.wire_pj_per_bit_mm:
            entry["wire-energy"] = technology.wire_pj_per_bit_mm
    return filled


def architecture_fields(
    hardware: Hardware, technology: Technology, dataspaces: Sequence[str]
) -> dict[str, Any]:
    """The file's content: `arch`, with `constraints` for dataspaces that levels may not hold.

    Args:
        hardware, technology: the accelerator and its energy table.
        dataspaces: the dataspaces of the layer that the files are for.

    Raises:
        InputError: see `require_expressible`.
    """
    require_expressible(hardware, technology)
    fields, filled = hardware_fields(hardware), table_energies(hardware, technology)
    name = hardware.arithmetic.name
    arch: dict[str, Any] = {
        "arithmetic": LineFields(fields["arithmetic"]),
        "storage": [],
    }
    constraints = []
    for level, entry in zip(hardware.levels, fields["storage"], strict=True):
        entry.pop("keeps", None)
        arch["storage"].append(LineFields(entry | filled.get(level.name, {})))
        if level.keeps is not None:
            constraints.append(bypass_directive(level, dataspaces))
    if constraints:
        arch["constraints"] = constraints
    if not filled:
        return {"arch": arch}
    # Timeloop reads an `energy` of the arithmetic as an integer, so an ERT has it instead.
    table = {f"system.{name}": {"compute": LineFields(filled[name])}}
    return {"arch": arch, "ERT": {"version": 0.2, "tables": table}}


def bypass_directive(level: StorageLevel, dataspaces: Sequence[str]) -> LineFields:
    """The dataspaces that a level may hold, as a constraint on mappings."""
    kept = [name for name in dataspaces if level.keeps is None or name in level.keeps]
    return LineFields(
        target=level.name,
        type="bypass",
        keep=Line(kept),
        bypass=Line(name for name in dataspaces if name not in kept),
    )


def read_architecture(
    fields: Fields, name: str, dataspaces: Sequence[str], technology: Technology = PAT
) -> Hardware:
    """The accelerator that `arch` describes.

    Args:
        fields: the value of `arch`.
        name: its name, which Timeloop's files do not have.
        dataspaces: the dataspaces that a level may hold unless a constraint forbids it.
        technology: the energy table that an `energy` of the arithmetic must agree with.

    Raises:
        InputError: a key is unknown or has a wrong value.
    """
    version = fields.raw("version", None)
    if version is not None and str(version) in ("0.2", "0.3"):
        raise fields.refuse("version", "no version (2020), or 0.4 with nodes; not a subtree")
    arithmetic = _plain(fields.fields("arithmetic"))
    energy = arithmetic.pop("energy", None)
    storage = [_plain(entry) for entry in fields.each("storage")]
    plain = Fields({"arithmetic": arithmetic, "storage": storage}, fields.where)
    hardware = read_hardware(plain, name)
    expected = technology.mac_energy_pj(hardware.arithmetic.word_bits)
    if energy is not None and energy != expected:
        raise Fields({"energy": energy}, f"{fields.where}: arithmetic").refuse(
            "energy", f"{expected!r}, as energy table {technology.name} has it (--technology)"
        )
    hardware = with_keeps(hardware, _constraints(fields, hardware), dataspaces)
    fields.done()
    return hardware


def with_keeps(
    hardware: Hardware, bypassed: dict[str, frozenset[str]], dataspaces: Sequence[str]
) -> Hardware:
    """The hardware, with levels that may not hold the dataspaces that `bypassed` has for them."""
    return replace(
        hardware,
        levels=tuple(
            replace(level, keeps=frozenset(dataspaces) - bypassed[level.name])
            if level.name in bypassed
            else level
            for level in hardware.levels
        ),
    )


def _constraints(fields: Fields, hardware: Hardware) -> dict[str, frozenset[str]]:
    """The dataspaces that each level must bypass."""
    if "constraints" not in fields:
        return {}
    return read_bypasses(fields.each("constraints"), hardware)


def read_bypasses(entries: Iterator[Fields], hardware: Hardware) -> dict[str, frozenset[str]]:
    """The dataspaces of constraints of the type `bypass` (or `datatype`), by level.

    Raises:
        InputError: a constraint has another type, or names a level that does not exist.
    """
    found: dict[str, frozenset[str]] = {}
    names = [level.name for level in hardware.levels]
    for entry in entries:
        kind = entry.text("type")
        if kind not in ("bypass", "datatype", "dataspace"):
            raise entry.refuse(
                "type", "bypass: constraints on loops belong in `dataflows` (docs/files.md)"
            )
        target = entry.text("target", choices=names)
        entry.sequence("keep", [])
        bypass = frozenset(str(name) for name in entry.sequence("bypass", []))
        entry.done()
        if target != names[-1] or bypass:
            found[target] = bypass
    return found


def _plain(entry: Fields) -> dict[str, Any]:
    """A level with our names for its keys, as `read_hardware` reads them."""
    plain = {
        _ALIASES.get(key, key): value
        for key, value in entry.data.items()
        if key not in _WITHOUT_EFFECT
    }
    if plain.get("technology", "SRAM") not in TECHNOLOGIES:
        # Timeloop knows DRAM, and treats everything else as SRAM.
        plain["technology"] = "SRAM"
    for rows, other in ("meshY", "meshX"), ("meshX", "meshY"):
        if rows in plain and other in plain and "instances" not in plain:
            plain["instances"] = entry.integer("meshX") * entry.integer("meshY")
    if "meshY" in plain:
        rows_y = entry.integer("meshY")
        instances = Fields(plain, entry.where).integer("instances")
        if instances % rows_y or plain.setdefault("meshX", instances // rows_y) * rows_y != (
            instances
        ):
            raise entry.refuse("meshY", f"a divisor of the {instances} instances that fits meshX")
        del plain["meshY"]
    if "width" in plain:
        width = entry.integer("width")
        del plain["width"]
        line = _line_bits(Fields(plain, entry.where))
        if width % line:
            raise entry.refuse("width", f"a multiple of word-bits times block-size, {line}")
        plain.setdefault("cluster-size", width // line)
    return plain


def _line_bits(entry: Fields) -> int:
    bits: int = entry.integer("word-bits", 16) * entry.integer("block-size", 1)
    return bits
