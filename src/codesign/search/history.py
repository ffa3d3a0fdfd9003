"""The trials of a search so far, in arrays that grow in place."""

from __future__ import annotations

import math
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from codesign.space.base import P

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_FIRST_CAPACITY = 64


class History(Generic[P]):
    """All trials, oldest first, and the feasible ones also in the order of their losses.

    Args:
        columns: the number of parameters of the space.
    """

    def __init__(self, columns: int) -> None:
        self.count = 0
        self.feasible = 0
        self._codes = np.empty((_FIRST_CAPACITY, columns), np.int64)
        self._losses = np.empty(_FIRST_CAPACITY)
        self._sorted_losses = np.empty(_FIRST_CAPACITY)
        self._order = np.empty(_FIRST_CAPACITY, np.int64)
        self._points: list[P] = []

    def add(self, points: P, codes: Ints, losses: Floats) -> None:
        """Appends a batch: its points, `Space.encode` of them [B, parameters], losses [B].

        A loss that is not finite marks an infeasible point.

        Raises:
            ValueError: the numbers of losses and points differ.
        """
        if len(codes) != len(losses):
            raise ValueError(f"{len(losses)} losses for {len(codes)} points, expected one each")
        for row, loss in enumerate(losses):
            if self.count == len(self._losses):
                self._grow()
            self._codes[self.count] = codes[row]
            self._losses[self.count] = loss
            self._points.append(points[row : row + 1])
            if np.isfinite(loss):
                self._insert(float(loss))
            self.count += 1

    @property
    def failed(self) -> int:
        """The number of infeasible trials."""
        return self.count - self.feasible

    @property
    def codes(self) -> Ints:
        """[T, parameters], `Space.encode` of the trials."""
        return self._codes[: self.count]

    @property
    def losses(self) -> Floats:
        """[T], the losses; not finite if a trial was infeasible."""
        return self._losses[: self.count]

    @property
    def order(self) -> Ints:
        """[feasible], the feasible trials, best first; older ones first if losses are equal."""
        return self._order[: self.feasible]

    @property
    def best(self) -> float:
        """The least loss so far; infinite before the first feasible trial."""
        return float(self._sorted_losses[0]) if self.feasible else math.inf

    @property
    def median(self) -> float:
        """The median loss of the feasible trials (the lower one of two); infinite without any."""
        return float(self._sorted_losses[(self.feasible - 1) // 2]) if self.feasible else math.inf

    def points(self, trials: Ints) -> list[P]:
        """The points of `trials` as batches of one, for `Space.join`."""
        return [self._points[trial] for trial in trials]

    def _insert(self, loss: float) -> None:
        n = self.feasible
        place = int(np.searchsorted(self._sorted_losses[:n], loss, side="right"))
        for ranked in (self._sorted_losses, self._order):
            ranked[place + 1 : n + 1] = ranked[place:n]
        self._sorted_losses[place] = loss
        self._order[place] = self.count
        self.feasible += 1

    def _grow(self) -> None:
        self._codes = np.concatenate([self._codes, np.empty_like(self._codes)])
        self._losses, self._sorted_losses, self._order = (
            np.concatenate([array, np.empty_like(array)])
            for array in (self._losses, self._sorted_losses, self._order)
        )
