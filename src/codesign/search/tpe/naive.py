"""Hyperopt as it is. What it knows of a space is what an encoding tells it."""

from __future__ import annotations

from typing import Any, Generic

import numpy as np
from hyperopt import JOB_STATE_DONE, STATUS_FAIL, STATUS_OK, Trials, tpe
from hyperopt.base import Domain

from codesign.search.history import Floats, Ints
from codesign.search.tpe.encodings import Encoding
from codesign.space.base import DecodableSpace, P


class HyperoptDefault(Generic[P]):
    """`hyperopt.tpe.suggest` unchanged: 20 random trials, 24 candidates, γ = 0.25.

    A trial that breaks a constraint, known or unknown, is `STATUS_FAIL`. The outcomes of its
    proposals must be told in the order of the proposals.

    Args:
        space: the space to search.
        rng: the only source of randomness. Every trial has its own seed, derived from one draw,
            so that a short search is the beginning of a long one.
        encoding: how coordinates of the space are parameters of Hyperopt.
    """

    def __init__(
        self, space: DecodableSpace[P], rng: np.random.Generator, encoding: Encoding
    ) -> None:
        self.space, self.encoding = space, encoding
        self._seed = int(rng.integers(2**31 - 1))
        self._trials = Trials()
        self._waiting: list[dict[str, Any]] = []
        # A coordinate with one value leaves no choice, and `quniform` refuses an empty range.
        expressions = {
            str(column): encoding.expression(str(column), column)
            for column, parameter in enumerate(space.coordinates)
            if len(parameter.values) > 1
        }
        self._domain = Domain(lambda config: 0.0, expressions) if expressions else None

    def ask(self) -> P:
        """The next point, as a batch of one."""
        indices = np.zeros((1, len(self.space.coordinates)), np.int64)
        if self._domain is not None:
            self._propose(indices)
        return self.space.decode(indices)[0]

    def tell(self, points: P, losses: Floats) -> None:
        """Tells outcomes: first those of the oldest open proposals, then those of other points."""
        others = self.space.locate(points[len(self._waiting) :])
        self._waiting += [self._document(indices) for indices in others]
        for loss in losses:
            self._finish(float(loss))

    def _propose(self, indices: Ints) -> None:
        number = len(self._trials.trials) + len(self._waiting)
        seed = int(np.random.default_rng([self._seed, number]).integers(2**31 - 1))
        [document] = tpe.suggest([number], self._domain, self._trials, seed, verbose=False)
        drawn = {int(name): float(x[0]) for name, x in document["misc"]["vals"].items()}
        for column, value in sorted(drawn.items()):
            indices[0, column] = self.encoding.index(indices[0], column, value)
        self._waiting.append(document)

    def _document(self, indices: Ints) -> dict[str, Any]:
        """A trial at `indices` [coordinates] that Hyperopt did not propose."""
        number = len(self._trials.trials) + len(self._waiting)
        values = {
            str(column): [self.encoding.value(indices, column)]
            for column in range(len(indices))
            if len(self.space.coordinates[column].values) > 1
        }
        misc = {
            "tid": number,
            "cmd": self._domain.cmd if self._domain is not None else None,
            "workdir": None,
            "idxs": {label: [number] for label in values},
            "vals": values,
        }
        [document] = self._trials.new_trial_docs([number], [None], [{"status": "new"}], [misc])
        return dict(document)

    def _finish(self, loss: float) -> None:
        document = self._waiting.pop(0)
        document["state"] = JOB_STATE_DONE
        is_feasible = np.isfinite(loss)
        document["result"] = (
            {"status": STATUS_OK, "loss": loss} if is_feasible else {"status": STATUS_FAIL}
        )
        self._trials.insert_trial_docs([document])
        self._trials.refresh()
