"""Limits of PEs and area on top of a chip's constraints: further rules of the same list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.hardware.area import AreaModel
from codesign.hardware.expression import Floats
from codesign.hardware.rules import Rule, Sizes


@dataclass(frozen=True)
class MostPEs:
    """An accelerator has no more PEs than this."""

    most: int
    name: str = "PEs"
    names: frozenset[str] = frozenset()

    def holds(self, sizes: Sizes) -> NDArray[np.bool_]:
        """[B], whether it has not."""
        return np.asarray(sizes.of(0, "instances") <= self.most)


@dataclass(frozen=True)
class MostArea:
    """An accelerator is no larger than this, mm².

    Args:
        model: what areas follow from.
    """

    model: AreaModel
    most_mm2: float
    name: str = "area"
    names: frozenset[str] = frozenset()

    def holds(self, sizes: Sizes) -> NDArray[np.bool_]:
        """[B], whether it is not."""
        return np.asarray(self.mm2(sizes) <= self.most_mm2)

    def mm2(self, sizes: Sizes) -> Floats:
        """[B], the accelerators' areas, mm²; NaN where a formula is undefined."""
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
    """What an accelerator may have at most; None for no limit.

    Args:
        max_area_mm2: area after the energy table's model, mm².
        max_pes: PEs, where the space leaves their number free.
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
