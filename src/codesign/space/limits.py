"""Limits on PEs and area: further rules, in addition to a chip's constraints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.hardware.area import AreaModel
from codesign.hardware.expression import Floats
from codesign.hardware.rules import Rule, Sizes


@dataclass(frozen=True)
class MostPEs:
    """The rule that an accelerator has at most `most` PEs."""

    most: int
    name: str = "PEs"
    names: frozenset[str] = frozenset()

    def holds(self, sizes: Sizes) -> NDArray[np.bool_]:
        """[B], whether each point meets the limit."""
        return np.asarray(sizes.of(0, "instances") <= self.most)


@dataclass(frozen=True)
class MostArea:
    """The rule that an accelerator has an area of at most `most_mm2` mm².

    Args:
        model: the area model.
    """

    model: AreaModel
    most_mm2: float
    name: str = "area"
    names: frozenset[str] = frozenset()

    def holds(self, sizes: Sizes) -> NDArray[np.bool_]:
        """[B], whether each point meets the limit; False where an area is undefined."""
        return np.asarray(self.mm2(sizes) <= self.most_mm2)

    def mm2(self, sizes: Sizes) -> Floats:
        """[B], the areas of the accelerators in mm²; NaN where a formula is undefined."""
        macs = sizes.of(0, "instances") * self.model.macs(sizes.of(0, "word-bits"))
        total = macs / 1e6
        for place, level in enumerate(sizes.template.storage, start=1):
            technology = str(level.get("technology", "SRAM"))
            words = sizes.words(place)
            um2 = self.model.memories(
                technology, words, sizes.of(place, "word-bits"), sizes.of(place, "block-size")
            )
            total = total + sizes.of(place, "instances") * um2 / 1e6
        return total


@dataclass(frozen=True)
class Limits:
    """Limits of a hardware search; None for no limit.

    Args:
        max_area_mm2: the largest area in mm², by the area model of the energy table.
        max_pes: the largest number of PEs.
    """

    max_area_mm2: float | None = None
    max_pes: int | None = None

    def rules(self, model: AreaModel) -> tuple[Rule, ...]:
        """The limits as rules."""
        found: list[Rule] = []
        if self.max_pes is not None:
            found.append(MostPEs(self.max_pes))
        if self.max_area_mm2 is not None:
            found.append(MostArea(model, self.max_area_mm2))
        return tuple(found)
