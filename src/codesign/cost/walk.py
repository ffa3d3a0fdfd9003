"""Walking a loop nest and counting the boxes of words it touches.

What the reference interpreter counts with. Nothing here is a closed form: iterations and children
are listed one by one, boxes are compared one by one. A box is the bounding box of the words of a
dataspace that some loops touch (`docs/cost-model.md`, section 2): its lower corner moves, its
sides stay. Corners and sides are integer arrays over the A axes of the dataspace, in words.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.mapping.mapping import Mapping
from codesign.workload.layer import Layer
from codesign.workload.shape import Dataspace

MAX_ITERATIONS = 2_000_000
MAX_WORDS = 50_000_000

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Loop:
    """One loop of a nest.

    Args:
        level: the storage level it belongs to, innermost 0.
        dimension: the index of its dimension.
        bound: its number of iterations.
        step: by how much one iteration advances the dimension, that is the product of the
            bounds of all loops over the same dimension inside it.
        is_spatial: whether its iterations are children side by side instead of moments.
    """

    level: int
    dimension: int
    bound: int
    step: int
    is_spatial: bool


def loop_nest(layer: Layer, mapping: Mapping) -> tuple[Loop, ...]:
    """All loops, innermost first: within a level X, then Y, then time (section 1)."""
    advanced = dict.fromkeys(layer.shape.dimensions, 1)
    loops = []
    for s, level in enumerate(mapping.levels):
        across = sorted(level.spatial, key=lambda loop: loop[1])
        nest = [(d, bound, True) for d, _, bound in across]
        nest += [(d, bound, False) for d, bound in level.temporal]
        for d, bound, is_spatial in nest:
            loops.append(Loop(s, layer.shape.index(d), bound, advanced[d], is_spatial))
            advanced[d] *= bound
    return tuple(loops)


def iterations(loops: Sequence[Loop]) -> int:
    """How many iterations the temporal loops among `loops` have."""
    return math.prod(loop.bound for loop in loops if not loop.is_spatial)


@dataclass(frozen=True)
class Boxes:
    """The boxes of one dataspace in a loop nest.

    Args:
        loops: the nest, innermost loop first.
        projection: [A, D], by how much each axis moves when a dimension advances by one.

    Raises:
        InputError: the dataspace, or a journey through it, is too large to be walked.
    """

    loops: tuple[Loop, ...]
    projection: Ints

    @classmethod
    def of(cls, layer: Layer, space: Dataspace, loops: tuple[Loop, ...]) -> Boxes:
        """The boxes of `space` in the nest `loops` of `layer`."""
        if layer.words(space) > MAX_WORDS:
            raise InputError(f"layer {layer.name}: over {MAX_WORDS} {space.name}, too many to mark")
        projection = np.zeros((len(space.axes), len(layer.sizes)), np.int64)
        for a, axis in enumerate(space.axes):
            for dimension, coefficient in axis.terms:
                projection[a, layer.shape.index(dimension)] = layer.coefficient(coefficient)
        return cls(loops, projection)

    def sides(self, level: int) -> Ints:
        """[A], the box that an instance of `level` holds at a time; one word for the MACs, -1."""
        inside = self._loops(lambda loop: loop.level <= level)
        return 1 + sum((self._move(loop) * (loop.bound - 1) for loop in inside), self._origin())

    def size(self, level: int) -> int:
        """The words of that box."""
        return math.prod(self.sides(level).tolist())

    def journey(self, level: int) -> Ints:
        """[T, A], the corner of the box of one instance of `level`, moment after moment.

        The moments are the iterations of all temporal loops outside the box, in the order in
        which they happen. The instance is the one at the origin of its mesh: the others make
        the same journey from another start.
        """
        return self._corners(self._outside(level, level))

    def children(self, level: int) -> Ints:
        """[n, A], the corner of the box of every child of one instance of `level`, at one time."""
        return self._corners(self._loops(lambda o: o.level == level and o.is_spatial))

    def delivered(self, level: int) -> int:
        """Words that come to one instance of `level`: the whole first box, then what is new.

        New is what the box before it did not hold, whatever was held earlier (section 13).
        """
        moves = np.abs(np.diff(self.journey(level), axis=0))
        shared = np.prod(np.maximum(self.sides(level) - moves, 0), axis=1)
        size = self.size(level)
        return size + int((size - shared).sum())

    def distinct(self, inner: int, outer: int) -> int:
        """How many different words the boxes of `inner` ever cover in one instance of `outer`."""
        # Loops that leave the box where it is cover nothing new.
        moving = [loop for loop in self._outside(inner, outer) if self._move(loop).any()]
        corners, sides = self._corners(moving), self.sides(inner)
        seen = np.zeros(corners.max(axis=0) + sides, bool)
        for corner in set(map(tuple, corners.tolist())):
            seen[tuple(slice(c, c + n) for c, n in zip(corner, sides, strict=True))] = True
        return int(seen.sum())

    def groups(self, level: int) -> dict[int, int]:
        """{m: how many groups of m children of `level` hold one and the same box} (section 4)."""
        positions = Counter(map(tuple, self.children(level).tolist()))
        return dict(sorted(Counter(positions.values()).items()))

    def _loops(self, chosen: Callable[[Loop], bool]) -> list[Loop]:
        return [loop for loop in self.loops if chosen(loop)]

    def _outside(self, inner: int, outer: int) -> list[Loop]:
        """The loops that move a box of level `inner` within one instance of level `outer`."""
        return self._loops(lambda o: o.level > inner and not (o.is_spatial and o.level > outer))

    def _move(self, loop: Loop) -> Ints:
        return self.projection[:, loop.dimension] * loop.step

    def _origin(self) -> Ints:
        return np.zeros(len(self.projection), np.int64)

    def _corners(self, loops: Sequence[Loop]) -> Ints:
        """[iterations, A], the corner at every iteration of `loops`; the innermost runs fastest."""
        if math.prod(loop.bound for loop in loops) > MAX_ITERATIONS:
            raise InputError(f"loop nest: over {MAX_ITERATIONS} iterations, too many to be walked")
        outermost_first = loops[::-1]
        points = list(itertools.product(*(range(loop.bound) for loop in outermost_first)))
        moves = [self._move(loop) for loop in outermost_first]
        shape = len(loops), len(self.projection)
        return np.array(points, np.int64) @ np.array(moves, np.int64).reshape(shape)


class Tally:
    """The words of one dataspace: [L] counts per instance, 0 where it is bypassed.

    Args:
        boxes: the boxes of the dataspace in the loop nest.
        is_written: whether it is accumulated into.
        kept: for every level, whether it holds the dataspace.

    `sent` is for every level {m: words}, what goes between one instance of it and its children,
    split by how many children each word goes to or comes from; also where it is bypassed.
    """

    def __init__(self, boxes: Boxes, is_written: bool, kept: Sequence[bool]) -> None:
        self.is_written = is_written
        self.tiles, self.partition, self.reads, self.fills, self.updates = np.zeros(
            (5, len(kept)), np.int64
        )
        self.sent: list[dict[int, int]] = []
        # What one child wants of its parent. A MAC holds nothing: it wants a word every moment.
        child, wanted = -1, iterations(boxes.loops)
        for s, is_kept in enumerate(kept):
            self.sent.append({m: wanted * u for m, u in boxes.groups(s).items()})
            content = sum(self.sent[s].values())
            if is_kept:
                wanted = boxes.delivered(s)
                self.tiles[s], self.partition[s] = boxes.size(s), boxes.distinct(s, s)
                if is_written:
                    self._accumulate(s, content, wanted, first=boxes.distinct(child, s))
                else:
                    self.reads[s], self.fills[s] = content, wanted
                child = s
            else:
                # The level hands on what its children want; it cannot reuse anything.
                wanted = content
        # Nothing lies above the outermost level that could fill it.
        self.fills[-1] = 0

    def _accumulate(self, s: int, content: int, delivered: int, first: int) -> None:
        """Section 7 for outputs: all of `content` is added to what lies in the buffer.

        The first update of each of the `first` different words finds nothing to add to, hence
        no read; nor is there anything to fetch from above (section 13) when the level sees one
        of the words it ever holds for the first time, hence no fill.
        """
        self.updates[s] = content
        self.reads[s] = content - first
        self.fills[s] = delivered - self.partition[s]

    @property
    def accesses(self) -> Ints:
        """[L], words read or written in the buffer."""
        return self.reads + self.updates + self.fills

    @property
    def accumulations(self) -> Ints:
        """[L], words that are read to be added to."""
        return self.reads * self.is_written

    @property
    def addresses(self) -> Ints:
        """[L], addresses generated: a word read and written back needs one."""
        return self.accesses - self.accumulations
