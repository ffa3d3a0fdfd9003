"""The bounds of splits that couple levels, which `check` computes again by plain code.

For every level and dimension, a part of the search says which iterations k inside the level's tile
it is about: from a least to a most one. Its bound takes the smallest tiles, and the fewest loops
further out (docs/proofs.md has the reasons). Parts whose bound is below a claim are divided, until
there are none, or one with a single choice.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.accounting import POSITION
from codesign.search.exact.check_bounds import (
    Array,
    Forms,
    Sizes,
    Split,
    SplitBounder,
    list_factors,
)

MOST_PARTS = 20_000
_MOST_WAYS = 10**6
_CHUNK = 256

Rows = NDArray[np.int64]


class _Tilings(NamedTuple):
    """What the tilings of a split may be.

    Args:
        split: the spatial split.
        choices: for every dimension, the choices of k, ascending.
        free: the dimensions with several choices.
        used: for every dimension, the spatial factors.
        inside: for every level, what its instances work on in parallel.
        leads: [M, H], the ways of innermost loops outside every level, by their kinds.
        forms: the costs by sizes, as far as they are known.
    """

    split: Split
    choices: list[Rows]
    free: list[int]
    used: Rows
    inside: list[Rows]
    leads: Rows
    forms: dict[Sizes, Forms]

    def cost(self, bounder: SplitBounder, sizes: Sizes) -> Forms:
        """The costs of these sizes."""
        if sizes not in self.forms:
            self.forms[sizes] = bounder.forms(self.split, sizes)
        return self.forms[sizes]


class CouplingBounder:
    """Shows that no mapping of a split costs less than a claim.

    Args:
        bounder: the bounds of the task's splits without tiles.
        goal: a number of `goal.goal_of`.
    """

    def __init__(self, bounder: SplitBounder, goal: float) -> None:
        self.bounder, self.goal = bounder, goal
        self.levels = sorted({s for s, _ in bounder.places})
        spaces, size = range(len(bounder.layer.shape.dataspaces)), len(bounder.layer.sizes)
        self.enters = np.array([[bounder.enters(w, d) for d in range(size)] for w in spaces])
        kinds = [tuple(column) for column in self.enters.T]
        self.kinds = list(dict.fromkeys(kinds))
        self.kind = np.array([self.kinds.index(kind) for kind in kinds])

    def is_above(self, split: Split, sizes: Sizes, is_exact: bool, least: float) -> bool:
        """Whether every mapping of a split costs at least `least`; False if this is not shown.

        Args:
            sizes: what the factors multiply to.
            is_exact: whether it is about these sizes only, and not about larger ones too.
        """
        used = np.array(split, np.int64).prod(axis=0)
        left = [int(n // u) for n, u in zip(sizes, used, strict=True)]
        free = [d for d, n in enumerate(left) if n > 1]
        # Between two levels, a kind of loop is innermost, or there is no loop (the last number).
        ways = [*dict.fromkeys(self.kind[free].tolist()), len(self.kinds)]
        count = len(ways) ** len(self.levels)
        if not self.levels or count > _MOST_WAYS:
            return False
        tilings = _Tilings(
            split,
            [np.array(list_factors(n, is_exact), np.int64) for n in left],
            free,
            used,
            [np.array(split[: s + 1], np.int64).prod(axis=0) for s in self.levels],
            np.array(list(itertools.product(ways, repeat=len(self.levels))), np.int64),
            {},
        )
        chunk = max(1, min(_CHUNK, _MOST_WAYS // count))
        last = np.array([len(choices) - 1 for choices in tilings.choices])
        high = np.tile(last, (1, len(self.levels), 1))
        waiting, seen = [(np.zeros_like(high), high)], 0
        while waiting:
            low, high = self._shrink(tilings, *waiting.pop())
            seen += len(low)
            if len(low):
                bounds, scores = self._bound(tilings, low, high)
                rows = np.flatnonzero(bounds < least)
                low, high, scores = low[rows], high[rows], scores[rows]
            if not len(low):
                continue
            if seen > MOST_PARTS or self._is_possible(tilings, high, least):
                return False
            for h, level in enumerate(self.levels):
                # What does not fit has to be divided first.
                scores[:, h] += 1e-6 * scores.sum(axis=(1, 2), keepdims=True)[:, 0] + 1e-30
                scores[self.bounder.fits(level, self._tiles(tilings, h, high[:, h])), h] *= 1e-6
            low, high = _divide(tilings, low, high, scores)
            waiting.extend(
                (low[at : at + chunk], high[at : at + chunk]) for at in range(0, len(low), chunk)
            )
        return True

    def _is_possible(self, tilings: _Tilings, high: Rows, least: float) -> bool:
        """Whether one of the tilings [B, H, D] fits and has a bound below `least`."""
        for h, level in enumerate(self.levels):
            high = high[self.bounder.fits(level, self._tiles(tilings, h, high[:, h]))]
        return len(high) > 0 and bool((self._bound(tilings, high, high)[0] < least).any())

    def _tiles(self, tilings: _Tilings, level: int, at: Rows) -> Rows:
        """[B, D], the tiles of a level with choices [B, D]."""
        columns = [choices[at[:, d]] for d, choices in enumerate(tilings.choices)]
        return np.stack(columns, axis=1) * tilings.inside[level]

    def _shrink(self, tilings: _Tilings, low: Rows, high: Rows) -> tuple[Rows, Rows]:
        """The parts that have tilings, with the most k that fits beside the least of all others."""
        low, high = np.maximum.accumulate(low, axis=1), high.copy()
        for h in reversed(range(len(self.levels))):
            if h + 1 < len(self.levels):
                high[:, h] = np.minimum(high[:, h], high[:, h + 1])
            fits = self.bounder.fits(self.levels[h], self._tiles(tilings, h, low[:, h]))
            kept = fits & (low[:, h] <= high[:, h]).all(axis=1)
            low, high = low[kept], high[kept]
            for d in tilings.free:
                least, most = low[:, h, d].copy(), high[:, h, d].copy()
                while (least < most).any():
                    middle, at = (least + most + 1) // 2, low[:, h].copy()
                    at[:, d] = middle
                    fits = self.bounder.fits(self.levels[h], self._tiles(tilings, h, at))
                    least, most = np.where(fits, middle, least), np.where(fits, most, middle - 1)
                high[:, h, d] = least
        return low, high

    def _bound(self, tilings: _Tilings, low: Rows, high: Rows) -> tuple[Array, Array]:
        """[B], lower bounds on the objective, and [B, H, D], the energy that grows with the loops
        over a dimension further out than a level."""
        bounder, count, places = self.bounder, len(low), self.bounder.places
        sizes = self._sizes(tilings, low, high)
        forms = [tilings.cost(bounder, tuple(n)) for n in (sizes * tilings.used).tolist()]
        costs = np.array([[form.energy, *form.ports] for form in forms])
        allowed, must = self._loops(tilings, low, high)
        outer = [choices[::-1][high[:, :, d]] for d, choices in enumerate(tilings.choices)]
        some = np.flatnonzero(allowed.any(axis=0))
        allowed, leads = allowed[:, some], tilings.leads[some]
        totals = np.repeat(costs[:, :, :1], len(leads), axis=2)
        words, cuts = [], []
        for j, (s, w) in enumerate(places):
            h = self.levels.index(s)
            least = bounder.union(w, self._tiles(tilings, h, low[:, h]), sizes * tilings.inside[h])
            rest = np.ones((count, len(self.levels) + 1))
            for d in np.flatnonzero(self.enters[w] == 0):
                rest[:, :-1] *= outer[d]
            cuts.append(self._cut(h, w, must, leads))
            words.append(least[:, np.newaxis] * np.take_along_axis(rest, cuts[-1], axis=1))
            for c in np.flatnonzero(costs[:, :, 1 + j].any(axis=0)):
                totals[:, c] += costs[:, c, 1 + j, np.newaxis] * words[-1]
        steps = np.array([[form.steps] for form in forms])
        delay = np.maximum(steps, totals[:, 1:].max(axis=1)) + bounder.late_cycles
        values = _objective(self.goal, totals[:, 0] + bounder.leak_pj * delay, delay)
        values = np.where(allowed, values, math.inf)
        best, rows = values.argmin(axis=1), np.arange(count)
        scores = np.zeros((count, len(self.levels) + 1, low.shape[2]))
        for j, (_, w) in enumerate(places):
            energy = costs[:, 0, 1 + j] * words[j][rows, best]
            scores[rows, cuts[j][rows, best]] += np.outer(energy, self.enters[w] == 0)
        return values[rows, best], scores[:, :-1]

    def _loops(
        self, tilings: _Tilings, low: Rows, high: Rows
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """bool [B, M], the ways of innermost loops that there may be; and bool [B, H, D], whether
        there is a loop outside a level in every case."""
        count, last = len(low), np.array([len(choices) - 1 for choices in tilings.choices])
        end = np.tile(last, (count, 1, 1))
        must = high < np.concatenate([low[:, 1:], end], axis=1)
        may = low < np.concatenate([high[:, 1:], end], axis=1)
        allowed = np.ones((count, len(tilings.leads)), np.bool_)
        for h in range(len(self.levels)):
            ways = [may[:, h, self.kind == kind].any(axis=1) for kind in range(len(self.kinds))]
            ways.append(~must[:, h].any(axis=1))
            allowed &= np.stack(ways, axis=1)[:, tilings.leads[:, h]]
        return allowed, must

    def _sizes(self, tilings: _Tilings, low: Rows, high: Rows) -> Rows:
        """[B, D], the fewest iterations that are multiples of the loops at every level."""
        out = np.ones((len(low), len(tilings.choices)), np.int64)
        for d in tilings.free:
            whole = tilings.choices[d] * tilings.choices[d][::-1]
            for row in range(len(low)):
                ranges = zip(low[row, :, d], high[row, :, d], strict=True)
                out[row, d] = max(int(whole[a : b + 1].min()) for a, b in ranges)
        return out

    def _cut(self, h: int, w: int, must: NDArray[np.bool_], leads: Rows) -> Rows:
        """[B, M], the level further out than which irrelevant loops multiply the words that level
        h receives of dataspace w, for the ways `leads` [M, H] of innermost loops.

        Args:
            must: bool [B, H, D], whether there is a loop outside a level in every case.
        """
        count, levels = len(must), len(self.levels)
        closing = np.asarray(must[:, :, self.enters[w] == 1].any(axis=2))
        cut = np.full((count, len(leads)), levels, np.int64)
        is_done, is_first = np.zeros(cut.shape, np.bool_), np.ones(len(leads), np.bool_)
        enters = np.array([*(kind[w] for kind in self.kinds), -1])
        window = self.bounder.rules.window
        for s in range(h, levels):
            lead = enters[leads[:, s]]
            moves = (lead == 1) | ((lead == 2) & is_first & (window != POSITION))
            closes = (lead >= 0) & closing[:, s, np.newaxis]
            cut = np.where(~is_done & moves, s, np.where(~is_done & closes, s + 1, cut))
            is_done |= moves | closes
            is_first &= lead < 0
        return cut


def _objective(goal: float, energy_pj: Array, cycles: Array) -> Array:
    if goal < 0:
        return energy_pj * cycles
    return cycles if goal == math.inf else energy_pj + goal * cycles


def _divide(tilings: _Tilings, low: Rows, high: Rows, scores: Array) -> tuple[Rows, Rows]:
    """Two halves of every part, in the dimension that matters most."""
    width = np.stack(
        [
            np.log(choices[high[:, :, d]] / choices[low[:, :, d]])
            for d, choices in enumerate(tilings.choices)
        ],
        axis=2,
    )
    flat = (width * scores).reshape(len(low), -1)
    levels, dims = np.unravel_index(flat.argmax(axis=1), low.shape[1:])
    first, second = (low.copy(), high.copy()), (low.copy(), high.copy())
    for row, (h, d) in enumerate(zip(levels, dims, strict=True)):
        choices, a, b = tilings.choices[d], int(low[row, h, d]), int(high[row, h, d])
        mean = math.sqrt(int(choices[a]) * int(choices[b]))
        middle = min(max(int(np.searchsorted(choices, mean, "right")) - 1, a), b - 1)
        first[1][row, h, d], second[0][row, h, d] = middle, middle + 1
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
