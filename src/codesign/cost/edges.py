"""Walking through a loop nest whose last iterations may be partial (section 20).

The reference interpreter counts with this module where factors are `any`. All instances are walked,
because they do different things at an edge: at every moment, every instance holds the box of the
indices that are left to it, or nothing. Boxes are compared with the last that the instance held,
and the children of an instance one by one. Section numbers are those of `docs/cost-model.md`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.cost.walk import MAX_ITERATIONS, Ints, Loop, WordCounts, project
from codesign.errors import InputError
from codesign.workload.layer import Layer
from codesign.workload.shape import Dataspace

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Edges:
    """The boxes of one dataspace in a loop nest of which only the layer's own indices run.

    Args:
        loops: the nest, innermost loop first.
        sizes: [D], the sizes of the layer.
        projection: [A, D], how far each axis moves if a dimension advances by one.
        levels: the number of storage levels.
    """

    loops: tuple[Loop, ...]
    sizes: Ints
    projection: Ints
    levels: int

    @classmethod
    def of(cls, layer: Layer, space: Dataspace, loops: tuple[Loop, ...], levels: int) -> Edges:
        """The boxes of `space` in the nest `loops` of `layer`.

        Raises:
            InputError: the dataspace is too large to mark.
        """
        return cls(loops, np.array(layer.sizes), project(layer, space), levels)

    def size(self, level: int) -> int:
        """The words of the largest box that an instance of `level` holds."""
        extents = np.minimum(self._tile(level), self.sizes)
        return math.prod((1 + self.projection @ (extents - 1)).tolist())

    def walk(self, level: int) -> Walk:
        """What the instances of `level` hold, at every moment; -1 stands for the MACs.

        Raises:
            InputError: there are too many moments and instances to walk.
        """
        temporal = [loop for loop in self.loops if loop.level > level and not loop.is_spatial]
        lists = [temporal, *(self.across(s) for s in range(level + 1, self.levels))]
        if math.prod(loop.bound for loops in lists for loop in loops) > MAX_ITERATIONS:
            raise InputError(f"loop nest: over {MAX_ITERATIONS} iterations, too many to be walked")
        bases = np.zeros((*(1 for _ in lists), len(self.sizes)), np.int64)
        for place, loops in enumerate(lists):
            starts = digits(loops) @ self._moves(loops)
            bases = bases + np.expand_dims(
                starts, [other for other in range(len(lists)) if other != place]
            )
        extents = np.minimum(self._tile(level), self.sizes - bases)
        corners = bases @ self.projection.T
        sides = 1 + (extents - 1) @ self.projection.T
        return Walk((extents > 0).all(axis=-1), corners, sides)

    def across(self, level: int) -> list[Loop]:
        """The spatial loops of a level."""
        return [loop for loop in self.loops if loop.level == level and loop.is_spatial]

    def groups(self, level: int) -> list[tuple[int, list[int]]]:
        """The groups of children of one instance that share words: (positions that meet, children).

        Children share if they differ only in irrelevant dimensions, or if their windows meet and
        none of the dimensions of the windows has a remainder.
        """
        loops = self.across(level)
        bounds = np.ones(len(self.sizes), np.int64)
        for loop in self.loops:
            bounds[loop.dimension] *= loop.bound
        is_whole = bounds == self.sizes
        is_relevant = self.projection.any(axis=0)
        members: dict[tuple[object, ...], list[int]] = {}
        places: dict[tuple[object, ...], set[tuple[int, ...]]] = {}
        for child, indices in enumerate(digits(loops).tolist()):
            starts = np.array(indices, np.int64) @ self._moves(loops)
            key = tuple(
                int(axis @ starts) if is_whole[axis != 0].all() else tuple(starts[axis != 0])
                for axis in self.projection
            )
            members.setdefault(key, []).append(child)
            places.setdefault(key, set()).add(tuple(starts[is_relevant].tolist()))
        return [(len(places[key]), children) for key, children in members.items()]

    def _moves(self, loops: Sequence[Loop]) -> Ints:
        """[loops, D], how far each loop advances each dimension."""
        moves = np.zeros((len(loops), len(self.sizes)), np.int64)
        for row, loop in enumerate(loops):
            moves[row, loop.dimension] = loop.step
        return moves

    def _tile(self, level: int) -> Ints:
        tile = np.ones(len(self.sizes), np.int64)
        for loop in self.loops:
            if loop.level <= level:
                tile[loop.dimension] *= loop.bound
        return tile


def digits(loops: Sequence[Loop]) -> Ints:
    """[iterations, loops], the digits of all loops, the innermost loop, the first, fastest."""
    points = list(itertools.product(*(range(loop.bound) for loop in reversed(loops))))
    return np.array(points, np.int64).reshape(len(points), len(loops))[:, ::-1]


@dataclass(frozen=True)
class Walk:
    """Boxes by moment, and by the spatial iterations of every level outside, innermost first.

    Args:
        is_active: [T, n, …], whether there is anything to do.
        corners, sides: [T, n, …, A], the boxes, in words.
    """

    is_active: Flags
    corners: Ints
    sides: Ints

    def received(self) -> Ints:
        """[T, n, …], the words that every instance receives: those that its last box had not."""
        words = np.zeros(self.is_active.shape, np.int64)
        corners, sides = np.zeros_like(self.corners[0]), np.zeros_like(self.sides[0])
        for moment, is_active in enumerate(self.is_active):
            begin = np.maximum(corners, self.corners[moment])
            end = np.minimum(corners + sides, self.corners[moment] + self.sides[moment])
            shared = np.maximum(end - begin, 0).prod(axis=-1)
            new = self.sides[moment].prod(axis=-1) - shared
            words[moment] = np.where(is_active, new, 0)
            here = is_active[..., None]
            corners = np.where(here, self.corners[moment], corners)
            sides = np.where(here, self.sides[moment], sides)
        return words

    def distinct(self) -> Ints:
        """[n · …], the different words that every instance ever holds."""
        flat = self.is_active.reshape(len(self.is_active), -1)
        shape = len(self.corners), flat.shape[1], -1
        corners, sides = self.corners.reshape(shape), self.sides.reshape(shape)
        found = np.zeros(flat.shape[1], np.int64)
        furthest = np.where(flat[..., None], corners + sides, 1).max(axis=(0, 1))
        for instance in range(flat.shape[1]):
            seen = np.zeros(furthest, bool)
            for moment in np.flatnonzero(flat[:, instance]):
                box = zip(corners[moment, instance], sides[moment, instance], strict=True)
                seen[tuple(slice(corner, corner + side) for corner, side in box)] = True
            found[instance] = seen.sum()
        return found


class EdgeCounts(WordCounts):
    """The counts of words of one dataspace where instances differ (`WordCounts`).

    Args:
        edges: the boxes of the dataspace in the loop nest.
        is_written: whether it is accumulated into.
        kept: for every level, whether it keeps the dataspace.
    """

    def __init__(self, edges: Edges, is_written: bool, kept: Sequence[bool]) -> None:
        super().__init__(is_written, len(kept))
        walk = edges.walk(-1)
        # A MAC needs one word at every moment at which it computes.
        wanted, is_active = walk.is_active.astype(np.int64), walk.is_active
        for s, is_kept in enumerate(kept):
            wanted, is_active = self._serve(edges.groups(s), wanted, is_active)
            content = wanted.sum(axis=0).ravel()
            self.used[s] = is_active.any(axis=0).sum()
            if is_kept:
                walk = edges.walk(s)
                wanted, is_active = walk.received(), walk.is_active
                self.tiles[s] = edges.size(s)
                held = walk.distinct()
                self.partition[s], self.all_partition[s] = held[0], held.sum()
                fills = wanted.sum(axis=0).ravel() * (s < len(kept) - 1)
                reads = content
                if is_written:
                    self.updates[s], self.all_updates[s] = content[0], content.sum()
                    # The first update of a word has nothing to add to, and nothing to fetch.
                    reads, fills = content - held, (fills - held) * (s < len(kept) - 1)
                self.reads[s], self.all_reads[s] = reads[0], reads.sum()
                self.fills[s], self.all_fills[s] = fills[0], fills.sum()

    def _serve(
        self, groups: list[tuple[int, list[int]]], wanted: Ints, is_active: Flags
    ) -> tuple[Ints, Flags]:
        """What all instances of the next level send, by moment, and whether they are active."""
        sent = np.zeros((len(wanted), *wanted.shape[2:]), np.int64)
        streams: dict[int, list[int]] = {}
        for meeting, children in groups:
            each = wanted[:, children]
            words = each.max(axis=1)
            # All active children of a group want the same words.
            assert ((each == words[:, None]) | ~is_active[:, children]).all()
            sent += words
            stream = streams.setdefault(meeting, [0, 0])
            stream[0] += int(words.sum())
            stream[1] += int(each.sum())
        self.streams.append(
            [(taken / words, words) for _, (words, taken) in sorted(streams.items()) if words]
        )
        return sent, np.asarray(is_active.any(axis=1))
