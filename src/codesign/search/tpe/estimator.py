"""The interface of estimators of densities, and the choice between the two that exist."""

from __future__ import annotations

from typing import Protocol

from codesign.search.history import Floats, Ints
from codesign.search.tpe.grid import Grid

GOOD, BAD, FAILED = range(3)
"""Labels of trials: `GOOD` and `BAD` are feasible."""


class Estimator(Protocol):
    """Hyperopt's Parzen estimators of all parameters, independent of each other."""

    def __call__(self, codes: Ints, labels: Ints, wanted: int) -> Floats:
        """The densities of the trials with some of the labels, as a table.

        Args:
            codes: [T, P], trials, oldest first.
            labels: [T], the label of each: `GOOD`, `BAD` or `FAILED`.
            wanted: the labels to use, as a bit mask.

        Returns:
            [V], the probability of every value of every parameter (`Grid`). The probabilities of
            one parameter sum to 1. The array is new at every call.
        """


def make_estimator(name: str, grid: Grid, prior_weight: float, forgetting: int) -> Estimator:
    """The estimator called `fast` or `hyperopt`.

    Args:
        name: `fast` is compiled; `hyperopt` calls Hyperopt's own functions. Their results agree.
        grid: the parameters.
        prior_weight: the weight of the prior, relative to a trial's.
        forgetting: so many of the latest trials have full weight; older ones have less with age.

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
