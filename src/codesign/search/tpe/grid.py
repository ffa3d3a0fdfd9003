"""The values of all parameters laid end to end, so that one flat table holds every density."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from codesign.search.history import Ints
from codesign.space.base import Parameter


class Grid(NamedTuple):
    """P parameters with V values in all.

    Args:
        sizes: [P], the number of values.
        offsets: [P], where a parameter's values begin in a flat table [V].
        is_ordered: [P], 1 where neighbours are alike, 0 for labels.
        spans: [S], the different sizes of ordered parameters.
        span: [P], which of `spans` a parameter has; 0 for labels.
    """

    sizes: Ints
    offsets: Ints
    is_ordered: Ints
    spans: Ints
    span: Ints

    @property
    def values(self) -> int:
        """V."""
        return int(self.sizes.sum())


def lay_out(parameters: tuple[Parameter, ...]) -> Grid:
    """The grid of a space's parameters."""
    sizes = np.array([len(parameter.values) for parameter in parameters], np.int64)
    is_ordered = np.array([parameter.is_ordered for parameter in parameters], np.int64)
    spans = np.unique(sizes[is_ordered > 0])
    span = np.where(is_ordered > 0, np.searchsorted(spans, sizes), 0)
    return Grid(sizes, np.cumsum(sizes) - sizes, is_ordered, spans, span)
