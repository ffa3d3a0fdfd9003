"""Energy (and area) tables: what an access and an operation cost.

The default is Timeloop's built-in table of 2020 (`docs/cost-model.md`, section 8).
"""

from __future__ import annotations

import functools
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

from codesign.hardware.architecture import StorageLevel
from codesign.hardware.expression import Formula
from codesign.reading import Fields, read_yaml
from codesign.shipped import find

_ACCESS = ("kb", "word_bits", "block_size", "entries")


@functools.lru_cache(maxsize=256)
def _formula(text: str, names: tuple[str, ...], where: str) -> Formula:
    # Searches ask for the energies of thousands of accelerators from the same few formulas.
    return Formula(text, names, where)


@dataclass(frozen=True)
class Technology:
    """Formulas for energy in pJ and area in µm², as text.

    `kb` is the capacity of an array in KiB as the access sees it: word × block × cluster wide.
    A register file follows `regfile_pj_per_vector` where the table has one, else the SRAM's.
    """

    name: str
    mac_pj: str = "(word_bits / 16) ** 2"
    dram_pj_per_vector: str = "200 * word_bits * block_size / 16"
    sram_pj_per_vector: str = "(5 / 99.5 * (kb - 0.5) + 1) * word_bits * block_size / 16"
    regfile_pj_per_vector: str | None = None
    adder_pj: float = 0.0
    address_generator_pj: float = 0.0
    wire_pj_per_bit_mm: float = 0.0
    mac_um2: str = "0"
    sram_um2: str = "0"
    regfile_um2: str | None = None

    def mac_energy_pj(self, word_bits: int) -> float:
        """Energy of one multiply-accumulate, pJ."""
        return _formula(self.mac_pj, ("word_bits",), f"{self.name}: mac_pj")(word_bits=word_bits)

    def vector_energy_pj(self, level: StorageLevel) -> float:
        """Energy of reading or writing one block of `level`, pJ."""
        if level.vector_access_pj is not None:
            return level.vector_access_pj
        if level.technology == "DRAM":
            return self._access("dram_pj_per_vector", level, 0.0)
        if not level.entries:
            return 0.0
        blocks = math.ceil(level.entries / level.block_size)
        width = level.word_bits * level.block_size * level.cluster_size
        return self._access(self._array("pj_per_vector", level), level, width * blocks / 8192)

    def area_um2(self, level: StorageLevel) -> float:
        """Area of one instance of `level`, µm²; 0 for DRAM, which is off the chip."""
        if level.technology == "DRAM" or not level.entries:
            return 0.0
        kb = level.word_bits * level.entries / 8192
        return self._access(self._array("um2", level), level, kb)

    def mac_area_um2(self, word_bits: int) -> float:
        """Area of one MAC, µm²."""
        return _formula(self.mac_um2, ("word_bits",), f"{self.name}: mac_um2")(word_bits=word_bits)

    def _array(self, quantity: str, level: StorageLevel) -> str:
        own = f"regfile_{quantity}"
        is_own = level.technology == "RegFile" and getattr(self, own) is not None
        return own if is_own else f"sram_{quantity}"

    def _access(self, field: str, level: StorageLevel, kb: float) -> float:
        formula = _formula(getattr(self, field), _ACCESS, f"{self.name}: {field}")
        return formula(
            kb=kb,
            word_bits=level.word_bits,
            block_size=level.block_size,
            entries=level.entries or 0,
        )

    @property
    def digest(self) -> str:
        """A hash of every formula, to be recorded beside results."""
        text = "\n".join(f"{key}={value}" for key, value in vars(self).items() if key != "name")
        return hashlib.sha256(text.encode()).hexdigest()[:12]


PAT = Technology("timeloop-pat-public")
"""Timeloop's default table, in its normalised pJ."""


def load_technology(source: str | Path) -> Technology:
    """Reads an energy table: a name from `config/technology/` or a YAML file.

    Raises:
        InputError: nothing of that name, a formula that is not one, a field that is unknown.
    """
    fields = read_yaml(find("technology", source))
    technology = read_technology(fields)
    fields.done()
    return technology


def read_technology(fields: Fields) -> Technology:
    """The energy table that `fields` describe; the caller says `done`."""
    fields.text("description", "")
    values: dict[str, object] = {"name": fields.text("name")}
    for key, default in vars(PAT).items():
        if key == "name" or fields.raw(key, None) is None:
            continue
        if isinstance(default, float):
            values[key] = fields.number(key)
        else:
            names = ("word_bits",) if key.startswith("mac") else _ACCESS
            values[key] = Formula(fields.raw(key), names, f"{fields.where}: {key}").text
    return Technology(**values)  # type: ignore[arg-type]
