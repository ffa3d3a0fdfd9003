"""A model of costs that is linear in the words that a mapping moves.

Energy is a sum over levels and dataspaces: words that are read and written there, times what a
word costs. What a word costs is learned from the trials, by least squares. The losses of trials
do not say what is minimised; the model finds out, because only one form fits.
"""

from __future__ import annotations

import numpy as np

from codesign.compiled import compiled
from codesign.search.history import Floats
from codesign.search.traffic.annealing import Prices

FORMS = ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0))
"""Powers of energy and of cycles in the costs: EDP, energy, delay."""

SWEEPS = 1000
"""The most sweeps of coordinate descent in a fit. It begins where the last one ended."""

TOLERANCE = 1e-3
"""The error of a predicted log cost that makes a new fit worthwhile."""

IMPORTANCE = 0.5
"""A trial with c times the least cost counts c^-IMPORTANCE in a fit."""


class TrafficModel:
    """Predicts costs from estimates (`space.words`) by non-negative least squares.

    Args:
        size: the number of estimates per mapping, of which the last are the cycles.
    """

    def __init__(self, size: int) -> None:
        self.prices = Prices(np.zeros(size), np.array(FORMS[0]))
        self._starts = [np.zeros(size) for _ in FORMS]
        self._next_choice = 0
        self._offset = 0.0

    def refit(self, words: Floats, losses: Floats) -> None:
        """Fits the model to one or more trials, estimates [T, F] and losses [T], if it is due.

        It is if the last trial was not predicted well. The form is chosen again whenever the
        number of trials has grown by a tenth.
        """
        error = self.predict(words[-1:])[0] + self._offset - losses[-1]
        if len(losses) >= self._next_choice or abs(error) > TOLERANCE:
            self._fit(words, losses)

    def _fit(self, words: Floats, losses: Floats) -> None:
        importance = np.exp(-IMPORTANCE * (losses - losses.min()))
        forms = [list(FORMS).index(tuple(self.prices.powers))]
        if len(losses) >= self._next_choice:
            self._next_choice = len(losses) + 1 + len(losses) // 10
            forms = list(range(len(FORMS)))
        least = np.inf
        for form in forms:
            weights, offset, residuals = self._fit_form(form, words, losses, importance)
            error = float(importance @ residuals**2)
            if error < least:
                least, self._offset = error, offset
                self.prices = Prices(weights, np.array(FORMS[form]))

    def _fit_form(
        self, form: int, words: Floats, losses: Floats, importance: Floats
    ) -> tuple[Floats, float, Floats]:
        """The weights of a form, what its predictions lack, and [T] their errors."""
        energy, cycles = FORMS[form]
        rest = losses - cycles * np.log(words[:, -1])
        if energy == 0.0:
            mean = float(np.average(rest, weights=importance))
            return np.zeros(words.shape[1]), mean, rest - mean
        # Relative errors count: every trial is divided by its own energy.
        offset = float(rest.min())
        rows = words * np.exp(offset - rest)[:, np.newaxis]
        scale = rows.max(axis=0)
        scale[scale == 0.0] = 1.0
        rows /= scale
        weighted = rows.T * importance
        descend(weighted @ rows, weighted.sum(axis=1), self._starts[form], SWEEPS)
        predicted = rows @ self._starts[form]
        return self._starts[form] / scale, offset, np.log(np.maximum(predicted, 1e-9))

    def predict(self, words: Floats) -> Floats:
        """[B], the predicted logarithms of costs from estimates [B, F]."""
        weights, (energy, cycles) = self.prices
        costs = cycles * np.log(words[:, -1])
        if energy > 0.0:
            costs += energy * np.log(np.maximum(words @ weights, 1e-300))
        return np.asarray(costs)


@compiled
def descend(gram, moment, weights, sweeps) -> None:  # type: ignore[no-untyped-def]
    """Coordinate descent to weights of at least 0 with the least wᵀ · gram · w - 2 wᵀ · moment."""
    for _ in range(sweeps):
        moved = 0.0
        for f in range(len(weights)):
            slope = moment[f]
            for e in range(len(weights)):
                slope -= gram[f, e] * weights[e]
            curve = gram[f, f]
            if curve > 0.0:
                new = max(weights[f] + slope / curve, 0.0)
                moved = max(moved, abs(new - weights[f]))
                weights[f] = new
        if moved < 1e-7:
            break
