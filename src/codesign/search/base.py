"""The interface of optimizers: they propose points and are told the outcomes."""

from __future__ import annotations

from typing import Generic, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from codesign.space.base import P


class Optimizer(Protocol, Generic[P]):
    """An ask/tell optimizer over a `codesign.space.base.Space`. It does not evaluate points."""

    def ask(self) -> P:
        """The next points to try, as a batch of one or more.

        A method that does not know the known constraints may propose points that break them.
        These are failed trials.
        """

    def tell(self, points: P, losses: NDArray[np.float64]) -> None:
        """Tells the outcome of points: [B], the log of EDP or another cost; NaN if infeasible.

        The points are those from `ask`, in the same order. Before the first `ask`, other points
        may be told, whose losses are known already.
        """


def losses(costs: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """The logs of costs, as optimizers are told them; NaN stays. Zero has that of the least number.

    With an energy table of zeros, every mapping costs nothing.
    """
    return np.log(np.maximum(costs, np.finfo(np.float64).tiny))


@runtime_checkable
class Rejecting(Protocol):
    """An optimizer that rejects some of the points that it draws."""

    @property
    def draws(self) -> NDArray[np.int64]:
        """[proposed points], the number of points drawn up to each, since the start."""
