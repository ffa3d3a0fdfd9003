"""What a search method is: it asks for points and is told results; it never evaluates."""

from __future__ import annotations

from typing import Generic, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from codesign.space.base import P


class Optimizer(Protocol, Generic[P]):
    """An ask/tell optimizer over a `codesign.space.base.Space`."""

    def ask(self) -> P:
        """The next point to try, as a batch of one (a method may return more at once).

        A method that does not know the known constraints may propose what breaks them: a trial
        that is spent, and fails.
        """

    def tell(self, points: P, losses: NDArray[np.float64]) -> None:
        """The outcome of points: the log of EDP or another cost, NaN if infeasible.

        They are those asked for, in that order; before the first question there may be others,
        which somebody knew already.
        """


@runtime_checkable
class Rejecting(Protocol):
    """An optimizer that draws points in vain before it has one to ask for."""

    @property
    def draws(self) -> NDArray[np.int64]:
        """[points asked for], the points drawn until then, since the start."""
