"""Accelerators written as Timeloop's `arch`, as `timeloop-model` of 2020 reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codesign.cost.tables import hop_pj
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.hardware.technology import PAT, Technology
from codesign.hardware.writing import hardware_fields
from codesign.store.yaml_text import Line, LineFields

MAX_WORD = 2**32 - 1
"""Timeloop reads sizes as unsigned numbers of 32 bits."""

Filled = dict[str, dict[str, float]]
"""By level, energies that the file has only because the energy table is not Timeloop's."""


def require_expressible(hardware: Hardware, technology: Technology) -> None:
    """Refuses hardware and energy tables that Timeloop's files cannot express.

    Raises:
        InputError: memory without bound that is not DRAM, names that Timeloop would shorten,
            sizes beyond 32 bits, static energies, latencies, or an energy table in which additions
            cost energy.
    """
    where = f"hardware {hardware.name}"
    if technology.has_writes:
        raise InputError(
            f"energy table {technology.name}: writing costs something else than reading, "
            "which Timeloop of 2020 does not know"
        )
    static = technology.leak.pj_per_cycle(hardware)
    if static:
        raise InputError(
            f"{where}: its static energy is {static:g} pJ per cycle by energy table "
            f"{technology.name}, expected 0: Timeloop of 2020 does not know it"
        )
    if technology.adder_pj:
        raise InputError(
            f"energy table {technology.name}: adder_pj is {technology.adder_pj:g}, expected 0: "
            "Timeloop's additions are free"
        )
    require_no_latency(hardware)
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
        for key in "network_fill_latency", "network_drain_latency", "transfer_bits":
            if getattr(level, key):
                raise InputError(
                    f"{where}, level {level.name}: {key} is {getattr(level, key)}, "
                    "which Timeloop of 2020 does not know"
                )
        if (level.entries or 0) > MAX_WORD:
            raise InputError(
                f"{where}, level {level.name}: entries is {level.entries}, "
                f"expected at most {MAX_WORD} for Timeloop"
            )


def require_no_latency(hardware: Hardware) -> None:
    """Refuses multipliers with a latency, which no version of Timeloop knows."""
    latency = hardware.arithmetic.latency
    if latency != 1:
        raise InputError(
            f"hardware {hardware.name}: latency of {hardware.arithmetic.name} is {latency}, "
            "expected 1 for Timeloop"
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
