"""Points of the hardware space: H1–H12 by name, many of them as an array, and what they pin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import Ints
from codesign.hardware.dataflow import ALL, FREE, Dataflow, SlotRule
from codesign.hardware.eyeriss import EyerissPoint

NAMES = tuple(f"h{number}" for number in range(1, 13))
PINNED = 1

PINS = {
    "h11": SlotRule("WeightRegFile", "temporal", (("R", ALL),)),
    "h12": SlotRule("DummyBuffer", "spatial-y", (("S", ALL),)),
}
"""What option 1 of H11 and H12 asks of mappings: row-stationary's place for the filter."""


def dataflow_of(point: EyerissPoint) -> Dataflow:
    """The map-space that a point leaves its mappings: free, but for what H11 and H12 pin."""
    pinned = [rule for name, rule in PINS.items() if getattr(point, name) == PINNED]
    return FREE.also(*pinned)


@dataclass(frozen=True)
class HardwareBatch:
    """Points as an array, int64 [B, 12], columns H1 … H12."""

    values: Ints

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: slice | NDArray[np.integer] | NDArray[np.bool_]) -> HardwareBatch:
        return HardwareBatch(self.values[rows])

    def point(self, row: int) -> EyerissPoint:
        """Point `row` by name."""
        return EyerissPoint(*(int(value) for value in self.values[row]))

    @classmethod
    def of(cls, points: Sequence[EyerissPoint]) -> HardwareBatch:
        """Points as a batch."""
        rows = [[getattr(point, name) for name in NAMES] for point in points]
        return cls(np.array(rows, np.int64).reshape(len(rows), len(NAMES)))
