"""Walking through a loop nest, and counting the boxes of words that it touches.

The reference interpreter counts with this module. It does not use closed forms: iterations and
children are listed one by one, and boxes are compared one by one. A box is the bounding box of the
words of a dataspace that some loops touch (`docs/cost-model.md`, section 2). Its lower corner
moves, and its sides are constant. Corners and sides are integer arrays over the A axes of the
dataspace, in words.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.accounting import DIRECTION, POSITION, Rules
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
        level: the storage level of the loop; 0 is the innermost.
        dimension: the index of its dimension.
        bound: its number of iterations.
        step: how far one iteration advances the dimension: the product of the bounds of all loops
            over the same dimension inside it.
        is_spatial: whether its iterations are on different children at the same time.
    """

    level: int
    dimension: int
    bound: int
    step: int
    is_spatial: bool


def loop_nest(layer: Layer, mapping: Mapping) -> tuple[Loop, ...]:
    """All loops, innermost first: within a level X, then Y, then temporal loops (section 1)."""
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
    """The number of iterations of the temporal loops among `loops`."""
    return math.prod(loop.bound for loop in loops if not loop.is_spatial)


def project(layer: Layer, space: Dataspace) -> Ints:
    """[A, D], how far each axis of a dataspace moves if a dimension advances by one.

    Raises:
        InputError: the dataspace is too large to mark its words.
    """
    if layer.words(space) > MAX_WORDS:
        raise InputError(f"layer {layer.name}: over {MAX_WORDS} {space.name}, too many to mark")
    projection = np.zeros((len(space.axes), len(layer.sizes)), np.int64)
    for a, axis in enumerate(space.axes):
        for dimension, coefficient in axis.terms:
            projection[a, layer.shape.index(dimension)] = layer.coefficient(coefficient)
    return projection


@dataclass(frozen=True)
class Boxes:
    """The boxes of one dataspace in a loop nest.

    Args:
        loops: the nest, innermost loop first.
        projection: [A, D], how far each axis moves if a dimension advances by one.

    Raises:
        InputError: the dataspace, or a walk through it, is too large.
    """

    loops: tuple[Loop, ...]
    projection: Ints

    @classmethod
    def of(cls, layer: Layer, space: Dataspace, loops: tuple[Loop, ...]) -> Boxes:
        """The boxes of `space` in the nest `loops` of `layer`."""
        return cls(loops, project(layer, space))

    def sides(self, level: int) -> Ints:
        """[A], the sides of the box that an instance of `level` holds; 1 for the MACs, level -1."""
        inside = self._loops(lambda loop: loop.level <= level)
        return 1 + sum((self._move(loop) * (loop.bound - 1) for loop in inside), self._origin())

    def size(self, level: int) -> int:
        """The words of the box that an instance of `level` holds."""
        return math.prod(self.sides(level).tolist())

    def journey(self, level: int) -> Ints:
        """[T, A], the corners of the box of one instance of `level`, one per moment.

        The moments are the iterations of all temporal loops outside of the box, in their order.
        The instance is the one at the origin of its mesh. The others have the same moves with
        another start.
        """
        return self._corners(self._outside(level, level))

    def children(self, level: int) -> Ints:
        """[n, A], the corners of the boxes of all children of one instance of `level` at a time."""
        return self._corners(self._loops(lambda o: o.level == level and o.is_spatial))

    def delivered(self, level: int, rules: Rules) -> int:
        """The words that one instance of `level` receives: the first box, then what it fetches.

        Where positions count, that is all new words. A word is new if the previous box did not have
        it, even if an earlier box had (section 13). Otherwise indices 0 and 1 of every loop are
        walked, and index 1 stands for all further indices (section 3). What the level remembers of
        a move then decides whether the previous box counts at all.

        """
        if rules.window != POSITION:
            return self._delivered_by_two(level, rules)
        moves = np.abs(np.diff(self.journey(level), axis=0))
        shared = np.prod(np.maximum(self.sides(level) - moves, 0), axis=1)
        size = self.size(level)
        return size + int((size - shared).sum())

    def _delivered_by_two(self, level: int, rules: Rules) -> int:
        loops = [loop for loop in reversed(self._outside(level, level)) if loop.bound > 1]
        if 2 ** len(loops) > MAX_ITERATIONS:
            raise InputError(f"loop nest: over {MAX_ITERATIONS} iterations, too many to be walked")
        moves = [self._move(loop) for loop in loops]
        sides, size = self.sides(level), self.size(level)
        total, before, memory = 0, self._origin(), None
        for moment, point in enumerate(itertools.product((0, 1), repeat=len(loops))):
            corner = sum((i * move for i, move in zip(point, moves, strict=True)), self._origin())
            times = math.prod(o.bound - 1 for i, o in zip(point, loops, strict=True) if i == 1)
            fetched = size
            if moment > 0:
                kept, memory = _remember(corner - before, sides, memory, rules)
                fetched -= kept
            total += times * fetched
            before = corner
        return total

    def distinct(self, inner: int, outer: int) -> int:
        """The different words that boxes of `inner` cover in one instance of `outer`."""
        # Loops that do not move the box are left out.
        moving = [loop for loop in self._outside(inner, outer) if self._move(loop).any()]
        corners, sides = self._corners(moving), self.sides(inner)
        seen = np.zeros(corners.max(axis=0) + sides, bool)
        for corner in set(map(tuple, corners.tolist())):
            seen[tuple(slice(c, c + n) for c, n in zip(corner, sides, strict=True))] = True
        return int(seen.sum())

    def instances(self, level: int) -> int:
        """The instances of `level` in use: spatial iterations of the levels outside (section 7)."""
        return math.prod(o.bound for o in self.loops if o.level > level and o.is_spatial)

    def groups(self, level: int) -> dict[int, int]:
        """{m: number of groups of m children of `level` that hold the same box} (section 4)."""
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
        """[iterations, A], the corners at all iterations of `loops`, the innermost loop fastest."""
        if math.prod(loop.bound for loop in loops) > MAX_ITERATIONS:
            raise InputError(f"loop nest: over {MAX_ITERATIONS} iterations, too many to be walked")
        outermost_first = loops[::-1]
        points = list(itertools.product(*(range(loop.bound) for loop in outermost_first)))
        moves = [self._move(loop) for loop in outermost_first]
        shape = len(loops), len(self.projection)
        return np.array(points, np.int64) @ np.array(moves, np.int64).reshape(shape)


