"""The values of all parameters in one row, so that one flat table can hold all densities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.search.history import Ints
from codesign.space.base import Parameter


class Grid(NamedTuple):
    """P parameters with V values in total.

    Args:
        sizes: [P], the number of values of each parameter.
        offsets: [P], the place of a parameter's first value in a flat table [V].
        is_ordered: [P], 1 for ordered parameters, 0 for labels.
        spans: [S], the distinct sizes of ordered parameters.
        span: [P], the index of a parameter's size in `spans`; 0 for labels.
    """

    sizes: Ints
    offsets: Ints
    is_ordered: Ints
    spans: Ints
    span: Ints

    @property
    def values(self) -> int:
        """V, the total number of values."""
        return int(self.sizes.sum())


def make_grid(parameters: tuple[Parameter, ...]) -> Grid:
    """The grid of a space's parameters."""
    sizes = np.array([len(parameter.values) for parameter in parameters], np.int64)
    is_ordered = np.array([parameter.is_ordered for parameter in parameters], np.int64)
    spans = np.unique(sizes[is_ordered > 0])
    span = np.where(is_ordered > 0, np.searchsorted(spans, sizes), 0)
    return Grid(sizes, np.cumsum(sizes) - sizes, is_ordered, spans, span)
