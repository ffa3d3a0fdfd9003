"""Optuna's TPE as a search method of codesign: a plugin to use, or to copy for another library.

    pip install 'codesign[optuna]'
    export CODESIGN_PLUGINS=optuna_tpe.py
    codesign map --workload dqn --hardware eyeriss-168 --method optuna-tpe --trials 50 --output out

Optuna sees the coordinates of a space: for each, the index of a value. It knows no constraint. A
point that breaks one is a failed trial, as in the method `hyperopt`.
"""

from __future__ import annotations

import numpy as np

from codesign.extras import needs
from codesign.search.registry import DECODE, register


class OptunaTPE:
    """`optuna.samplers.TPESampler` with its defaults, one trial after the other.

    The outcomes of its proposals must be told in the order of the proposals.

    Args:
        space: the space to search (`codesign.space.base.DecodableSpace`).
        rng: the only source of randomness.
    """

    def __init__(self, space, rng):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.space, self.optuna = space, optuna
        sampler = optuna.samplers.TPESampler(seed=int(rng.integers(2**32)))
        self.study = optuna.create_study(sampler=sampler)
        self.waiting = []
        self.distributions = {}
        for column, coordinate in enumerate(space.coordinates):
            values = range(len(coordinate.values))
            self.distributions[str(column)] = (
                optuna.distributions.IntDistribution(0, values[-1])
                if coordinate.is_ordered
                else optuna.distributions.CategoricalDistribution(tuple(values))
            )

    def ask(self):
        """The next point, as a batch of one."""
        trial = self.study.ask(self.distributions)
        self.waiting.append(trial)
        indices = [trial.params[name] for name in self.distributions]
        return self.space.decode(np.array([indices], np.int64))[0]

    def tell(self, points, losses):
        """Tells outcomes: first those of the oldest open proposals, then those of other points."""
        for row, loss in enumerate(losses.tolist()):
            outcome = {"value": loss}
            state = self.optuna.trial.TrialState.COMPLETE
            if not np.isfinite(loss):  # NaN says that a constraint is broken
                outcome, state = {}, self.optuna.trial.TrialState.FAIL
            if self.waiting:
                self.study.tell(self.waiting.pop(0), outcome.get("value"), state)
                continue
            indices = self.space.locate(points[row : row + 1])[0].tolist()
            trial = self.optuna.trial.create_trial(
                params=dict(zip(self.distributions, indices, strict=True)),
                distributions=self.distributions,
                state=state,
                **outcome,
            )
            self.study.add_trial(trial)


@register(
    "optuna-tpe",
    "Optuna's TPE",
    "#999933",
    dashes=(3.0, 1.0, 1.0, 1.0),
    needs=DECODE,
    knows_constraints=False,
    citation="Akiba et al., KDD 2019",
)
def build(space, rng, trials):
    """The optimizer, or one sentence that says what to install."""
    with needs("optuna", "method 'optuna-tpe'"):
        import optuna  # noqa: F401

    return OptunaTPE(space, rng)
