"""Bounds of a spatial split that know what levels can hold.

With a spatial split and sizes n, q(d) = n(d) / (spatial factors of d) temporal iterations are left.
A level whose instances work on a(d) of them in parallel has a tile of a(d) · k(d) with k(d) · f(d)
= q(d), where f(d) are the loops further out. The tile has to fit. The words of the level's
boundaries are at least those of `bounds.cross` for these loops, with the best innermost one. So the
traffic of the level's boundaries is at least the least over all tiles, for any price per word. The
levels are bounded one by one, as if each could have its own best tile.

The least is over divisors k of q(d). Where factors are padded, `couplings` has the bounds.

Of a dimension that never slides, only the largest k that fits is tried: a larger one lowers f, on
which alone the words depend. A loop of its group may then be innermost even with f = 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled, inlined
from codesign.cost.tables import ELEMENTS, PLAIN, Floats, Ints
from codesign.search.exact.bounds import OPEN, cross, union_words
from codesign.search.exact.facts import Facts
from codesign.search.exact.parts import Shared
from codesign.search.exact.spatial import Rates
from codesign.space.factors import divisors

_MOST_POINTS = 64
_MOST_KNOWN = 10**5


class Level(NamedTuple):
    """A level, for kernels.

    Args:
        spaces: [J], the dataspaces of its boundaries.
        elements: [W], what an element of a dataspace takes of the capacity; 0 if not kept.
        capacity: the capacity; negative without one.
    """

    spaces: Ints
    elements: Ints
    capacity: int


class Tilings(NamedTuple):
    """The tiles of a level of which the least words are sought.

    Args:
        inside: [D], what the level's instances work on in parallel, a.
        seen: [D], the iterations that an instance works on.
        factors: [D, n], the choices of k, ascending.
        rest: [D, n], f for each of them.
        counts: [D], the number of choices.
        axis: the dimension of which only the largest k that fits is tried; -1 for none.
        may_move: bool [G], whether a loop of a group may be innermost although f is 1.
    """

    inside: Ints
    seen: Ints
    factors: Ints
    rest: Ints
    counts: Ints
    axis: int
    may_move: NDArray[np.bool_]


@inlined
def held_units(boundaries, level, tile) -> float:  # type: ignore[no-untyped-def]
    """What a tile takes of a level's capacity."""
    role, stride = boundaries.role, boundaries.stride
    held = 0.0
    for w in range(len(role)):
        if level.elements[w] == 0:
            continue
        words = float(level.elements[w])
        for d in range(len(tile)):
            if role[w, d] == PLAIN:
                words *= tile[d]
        for a in range(1, boundaries.axes[w] + 1):
            extent = 1.0
            for d in range(len(tile)):
                if role[w, d] == a:
                    extent += (tile[d] - 1.0) * stride[w, d]
            words *= extent
        held += words
    return held


@inlined
def add_point(point, points, count) -> int:  # type: ignore[no-untyped-def]
    """Adds a point [J] to those that no other one is below; returns their new number.

    If there is no place left, the last place gets the least of both in every entry, which is a
    bound for both.
    """
    for p in range(count):
        is_worse = True
        for j in range(len(point)):
            is_worse = is_worse and points[p, j] <= point[j]
        if is_worse:
            return count
    kept = 0
    for p in range(count):
        is_worse = True
        for j in range(len(point)):
            is_worse = is_worse and point[j] <= points[p, j]
        if not is_worse:
            for j in range(len(point)):
                points[kept, j] = points[p, j]
            kept += 1
    if kept < len(points):
        for j in range(len(point)):
            points[kept, j] = point[j]
        return kept + 1
    for j in range(len(point)):
        points[kept - 1, j] = min(points[kept - 1, j], point[j])
    return kept


