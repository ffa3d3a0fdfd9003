"""Features on a common scale, so that the same prior suits all of them."""

from __future__ import annotations

import numpy as np

from codesign.compiled import compiled
from codesign.search.history import Floats


class Scaler:
    """Centres features, scales them to variance 1/F, and appends a constant feature of 1.

    Then the prior variance of a linear model at a typical point is the variance of its weights,
    for any number of features.

    Args:
        features: [B, F], features of the points that give means and deviations.
    """

    def __init__(self, features: Floats) -> None:
        self._centre = features.mean(axis=0)
        deviation = features.std(axis=0, mean=self._centre[np.newaxis])
        # A feature that does not vary among these points may vary among others.
        is_constant = deviation <= 1e-9 * np.maximum(1.0, np.abs(self._centre))
        deviation[is_constant] = 1.0
        self._factor = 1.0 / (deviation * np.sqrt(max(features.shape[1], 1)))

    def __call__(self, features: Floats) -> Floats:
        """[B, F + 1], the scaled features, in Fortran order, which suits `algebra.project`."""
        scaled = np.empty((features.shape[1] + 1, len(features))).T
        scale_rows(features, self._centre, self._factor, scaled)
        return scaled


class ScaledTrials:
    """The scaled features of all trials. `rescale` changes their scale."""

    def __init__(self) -> None:
        self._raw: list[Floats] = []
        self._rows = np.empty((0, 0))
        self._count = 0
        self.scale: Scaler | None = None

    @property
    def rows(self) -> Floats:
        """[T, F + 1], the scaled features; empty before the first `rescale`."""
        return self._rows[: self._count]

    def append(self, features: Floats) -> Floats:
        """Adds trials [B, F] and returns them scaled [B, F + 1]; empty before `rescale`."""
        self._raw.append(features)
        if self.scale is None:
            return self._rows
        start, self._count = self._count, self._count + len(features)
        if self._count > len(self._rows):
            self._reserve()
        self._rows[start : self._count] = self.scale(features)
        return self._rows[start : self._count]

    def rescale(self, candidates: Floats) -> Scaler:
        """Sets the scale from all trials and the candidates [B, F], and returns it."""
        told = np.concatenate([*self._raw, candidates[:0]])
        self.scale = Scaler(np.concatenate([told, candidates]))
        self._raw, self._count = [told], len(told)
        self._rows = np.empty((0, candidates.shape[1] + 1))
        self._reserve()
        self._rows[: self._count] = self.scale(told)
        return self.scale

    def _reserve(self) -> None:
        rows = np.empty((2 * self._count, self._rows.shape[1]))
        rows[: len(self._rows)] = self._rows
        self._rows = rows


@compiled
def scale_rows(features, centre, factor, scaled) -> None:  # type: ignore[no-untyped-def]
    """Fills `scaled` [B, F + 1] from `features` [B, F]."""
    count, size = features.shape
    for i in range(size):
        for b in range(count):
            scaled[b, i] = (features[b, i] - centre[i]) * factor[i]
    for b in range(count):
        scaled[b, size] = 1.0
