"""Static energy: what every instance on the chip costs in every cycle, whether it is used or not.

The name is Accelergy's, whose components have an action `leak` in pJ per cycle and instance.
"""

from __future__ import annotations

from dataclasses import dataclass

from codesign.hardware.architecture import Arithmetic, Hardware, StorageLevel
from codesign.hardware.area import MEMORY, memory_values
from codesign.hardware.expression import formula, read_formulas
from codesign.reading import Fields

_NAMES = {"mac_pj_per_cycle": ("word_bits",), "chip_pj_per_cycle": ("pes",)}


@dataclass(frozen=True)
class Leak:
    """Formulas for static energies in pJ per cycle and instance, as text.

    `kb` is the capacity of an instance in KiB, 0 without bound. `regfile_pj_per_cycle` is for
    register files; without it, they have the formula of other memory on the chip.
    `chip_pj_per_cycle` is for the rest of the accelerator, which is there once.
    """

    mac_pj_per_cycle: str = "0"
    sram_pj_per_cycle: str = "0"
    regfile_pj_per_cycle: str | None = None
    dram_pj_per_cycle: str = "0"
    chip_pj_per_cycle: str = "0"

    def mac(self, arithmetic: Arithmetic) -> float:
        """The static energy of one multiplier in pJ per cycle."""
        if arithmetic.leak_pj_per_cycle is not None:
            return arithmetic.leak_pj_per_cycle
        return self._of("mac_pj_per_cycle", word_bits=arithmetic.word_bits)

    def memory(self, level: StorageLevel) -> float:
        """The static energy of one instance of a level in pJ per cycle; 0 without storage."""
        if level.leak_pj_per_cycle is not None:
            return level.leak_pj_per_cycle
        if level.entries == 0:
            return 0.0
        field = "dram_pj_per_cycle" if level.technology == "DRAM" else "sram_pj_per_cycle"
        if level.technology == "RegFile" and self.regfile_pj_per_cycle is not None:
            field = "regfile_pj_per_cycle"
        return self._of(field, **memory_values(level))

    def chip(self, hardware: Hardware) -> float:
        """The static energy of what is neither a multiplier nor a level, in pJ per cycle."""
        return self._of("chip_pj_per_cycle", pes=hardware.pes)

    def parts_pj_per_cycle(self, hardware: Hardware) -> dict[str, float]:
        """The static energy of all multipliers and of all instances of every level in pJ per cycle,
        by name, innermost first."""
        arithmetic = hardware.arithmetic
        levels = {v.name: v.instances * self.memory(v) for v in hardware.levels}
        return {arithmetic.name: arithmetic.instances * self.mac(arithmetic)} | levels

    def pj_per_cycle(self, hardware: Hardware) -> float:
        """The static energy of the whole accelerator in pJ per cycle."""
        return sum(self.parts_pj_per_cycle(hardware).values()) + self.chip(hardware)

    def _of(self, field: str, **values: float) -> float:
        names = _NAMES.get(field, MEMORY)
        return formula(getattr(self, field), names, f"leak: {field}")(**values)


NO_LEAK = Leak()
"""The static energy of energy tables that do not give one: none."""


def read_leak(fields: Fields) -> Leak:
    """The section `leak` of an energy table. Formulas that it leaves out are 0."""
    names = {key: _NAMES.get(key, MEMORY) for key in Leak.__dataclass_fields__}
    return Leak(**read_formulas(fields, names))