Memory = tuple[int, ...] | None
"""What is remembered of the last move of a box: its direction or itself, or nothing."""


def _remember(move: Ints, sides: Ints, memory: Memory, rules: Rules) -> tuple[int, Memory]:
    """Words that a box keeps when it moves, and what is remembered of that (sections 3b, 14)."""
    shared = math.prod(np.maximum(sides - np.abs(move), 0).tolist())
    if rules.window == DIRECTION:
        # Along one axis, and not beyond the box; whatever else moves it loses all of it.
        if np.count_nonzero(move) != 1 or shared == 0:
            return (0 if move.any() else shared), None
        now: Memory = tuple(np.sign(move).tolist())
    else:
        if not move.any() and not rules.rests:
            return shared, memory
        now = tuple(move.tolist())
    return (shared, now) if memory in (None, now) else (0, None)


class WordCounts:
    """The counts of words of one dataspace, [L]; 0 if it bypasses the level.

    Args:
        is_written: whether it is accumulated into.
        levels: the number of storage levels.

    Attributes:
        tiles, partition, reads, fills, updates: of one instance, the one at the origin.
        all_partition, all_reads, all_fills, all_updates: of all instances together.
        used: the instances in use.
        streams: for every level, the words between all its instances and their children, by the
            number of children that each word goes to or comes from: (number, words). Also for
            levels that the dataspace bypasses.
    """

    def __init__(self, is_written: bool, levels: int) -> None:
        self.is_written = is_written
        self.tiles, self.used = np.zeros((2, levels), np.int64)
        self.partition, self.reads, self.fills, self.updates = np.zeros((4, levels), np.int64)
        self.all_partition, self.all_reads, self.all_fills, self.all_updates = np.zeros(
            (4, levels), np.int64
        )
        self.streams: list[list[tuple[float, int]]] = []


class Tally(WordCounts):
    """The counts of words of one dataspace where all instances do the same (`WordCounts`).

    Args:
        boxes: the boxes of the dataspace in the loop nest.
        is_written: whether it is accumulated into.
        kept: for every level, whether it keeps the dataspace.
        rules: the switches of the accounting.
    """

    def __init__(self, boxes: Boxes, is_written: bool, kept: Sequence[bool], rules: Rules) -> None:
        super().__init__(is_written, len(kept))
        self.rules = rules
        # The words that one child needs from its parent. A MAC needs one word every moment.
        child, wanted = -1, iterations(boxes.loops)
        for s, is_kept in enumerate(kept):
            groups = boxes.groups(s)
            sent = {m: wanted * u for m, u in groups.items()}
            self.used[s] = boxes.instances(s)
            self.streams.append([(m, words * int(self.used[s])) for m, words in sent.items()])
            if rules.group_fills and s > 0:
                self.fills[s - 1] *= len(groups)
            content = sum(sent.values())
            if is_kept:
                wanted = boxes.delivered(s, rules)
                self.tiles[s], self.partition[s] = boxes.size(s), boxes.distinct(s, s)
                if is_written:
                    self._accumulate(s, content, wanted, first=boxes.distinct(child, s))
                else:
                    self.reads[s], self.fills[s] = content, wanted
                child = s
            else:
                # The level passes on the words that its children need, without reuse.
                wanted = content
        # There is no level outside of the outermost one that could fill it.
        self.fills[-1] = 0
        self.all_partition, self.all_reads = self.partition * self.used, self.reads * self.used
        self.all_fills, self.all_updates = self.fills * self.used, self.updates * self.used

    def _accumulate(self, s: int, content: int, delivered: int, first: int) -> None:
        """Counts outputs (section 7): all words of `content` are added to words in the buffer.

        The first update of each of the `first` different words has nothing to add to, so it does
        not read. When a level holds a word for the first time, nothing has to be fetched from
        outside, so there is no fill, unless first fills are charged.
        """
        self.updates[s] = content
        self.reads[s] = content - first
        self.fills[s] = delivered
        if not self.rules.first_fills:
            self.fills[s] -= self.partition[s]
