"""A sampler for points of the Eyeriss template, which meet its constraints by construction.

Area limits are met nearly always by construction. Further constraints of a chip are not known
here: `ChipSpace` checks them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from codesign.errors import InputError
from codesign.hardware.expression import Floats
from codesign.space.factors import divisors
from codesign.space.limits import MostArea, MostPEs

if TYPE_CHECKING:
    from codesign.space.chip_space import ChipSpace

WHOLE_CLUSTERS = "H6 % H10 == 0"
"""The optional constraint of the template, which a chip may leave out."""

T = TypeVar("T")

FILES = ("h3", "h4", "h5")


class H(NamedTuple):
    """The parameters H1 to H12 of a point."""

    h1: int
    h2: int
    h3: int
    h4: int
    h5: int
    h6: int
    h7: int
    h8: int
    h9: int
    h10: int
    h11: int
    h12: int


class EyerissSampler:
    """Draws points of the Eyeriss template and proposes neighbours.

    The words of local buffers are values of their domain. The three register files use nearly the
    whole budget, since memory costs nothing up to it.

    Raises:
        InputError: no point is within the limits.
    """

    patience = 2**13
    is_checked = False

    def __init__(self, space: ChipSpace) -> None:
        self.name, self.template = space.name, space.template
        budget = {name: int(value) for name, value in self.template.budget.items()}
        self._local_words, self._global_words = budget["local_words"], budget["global_words"]
        domains = self.template.domains
        self._domains = {
            name.lower(): tuple(int(value) for value in values) for name, values in domains.items()
        }
        self._words = self._domains["h3"]
        texts = [constraint.text for constraint in self.template.constraints]
        self._whole = WHOLE_CLUSTERS in texts
        self._pes = tuple(int(pes) for pes in self.template.lists["PEs"])
        self._area: MostArea | None = None
        for limit in space.limits:
            if isinstance(limit, MostPEs):
                self._limit_pes(limit)
        for limit in space.limits:
            if isinstance(limit, MostArea):
                self._limit_area(limit)

    def _limit_pes(self, limit: MostPEs) -> None:
        least = min(self._pes)
        self._pes = tuple(pes for pes in self._pes if pes <= limit.most)
        if not self._pes:
            raise InputError(
                f"hardware {self.name}: the limit is {limit.most} PEs, expected at least "
                f"{least}, the fewest that its space has"
            )

    def _limit_area(self, limit: MostArea) -> None:
        """Keeps the numbers of PEs for which some accelerator is within the limit."""
        smallest = {
            pes: min(
                self._mm2(limit, pes, h7 * h8, 3)
                for h1 in divisors(pes)
                for h7, h8 in self._buffer_meshes(h1, pes // h1)
            )
            for pes in self._pes
        }
        self._pes = tuple(pes for pes, mm2 in smallest.items() if mm2 <= limit.most_mm2)
        if not self._pes:
            raise InputError(
                f"hardware {self.name}: the limit is {limit.most_mm2:g} mm², expected at least "
                f"{min(smallest.values()):.4g}, the smallest accelerator of its space"
            )
        self._area = limit
        self._buffer_meshes.cache_clear()

    # --- draws

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """[count, 12], points that meet every constraint of the template."""
        rows = [self._draw_one(rng) for _ in range(count)]
        return np.array(rows, np.float64).reshape(count, len(H._fields))

    def _draw_one(self, rng: np.random.Generator) -> H:
        pes = self._pes[0] if len(self._pes) == 1 else _choice(rng, self._pes)
        h1 = _choice(rng, divisors(pes))
        h2 = pes // h1
        h7, h8, h10 = self._draw_buffers(rng, h1, h2)
        h9, h11, h12 = (_choice(rng, self._domains[name]) for name in ("h9", "h11", "h12"))
        h3, h4, h5 = self._draw_words(rng, self._most_words(pes, h7 * h8))
        return H(h1, h2, h3, h4, h5, h7 * h8, h7, h8, h9, h10, h11, h12)

    def _draw_buffers(self, rng: np.random.Generator, h1: int, h2: int) -> tuple[int, int, int]:
        """H7, H8 and H10 for a PE mesh: all (H7, H8) equally likely, then all H10 that fit."""
        h7, h8 = _choice(rng, self._buffer_meshes(h1, h2))
        fitting = [c for c in self._domains["h10"] if self._is_whole(h7 * h8, c)]
        return h7, h8, _choice(rng, fitting)

    def _is_whole(self, buffers: int, cluster: int) -> bool:
        return not self._whole or buffers % cluster == 0

    @cache  # noqa: B019 - a sampler lives as long as its search
    def _buffer_meshes(self, h1: int, h2: int) -> list[tuple[int, int]]:
        """The pairs (H7, H8) for a PE mesh, with at least one word per buffer and whole clusters.

        Raises:
            InputError: there is no such pair.
        """
        clusters = self._domains["h10"]
        found = [
            (h7, h8)
            for h7 in divisors(h1)
            for h8 in divisors(h2)
            if h7 * h8 <= self._global_words and any(self._is_whole(h7 * h8, c) for c in clusters)
        ]
        if self._area:
            area, pes = self._area, h1 * h2
            found = [m for m in found if self._mm2(area, pes, m[0] * m[1], 3) <= area.most_mm2]
        if not found:
            raise InputError(
                f"hardware {self.name}: H10 is {list(clusters)}, expected a cluster size that "
                f"divides some number of global buffers, a divisor of {h1 * h2}"
            )
        return found

    def _draw_words(self, rng: np.random.Generator, left: int) -> list[int]:
        """H3, H4 and H5 for `left` words in total.

        Two of them, in random order, get logarithmic shares, and the third gets the rest.
        """
        words = [0, 0, 0]
        order = rng.permutation(3)
        for position, index in enumerate(order):
            most = left - (2 - position)
            wanted = most if position == 2 else int(most ** rng.random())
            words[index] = self._largest_up_to(max(1, wanted))
            left -= words[index]
        return words

    def _largest_up_to(self, words: int) -> int:
        return self._words[bisect_right(self._words, words) - 1]

    # --- neighbours

    def moves(self, rng: np.random.Generator, point: Floats) -> Floats:
        """[1, 12], a neighbour: one group of parameters is drawn again, or words move from one
        local buffer to another."""
        return np.array([self._move(rng, H(*map(int, point)))], np.float64)

    def _move(self, rng: np.random.Generator, point: H) -> H:
        kind = rng.integers(4)
        if kind == 0:
            pes = point.h1 * point.h2
            if len(self._pes) > 1 and rng.random() < 0.5:
                pes = _choice(rng, self._pes)
            meshes = divisors(pes)
            near = int(np.searchsorted(meshes, point.h1))
            at = near + (1 if rng.random() < 0.5 else -1)
            h1 = meshes[min(max(at, 0), len(meshes) - 1)]
            h2 = pes // h1
            h7, h8, h10 = point.h7, point.h8, point.h10
            if h1 % h7 or h2 % h8:
                h7, h8, h10 = self._draw_buffers(rng, h1, h2)
            return point._replace(h1=h1, h2=h2, h6=h7 * h8, h7=h7, h8=h8, h10=h10)
        if kind == 1:
            return self._move_words(rng, point)
        if kind == 2:
            h7, h8, h10 = self._draw_buffers(rng, point.h1, point.h2)
            return point._replace(h6=h7 * h8, h7=h7, h8=h8, h10=h10)
        name = ("h9", "h11", "h12")[rng.integers(3)]
        return point._replace(**{name: _choice(rng, self._domains[name])})

    def _move_words(self, rng: np.random.Generator, point: H) -> H:
        source, target = (FILES[i] for i in rng.permutation(3)[:2])
        fewer = self._largest_up_to(max(1, int(getattr(point, source) * rng.random())))
        used = point.h3 + point.h4 + point.h5 - getattr(point, target) + fewer
        used -= getattr(point, source)
        more = self._largest_up_to(self._local_words - used)
        return point._replace(**{source: fewer, target: more})

    def near(self, point: Floats) -> Floats:
        """[M, 12], points that differ in one parameter, and in those that follow from it."""
        here = H(*map(int, point))
        pes = here.h1 * here.h2
        found = [here._replace(h1=h1, h2=pes // h1) for h1 in divisors(pes)]
        found += [
            here._replace(h6=h7 * h8, h7=h7, h8=h8)
            for h7, h8 in self._buffer_meshes(here.h1, here.h2)
        ]
        found += [
            here._replace(**{name: value})
            for name in (*FILES, "h9", "h10", "h11", "h12")
            for value in self._domains[name]
        ]
        return np.array(found, np.float64)

    # --- areas

    @cache  # noqa: B019
    def _most_words(self, pes: int, buffers: int) -> int:
        """The most register-file words of a PE within the limits; at least one word per file."""
        low, high = 3, self._local_words
        limit = self._area
        if limit is None or self._mm2(limit, pes, buffers, high) <= limit.most_mm2:
            return high
        while high - low > 1:
            middle = (low + high) // 2
            if self._mm2(limit, pes, buffers, middle) <= limit.most_mm2:
                low = middle
            else:
                high = middle
        return low

    @cache  # noqa: B019
    def _mm2(self, limit: MostArea, pes: int, buffers: int, words: int) -> float:
        """The area for numbers of PEs, global buffers, and register-file words per PE, in mm².

        It is computed for one row of PEs: the mesh does not change areas.
        """
        point = H(pes, 1, 1, words - 2, 1, buffers, buffers, 1, 4, 1, 2, 2)
        return float(limit.mm2(self.template.sizes(np.array([point], np.float64)))[0])


def _choice(rng: np.random.Generator, values: Sequence[T]) -> T:
    """One of the values, all equally likely."""
    return values[int(rng.integers(len(values)))]