@compiled
def least_traffic(boundaries, level, tilings, tile, at, point, points) -> int:  # type: ignore[no-untyped-def]
    """Fills `points` [n, J] with least words of a level's boundaries, and returns their number.

    For every tile that fits and every order of loops further out, some point is not above its
    words. Without such a tile, the number is 0.

    Args:
        tilings: a `Tilings`.
        tile, at, point: [D], [D] and [J], working memory.
    """
    inside, counts, axis = tilings.inside, tilings.counts, tilings.axis
    size, count = len(inside), 0
    for d in range(size):
        at[d] = 0
        tile[d] = inside[d] * tilings.factors[d, 0]
    while True:
        fits = level.capacity < 0 or held_units(boundaries, level, tile) <= level.capacity
        if fits:
            low, high = 0, counts[axis] - 1 if axis >= 0 else 0
            while low < high:
                middle = (low + high + 1) // 2
                tile[axis] = inside[axis] * tilings.factors[axis, middle]
                if level.capacity < 0 or held_units(boundaries, level, tile) <= level.capacity:
                    low = middle
                else:
                    high = middle - 1
            if axis >= 0:
                at[axis] = low
                tile[axis] = inside[axis] * tilings.factors[axis, low]
            for g in range(len(boundaries.relevance)):
                if may_lead(boundaries, tilings, at, g):
                    bound_words(boundaries, level, tilings, tile, at, g, point)
                    count = add_point(point, points, count)
            if axis >= 0:
                at[axis] = 0
                tile[axis] = inside[axis] * tilings.factors[axis, 0]
        d = 0
        while d < size:
            if d == axis or (not fits and at[d] == 0):
                d += 1
                continue
            at[d] += 1
            if fits and at[d] < counts[d]:
                tile[d] = inside[d] * tilings.factors[d, at[d]]
                break
            if not fits:
                # A tile that does not fit with this factor does not with larger ones either.
                at[d] = 0
                tile[d] = inside[d] * tilings.factors[d, 0]
                fits = True
                d += 1
                continue
            at[d] = 0
            tile[d] = inside[d] * tilings.factors[d, 0]
            d += 1
        if d == size:
            return count


@inlined
def may_lead(boundaries, tilings, at, g) -> bool:  # type: ignore[no-untyped-def]
    """Whether a loop of group g may be the innermost one further out; group 0 if there is none."""
    found, any_loop = tilings.may_move[g], False
    for d in range(len(at)):
        if tilings.rest[d, at[d]] > 1:
            any_loop = True
            found = found or boundaries.group[d] == g
    return found or (not any_loop and g == 0)


@inlined
def bound_words(boundaries, level, tilings, tile, at, g, point) -> None:  # type: ignore[no-untyped-def]
    """Fills `point` [J] with the words of a tile, if a loop of group g is innermost further out."""
    relevance = boundaries.relevance
    for j in range(len(point)):
        w = level.spaces[j]
        rest, slides, plains = 1.0, False, False
        for d in range(len(at)):
            factor = tilings.rest[d, at[d]]
            if factor == 1:
                continue
            enters = relevance[boundaries.group[d], w]
            if enters < 0:
                rest *= factor
            elif enters > 0:
                slides = True
            else:
                plains = True
        times, _ = cross(OPEN, relevance[g, w], rest, slides, plains, boundaries.rules.window)
        words = union_words(
            boundaries.role, boundaries.stride, boundaries.axes, w, tile, tilings.seen
        )
        point[j] = words * times


_Entry = tuple[int, NDArray[np.int64], Level]
"""A level's number, the rows of its boundaries, and itself."""


