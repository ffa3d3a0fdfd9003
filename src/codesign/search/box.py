"""The unit box around a space, for methods that propose real numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from codesign.search.history import Floats, Ints
from codesign.space.base import DecodableSpace


class UnitBox:
    """Points of a space as points of [0, 1]ⁿ.

    An ordered coordinate is one axis, on which its values are evenly spaced. A label has one axis
    per value, and the largest one decides.

    Args:
        space: the space.
    """

    def __init__(self, space: DecodableSpace[Any]) -> None:
        self._coordinates = space.coordinates
        self._widths = [
            1 if coordinate.is_ordered else len(coordinate.values)
            for coordinate in self._coordinates
        ]

    @property
    def axes(self) -> int:
        """n, the number of axes."""
        return sum(self._widths)

    @property
    def spacings(self) -> Floats:
        """[n], the distance between two values of a coordinate; 1 for labels and single values."""
        found = [np.empty(0)]
        for coordinate, width in zip(self._coordinates, self._widths, strict=True):
            last = len(coordinate.values) - 1 if coordinate.is_ordered else 1
            found.append(np.full(width, 1.0 / max(1, last)))
        return np.concatenate(found)

    def round(self, points: Floats) -> Ints:
        """[B, coordinates], the indices of the values nearest to points [B, n] of the box."""
        columns, axis = [], 0
        for coordinate, width in zip(self._coordinates, self._widths, strict=True):
            block = points[:, axis : axis + width]
            columns.append(
                np.rint(block[:, 0] * (len(coordinate.values) - 1)).astype(np.int64)
                if coordinate.is_ordered
                else block.argmax(axis=1)
            )
            axis += width
        return np.stack(columns, axis=1) if columns else np.empty((len(points), 0), np.int64)

    def place(self, indices: Ints) -> Floats:
        """[B, n], the points of the box for indices [B, coordinates]."""
        blocks = []
        for column, (coordinate, width) in enumerate(
            zip(self._coordinates, self._widths, strict=True)
        ):
            at = indices[:, column]
            last = max(1, len(coordinate.values) - 1)
            is_label = not coordinate.is_ordered
            blocks.append(np.eye(width)[at] if is_label else at[:, np.newaxis] / last)
        return np.concatenate(blocks, axis=1) if blocks else np.empty((len(indices), 0))
