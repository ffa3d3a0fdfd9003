"""Several objectives at once: fronts, hypervolume, and a search with changing weights."""

from __future__ import annotations

from typing import Generic

import numpy as np
from numpy.typing import NDArray

from codesign.search.base import Optimizer
from codesign.search.registry import make_optimizer
from codesign.space.base import P, Space

Floats = NDArray[np.float64]

AUGMENTATION = 0.05
"""ParEGO's ρ: the weight of the sum relative to the largest of the weighted objectives."""


def front(values: Floats) -> NDArray[np.int64]:
    """The rows of `values` [B, M] that no other row dominates, ascending.

    A row dominates another if it is as good in all objectives and better in one. Of equal rows,
    only the first is returned. Rows with NaN are left out.
    """
    kept: list[int] = []
    for row in np.lexsort(values.T[::-1]):
        point = values[row]
        # In this order, only an earlier row can dominate or equal a row.
        if np.isfinite(point).all() and not any((values[k] <= point).all() for k in kept):
            kept.append(int(row))
    return np.array(sorted(kept), np.int64)


def hypervolume(values: Floats, reference: Floats) -> float:
    """The volume that the rows of `values` [B, M] dominate, within the box below `reference` [M].

    It is exact, by slices along the last objective (Zitzler 1999), and fast enough for some
    hundred points.
    """
    inside = values[np.isfinite(values).all(axis=1)]
    inside = inside[(inside < reference).all(axis=1)]
    if not len(inside):
        return 0.0
    if values.shape[1] == 1:
        return float(reference[0] - inside.min())
    total = 0.0
    order = inside[np.argsort(inside[:, -1], kind="stable")]
    depths = np.append(order[:, -1], reference[-1])
    for count in range(1, len(order) + 1):
        thickness = depths[count] - depths[count - 1]
        if thickness > 0:
            total += thickness * hypervolume(order[:count, :-1], reference[:-1])
    return float(total)


class ParetoSearch(Generic[P]):
    """A search of several objectives with any method, after ParEGO (Knowles 2006).

    For every proposal, new weights are drawn uniformly from the simplex. The loss of each trial is
    the augmented Tchebycheff value of its objectives, scaled to their range so far. A new
    optimizer is told all trials and asked for a point.

    Args:
        method: a name in the registry.
        space, rng, trials: as in `make_optimizer`.
    """

    def __init__(self, method: str, space: Space[P], rng: np.random.Generator, trials: int) -> None:
        self.method, self.space, self.rng, self.trials = method, space, rng, trials
        self._points: list[P] = []
        self._values: list[Floats] = []
        self._optimizer: Optimizer[P] = make_optimizer(method, space, rng, trials)

    def ask(self) -> P:
        """The next points, as `Optimizer.ask`."""
        return self._optimizer.ask()

    def tell(self, points: P, values: Floats) -> None:
        """Tells the logarithms of all objectives of points, [B, M]; NaN if infeasible."""
        self._points.append(points)
        self._values.append(values)
        every = np.concatenate(self._values)
        weights = self.rng.dirichlet(np.ones(every.shape[1]))
        self._optimizer = make_optimizer(self.method, self.space, self.rng, self.trials)
        self._optimizer.tell(self.space.join(self._points), scalarise(every, weights))


def scalarise(values: Floats, weights: Floats) -> Floats:
    """[B], the augmented Tchebycheff values of objectives [B, M], scaled to their range."""
    feasible = np.isfinite(values).all(axis=1)
    if not feasible.any():
        return np.full(len(values), np.nan)
    low, high = values[feasible].min(axis=0), values[feasible].max(axis=0)
    scaled = weights * (values - low) / np.where(high > low, high - low, 1.0)
    return np.asarray(scaled.max(axis=1) + AUGMENTATION * scaled.sum(axis=1))
