"""Energy tables: formulas for the energy of accesses and operations, for leaks, and for areas.

The default is Timeloop's built-in table of 2020 (`docs/cost-model.md`, section 8).
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.display import Displayed
from codesign.hardware.architecture import StorageLevel
from codesign.hardware.area import DEFAULT_AREA, AreaModel, read_area
from codesign.hardware.expression import Formula, formula
from codesign.hardware.leak import NO_LEAK, Leak, read_leak
from codesign.reading import Fields, read_yaml
from codesign.shipped import find

if TYPE_CHECKING:
    import pandas as pd

_WORD = ("word_bits",)
_MAC = ("word_bits", "a_bits", "b_bits", "sum_bits")
_ACCESS = ("kb", "word_bits", "block_size", "entries")

_WRITES = tuple(f"{kind}_write_pj_per_vector" for kind in ("dram", "sram", "regfile"))
"""Formulas for writing, which most tables lack. Only those that there are enter the digest."""

_DIGESTED = "mac_um2=0\nsram_um2=0\nregfile_um2=None"
"""The end of the text that `Technology.digest` hashes. It keeps the digest as it was when areas
were part of that text, because random streams are derived from the digest."""


@dataclass(frozen=True, repr=False)
class Technology(Displayed):
    """Formulas for energies in pJ, as text, static energies, and the area model.

    `hop_pj` is the energy of one word for one hop from PE to PE, in networks with several
    children. `kb` is the capacity in KiB of the array that an access uses; the array is
    word × block × cluster bits wide. Register files use `regfile_pj_per_vector` if the table has
    it, else `sram_pj_per_vector`. The formulas with `write` are for writing a block; without one,
    writing costs what reading costs.

    `mac_pj` may use the widths of the operands and of the sum of a multiply-accumulate.
    """

    name: str
    mac_pj: str = "(word_bits / 16) ** 2"
    dram_pj_per_vector: str = "200 * word_bits * block_size / 16"
    sram_pj_per_vector: str = "(5 / 99.5 * (kb - 0.5) + 1) * word_bits * block_size / 16"
    regfile_pj_per_vector: str | None = None
    adder_pj: float = 0.0
    address_generator_pj: float = 0.0
    wire_pj_per_bit_mm: float = 0.0
    hop_pj: str = "0"
    area: AreaModel = DEFAULT_AREA
    leak: Leak = NO_LEAK
    dram_write_pj_per_vector: str | None = None
    sram_write_pj_per_vector: str | None = None
    regfile_write_pj_per_vector: str | None = None

    def summary(self) -> str:
        """The table's name and hash."""
        return f"{self.name}: energy table {self.digest}"

    def to_frame(self) -> pd.DataFrame:
        """One row per formula: `quantity, formula`."""
        import pandas as pd

        energies = {k: v for k, v in vars(self).items() if k not in ("name", "area", "leak")}
        leaks = {} if self.leak == NO_LEAK else vars(self.leak)
        formulas = {**energies, **vars(self.area), **{f"leak: {k}": v for k, v in leaks.items()}}
        rows = [(key, str(value)) for key, value in formulas.items() if value is not None]
        return pd.DataFrame(rows, columns=["quantity", "formula"])

    def mac_energy_pj(self, word_bits: int, operands: tuple[int, int, int] | None = None) -> float:
        """Energy of one multiply-accumulate in pJ.

        Args:
            word_bits: the width of the multiplier.
            operands: `Layer.operand_bits`; by default all have the width of the multiplier.
        """
        first, second, total = operands or (word_bits,) * 3
        return formula(self.mac_pj, _MAC, f"{self.name}: mac_pj")(
            word_bits=word_bits, a_bits=first, b_bits=second, sum_bits=total
        )

    def hop_energy_pj(self, word_bits: int) -> float:
        """Energy of one word for one hop from PE to PE, in pJ."""
        return formula(self.hop_pj, _WORD, f"{self.name}: hop_pj")(word_bits=word_bits)

    def vector_energy_pj(self, level: StorageLevel) -> float:
        """Energy of reading one block of `level`, and of writing it (`write_energy_pj`), in pJ."""
        if level.vector_access_pj is not None:
            return level.vector_access_pj
        field = "sram_pj_per_vector"
        if level.technology == "RegFile" and self.regfile_pj_per_vector is not None:
            field = "regfile_pj_per_vector"
        if level.technology == "DRAM":
            field = "dram_pj_per_vector"
        return self._access(field, level)

    def write_energy_pj(self, level: StorageLevel) -> float | None:
        """Energy of writing one block of `level` in pJ; None if it is that of reading."""
        field = "sram_write_pj_per_vector"
        if level.technology == "RegFile" and self.regfile_write_pj_per_vector is not None:
            field = "regfile_write_pj_per_vector"
        if level.technology == "DRAM":
            field = "dram_write_pj_per_vector"
        if level.vector_access_pj is not None or getattr(self, field) is None:
            return None
        return self._access(field, level)

    @property
    def has_writes(self) -> bool:
        """Whether writing costs something else than reading at some level."""
        return any(getattr(self, field) is not None for field in _WRITES)

    def _access(self, field: str, level: StorageLevel) -> float:
        kb = 0.0
        if level.technology != "DRAM":
            if not level.entries:
                return 0.0
            blocks = math.ceil(level.entries / level.block_size)
            kb = level.word_bits * level.block_size * level.cluster_size * blocks / 8192
        return formula(getattr(self, field), _ACCESS, f"{self.name}: {field}")(
            kb=kb,
            word_bits=level.word_bits,
            block_size=level.block_size,
            entries=level.entries or 0,
        )

    @property
    def digest(self) -> str:
        """A hash of all formulas for energies, to be recorded with results."""
        rest = ("name", "hop_pj", "area", "leak", *_WRITES)
        values = {k: v for k, v in vars(self).items() if k not in rest}
        lines = [*(f"{key}={value}" for key, value in values.items()), _DIGESTED]
        if self.hop_pj != PAT.hop_pj:
            lines.append(f"hop_pj={self.hop_pj}")
        lines += [f"{key}={getattr(self, key)}" for key in _WRITES if getattr(self, key)]
        if self.leak != NO_LEAK:
            lines += [f"leak.{key}={value}" for key, value in vars(self.leak).items()]
        return _hash("\n".join(lines))

    @property
    def area_digest(self) -> str:
        """A hash of the formulas for areas."""
        return _hash("\n".join(f"{key}={value}" for key, value in asdict(self.area).items()))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


PAT = Technology("timeloop-pat-public")
"""Timeloop's default table, in Timeloop's normalised pJ."""


def load_technology(source: str | Path) -> Technology:
    """Reads an energy table by its name (`codesign.shipped.find`) or from a YAML file.

    Raises:
        InputError: there is no such name or file, or a field is unknown or is not a formula.
    """
    fields = read_yaml(find("technology", source))
    technology = read_technology(fields)
    fields.done()
    return technology


def read_technology(fields: Fields) -> Technology:
    """The energy table in `fields`. The caller calls `fields.done()`."""
    fields.text("description", "")
    values: dict[str, object] = {"name": fields.text("name")}
    for key, default in vars(PAT).items():
        if key == "name" or fields.raw(key, None) is None:
            continue
        if isinstance(default, float):
            values[key] = fields.number(key)
        elif key == "area":
            values[key] = read_area(fields.fields(key))
        elif key == "leak":
            values[key] = read_leak(fields.fields(key))
        else:
            names = {"mac_pj": _MAC, "hop_pj": _WORD}.get(key, _ACCESS)
            values[key] = Formula(fields.raw(key), names, f"{fields.where}: {key}").text
    return Technology(**values)  # type: ignore[arg-type]
