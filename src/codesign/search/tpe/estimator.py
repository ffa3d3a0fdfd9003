"""What an estimator of densities is, and the two there are."""

from __future__ import annotations

from typing import Protocol

from codesign.search.history import Floats, Ints
from codesign.search.tpe.grid import Grid

GOOD, BAD, FAILED = range(3)
"""Labels of trials: `GOOD` and `BAD` are feasible."""


class Estimator(Protocol):
    """Hyperopt's Parzen estimators of all parameters, each on its own."""

    def __call__(self, codes: Ints, labels: Ints, wanted: int) -> Floats:
        """The density of some of the trials, tabulated.

        Args:
            codes: [T, P], trials, oldest first.
            labels: [T], which of `GOOD`, `BAD`, `FAILED` each one is.
            wanted: the labels to look at, a bit each.

        Returns:
            [V], for every value of every parameter (`Grid`) its probability; the values of one
            parameter sum to one. The caller may keep the array.
        """


def make_estimator(name: str, grid: Grid, prior_weight: float, forgetting: int) -> Estimator:
    """The estimator called `fast` or `hyperopt`.

    Args:
        name: `fast` is ours, compiled; `hyperopt` calls Hyperopt's own functions. They agree.
        grid: the parameters.
        prior_weight: weight of the prior, a trial's being one.
        forgetting: the latest so many trials count in full, older ones less the older they are.

    Raises:
        ValueError: there is no estimator of that name.
    """
    if name == "fast":
        from codesign.search.tpe.parzen import FastEstimator

        return FastEstimator(grid, prior_weight, forgetting)
    if name == "hyperopt":
        from codesign.search.tpe.reference import HyperoptEstimator

        return HyperoptEstimator(grid, prior_weight, forgetting)
    raise ValueError(f"estimator is {name!r}, expected 'fast' or 'hyperopt'")
