"""Gradient-boosted trees as a ranking model, with AutoTVM's settings of XGBoost."""

from __future__ import annotations

from typing import Any, Generic

import numpy as np
import xgboost

from codesign.search.history import Floats
from codesign.space.base import P, Space

SETTINGS: dict[str, Any] = {
    "objective": "rank:pairwise",
    "lambdarank_pair_method": "mean",
    "lambdarank_num_pair_per_sample": 1,
    "max_depth": 3,
    "eta": 0.3,
    "gamma": 1e-4,
    "min_child_weight": 1,
    "subsample": 1.0,
    "lambda": 1.0,
    "alpha": 0.0,
    "tree_method": "hist",
    # One thread: sums of gradients then have one order on every machine.
    "nthread": 1,
    "seed": 0,
    "verbosity": 0,
}
"""AutoTVM's `xgb_params_rank`. One pair per trial is sampled, as in XGBoost at that time."""

ROUNDS = 100
"""Trees per fit. AutoTVM stops when the recall of the best trials no longer grows."""


class BoostedTrees(Generic[P]):
    """Ranks points by features of their loops, or by their parameters (AutoTVM's `knob`).

    Args:
        space: the space of the points. If it has `loops`, these are the features.
    """

    def __init__(self, space: Space[P]) -> None:
        self._describe = getattr(space, "loops", space.encode)
        self._booster: xgboost.Booster | None = None

    def fit(self, points: P, scores: Floats) -> None:
        """As in `RankingModel`."""
        features = self._features(points)
        trials = xgboost.DMatrix(features, scores, nthread=1)
        trials.set_group([len(scores)])
        self._booster = xgboost.train(SETTINGS, trials, ROUNDS)

    def predict(self, points: P) -> Floats:
        """As in `RankingModel`."""
        assert self._booster is not None
        return np.asarray(self._booster.inplace_predict(self._features(points)), np.float64)

    def _features(self, points: P) -> Floats:
        features = self._describe(points)
        return features.reshape(len(features), -1).astype(np.float32)
