"""Timeloop's `arch`, the form of its ISPASS paper: arithmetic, and storage from the inside out."""

from __future__ import annotations

from codesign.hardware.architecture import TECHNOLOGIES
from codesign.hardware.levels import read_hardware
from codesign.hardware.technology import PAT, Technology
from codesign.reading import Fields
from codesign.timeloop.attributes import arithmetic, storage, values
from codesign.timeloop.structure import Architecture, own_fanouts

VERSION = "2020"


def read_flat(fields: Fields, name: str, technology: Technology = PAT) -> Architecture:
    """The accelerator that `arch` describes.

    Args:
        fields: the value of `arch`.
        name: its name, which Timeloop's files do not have.
        technology: the energy table that an `energy` of the arithmetic must agree with.

    Raises:
        InputError: a key is unknown or has a wrong value.
    """
    fields.raw("version", None)
    given = fields.fields("arithmetic")
    macs = arithmetic(values(given, {}, is_open=False), given, is_open=False)
    energy = macs.pop("energy", None)
    levels = [_storage(entry) for entry in fields.each("storage")]
    plain = Fields({"arithmetic": macs, "storage": levels}, fields.where)
    hardware = read_hardware(plain, name)
    expected = technology.mac_energy_pj(hardware.arithmetic.word_bits)
    if energy is not None and energy != expected:
        raise Fields({"energy": energy}, f"{fields.where}: arithmetic").refuse(
            "energy", f"{expected!r}, as energy table {technology.name} has it (--technology)"
        )
    constraints = tuple(fields.each("constraints")) if "constraints" in fields else ()
    fields.done()
    return Architecture(VERSION, hardware, own_fanouts(hardware), constraints=constraints)


def _storage(entry: Fields) -> dict[str, object]:
    known = values(entry, {}, is_open=False)
    if known.get("technology", "SRAM") not in TECHNOLOGIES:
        # Timeloop knows DRAM, and treats everything else as SRAM.
        known["technology"] = "SRAM"
    return storage(known, entry.where, is_open=False)
