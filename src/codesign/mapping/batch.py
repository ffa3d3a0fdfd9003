"""Many mappings of one layer as arrays: what spaces draw, searches move and the kernel prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.mapping.mapping import LevelMapping, Mapping
from codesign.workload.shape import ProblemShape

AXES = "XY"


@dataclass(frozen=True)
class MappingBatch:
    """B mappings over L storage levels, D dimensions and W dataspaces.

    Args:
        shape: the problem shape, which names dimensions and dataspaces.
        temporal: int32 [B, L, D], the temporal factor of every dimension at every level.
        order: int8 [B, L, D], dimension indices of the temporal loops, innermost first;
            every row is a permutation, and loops of factor 1 may be anywhere.
        spatial: int32 [B, L, 2, D], spatial factors along X (0) and Y (1).
        keep: uint8 [B, L], bit w set where the level holds dataspace w.

    The order of spatial loops within a level is not kept: no cost depends on it.
    """

    shape: ProblemShape
    temporal: NDArray[np.int32]
    order: NDArray[np.int8]
    spatial: NDArray[np.int32]
    keep: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.temporal)

    def __getitem__(self, rows: slice | NDArray[np.integer] | NDArray[np.bool_]) -> MappingBatch:
        return MappingBatch(
            self.shape, self.temporal[rows], self.order[rows], self.spatial[rows], self.keep[rows]
        )

    @classmethod
    def empty(cls, shape: ProblemShape, count: int, levels: int) -> MappingBatch:
        """`count` mappings with every factor 1 and every dataspace kept everywhere."""
        dimensions = len(shape.dimensions)
        return cls(
            shape,
            np.ones((count, levels, dimensions), np.int32),
            np.tile(np.arange(dimensions, dtype=np.int8), (count, levels, 1)),
            np.ones((count, levels, 2, dimensions), np.int32),
            np.full((count, levels), (1 << len(shape.dataspaces)) - 1, np.uint8),
        )

    @classmethod
    def concatenate(cls, batches: Sequence[MappingBatch]) -> MappingBatch:
        """One batch of all mappings, in order; all batches have the same shape and levels."""
        return cls(
            batches[0].shape,
            np.concatenate([batch.temporal for batch in batches]),
            np.concatenate([batch.order for batch in batches]),
            np.concatenate([batch.spatial for batch in batches]),
            np.concatenate([batch.keep for batch in batches]),
        )

    @classmethod
    def of(cls, shape: ProblemShape, mappings: Sequence[Mapping]) -> MappingBatch:
        """Mappings as arrays; they have passed `Mapping.check` and have equally many levels."""
        levels = len(mappings[0].levels) if mappings else 1
        batch = cls.empty(shape, len(mappings), levels)
        index = {name: i for i, name in enumerate(shape.dimensions)}
        bit = {name: 1 << i for i, name in enumerate(shape.dataspace_names)}
        for b, mapping in enumerate(mappings):
            for s, level in enumerate(mapping.levels):
                if level.temporal:
                    loops = [index[name] for name, _ in level.temporal]
                    batch.temporal[b, s, loops] = [factor for _, factor in level.temporal]
                    rest = [d for d in range(len(index)) if d not in loops]
                    batch.order[b, s] = loops + rest
                for name, axis, factor in level.spatial:
                    batch.spatial[b, s, AXES.index(axis), index[name]] = factor
                for name in level.bypass:
                    batch.keep[b, s] &= 255 ^ bit[name]
        return batch

    def mapping(self, row: int) -> Mapping:
        """Mapping `row` as a `Mapping`, without its loops of factor 1."""
        names = self.shape.dimensions
        return Mapping(
            tuple(
                LevelMapping(
                    tuple(
                        (names[d], int(self.temporal[row, s, d]))
                        for d in self.order[row, s]
                        if self.temporal[row, s, d] > 1
                    ),
                    tuple(
                        (names[d], AXES[axis], int(self.spatial[row, s, axis, d]))
                        for axis in range(2)
                        for d in range(len(names))
                        if self.spatial[row, s, axis, d] > 1
                    ),
                    frozenset(
                        name
                        for w, name in enumerate(self.shape.dataspace_names)
                        if not self.keep[row, s] >> w & 1
                    ),
                )
                for s in range(self.temporal.shape[1])
            )
        )

    def mappings(self) -> list[Mapping]:
        """All mappings, each as a `Mapping`."""
        return [self.mapping(row) for row in range(len(self))]
