"""The area of an accelerator: multipliers, register files and buffers, by simple formulas.

The formulas are meant for budgets and Pareto fronts. They leave out wires, control, and the
unused part of a die. `docs/files.md` gives the source of every coefficient in the shipped tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.hardware.expression import Floats, formula, read_formulas
from codesign.reading import Fields

_MAC = ("word_bits",)
MEMORY = ("kb", "word_bits", "block_size", "entries")
"""What formulas for an instance of a level may use; `kb` is its capacity in KiB."""


def memory_values(level: StorageLevel) -> dict[str, float]:
    """The values of `MEMORY` for a level; a capacity without bound is 0."""
    entries = level.entries or 0
    return {
        "kb": level.word_bits * entries / 8192,
        "word_bits": level.word_bits,
        "block_size": level.block_size,
        "entries": entries,
    }


@dataclass(frozen=True)
class AreaModel:
    """Formulas for areas in µm², as text. The defaults are for 65 nm.

    `kb` is the capacity of an instance in KiB. `regfile_um2` is for register files, `sram_um2`
    for other memory. DRAM is off-chip and has no area.
    """

    mac_um2: str = "588 * (word_bits / 8) ** 2 + 140 * word_bits / 16"
    sram_um2: str = "12500 + 7550 * kb"
    regfile_um2: str = "77300 * kb"

    def macs(self, word_bits: Floats) -> Floats:
        """[B], `mac` for many word widths; NaN where the formula is undefined or negative."""
        found = formula(self.mac_um2, _MAC, "area: mac_um2").of(
            {"word_bits": word_bits}, len(word_bits)
        )
        return np.where(found >= 0, found, np.nan)

    def memories(
        self, technology: str, entries: Floats, word_bits: Floats, block_size: Floats
    ) -> Floats:
        """[B], `memory` for many levels; NaN where a formula is undefined or negative."""
        if technology == "DRAM":
            return np.zeros(len(entries))
        field = "regfile_um2" if technology == "RegFile" else "sram_um2"
        found = formula(getattr(self, field), MEMORY, f"area: {field}").of(
            {
                "kb": word_bits * entries / 8192,
                "word_bits": word_bits,
                "block_size": block_size,
                "entries": entries,
            },
            len(entries),
        )
        return np.where(entries == 0, 0.0, np.where(found >= 0, found, np.nan))

    def mac(self, word_bits: int) -> float:
        """The area of one multiplier with its adder, in µm²."""
        return formula(self.mac_um2, _MAC, "area: mac_um2")(word_bits=word_bits)

    def memory(self, level: StorageLevel) -> float:
        """The area of one instance of a level, in µm²; 0 for DRAM and levels without storage."""
        if level.technology == "DRAM" or not level.entries:
            return 0.0
        field = "regfile_um2" if level.technology == "RegFile" else "sram_um2"
        return formula(getattr(self, field), MEMORY, f"area: {field}")(**memory_values(level))

    def parts_mm2(self, hardware: Hardware) -> dict[str, float]:
        """The areas of the multipliers and of every level in mm², by name, innermost first."""
        arithmetic = hardware.arithmetic
        macs = arithmetic.instances * self.mac(arithmetic.word_bits) / 1e6
        levels = {v.name: v.instances * self.memory(v) / 1e6 for v in hardware.levels}
        return {arithmetic.name: macs} | levels

    def mm2(self, hardware: Hardware) -> float:
        """The area of the whole accelerator, in mm²."""
        return sum(self.parts_mm2(hardware).values())


DEFAULT_AREA = AreaModel()
"""The area model of energy tables that do not give areas."""


def read_area(fields: Fields) -> AreaModel:
    """The section `area` of an energy table. Formulas that it leaves out have the defaults."""
    names = {key: _MAC if key == "mac_um2" else MEMORY for key in AreaModel.__dataclass_fields__}
    return AreaModel(**read_formulas(fields, names))