class Capacities:
    """Bounds of the spatial splits of a task, level by level."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        boundaries = facts.boundaries
        self.levels: list[_Entry] = []
        for s in np.unique(boundaries.levels):
            rows = np.flatnonzero(boundaries.levels == s)
            spaces = range(len(facts.role))
            elements = [
                int(facts.tables.limits[s, ELEMENTS + w]) if facts.keep[s] >> w & 1 else 0
                for w in spaces
            ]
            level = Level(
                boundaries.spaces[rows], np.array(elements, np.int64), int(facts.capacity[s])
            )
            self.levels.append((int(s), rows, level))
        # Words of a dimension that only enters without sliding do not depend on the tile.
        self.is_plain = ~boundaries.sliding
        self.known: dict[tuple[int, bytes], Floats] = {}

    def costs(self, split: Ints, sizes: Ints, rates: Rates, row: int) -> tuple[float, float]:
        """Lower bounds on dynamic energy and cycles of a split [L, D].

        They are infinite if no tile fits.

        Args:
            sizes: [D], what the factors multiply to.
            rates, row: the linear costs of the split.
        """
        price = rates.energy.fill[row] + rates.energy.parent[row]
        ports = [port.fill[row] + port.parent[row] for port in rates.ports]
        rate = np.array(ports).reshape(len(ports), len(price))
        left = sizes // split.prod(axis=0)
        energy, cycles = self._sum(self.levels, split, left, left, price, rate)
        const = np.array([port.const[row] for port in rates.ports])
        needed = max(float(rates.cycles[row]), (const + cycles).max(initial=0.0))
        return float(rates.energy.const[row]) + energy, needed

    def inner(self, shared: Shared, left: Ints, within: Ints) -> tuple[float, Floats]:
        """Lower bounds on the pJ of inner boundaries, and the cycles of each port for them.

        Args:
            shared: the constants of the split.
            left: [D], the temporal iterations.
            within: [D], those inside the middle's outermost level.
        """
        levels = [entry for entry in self.levels if entry[0] <= self.facts.inner]
        price = shared.fill + shared.parent
        return self._sum(levels, shared.split, left, within, price, shared.port_rate)

    def _sum(
        self, levels: list[_Entry], split: Ints, left: Ints, within: Ints, price: Floats,
        rate: Floats,
    ) -> tuple[float, Floats]:  # fmt: skip
        """The least energy of the boundaries of some levels, and the least cycles of ports [n].

        Args:
            price, rate: [J] and [n, J], pJ and cycles per word of a boundary.
        """
        energy, cycles = 0.0, np.zeros(len(rate))
        for s, rows, level in levels:
            inside = split[: s + 1].prod(axis=0)
            key = (s, inside.tobytes() + left.tobytes() + within.tobytes())
            if key not in self.known:
                if len(self.known) > _MOST_KNOWN:
                    self.known.clear()
                self.known[key] = self._points(level, inside, left, within)
            points = self.known[key]
            if not len(points):
                return np.inf, cycles
            energy += float((points @ price[rows]).min())
            cycles += (points @ rate[:, rows].T).min(axis=0)
        return energy, cycles

    def _points(self, level: Level, inside: Ints, left: Ints, within: Ints) -> Floats:
        """[n, J], the least words of a level's boundaries (`least_traffic`)."""
        facts, size = self.facts, len(left)
        listed = [divisors(int(k)) for k in within]
        counts = np.array([len(choices) for choices in listed], np.int64)
        factors, rest = np.ones((2, size, counts.max()), np.int64)
        for d, choices in enumerate(listed):
            factors[d, : len(choices)] = choices
            rest[d, : len(choices)] = choices[::-1]
        rest *= (left // within)[:, np.newaxis]
        axis = int(np.argmax(np.where(self.is_plain, counts, 0))) if self.is_plain.any() else -1
        moving = np.zeros(len(facts.boundaries.relevance), np.bool_)
        if axis >= 0 and counts[axis] > 1:
            moving[facts.boundaries.group[axis]] = True
        tilings = Tilings(inside, inside * left, factors, rest, counts, axis, moving)
        points = np.empty((_MOST_POINTS, len(level.spaces)))
        memory, point = np.empty((2, size), np.int64), np.empty(points.shape[1])
        count = least_traffic(facts.boundaries, level, tilings, memory[0], memory[1], point, points)
        return points[:count].copy()
