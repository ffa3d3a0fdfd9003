"""Parzen estimators by Hyperopt's own functions: slow, a reference for `parzen`."""

from __future__ import annotations

import numpy as np
from hyperopt import tpe as hyperopt_tpe

from codesign.search.history import Floats, Ints
from codesign.search.tpe.grid import Grid


class HyperoptEstimator:
    """The posterior in `hyperopt.tpe` of `quniform(0, n - 1, 1)` for ordered parameters, and of
    `choice` for labels."""

    def __init__(self, grid: Grid, prior_weight: float, forgetting: int) -> None:
        self.grid = grid
        self.prior_weight = prior_weight
        self.forgetting = forgetting

    def __call__(self, codes: Ints, labels: Ints, wanted: int) -> Floats:
        """As in `Estimator`."""
        chosen = codes[(wanted >> labels) & 1 > 0]
        tables = []
        for column, size in enumerate(self.grid.sizes):
            if size == 1:
                tables.append(np.ones(1))
            elif self.grid.is_ordered[column]:
                tables.append(self._ordered(chosen[:, column], int(size)))
            else:
                tables.append(self._labels(chosen[:, column], int(size)))
        return np.concatenate(tables)

    def _ordered(self, observed: Ints, size: int) -> Floats:
        """The density of an ordered parameter, by `ap_quniform_sampler` and `GMM1_lpdf`."""
        low, high = 0.0, float(size - 1)
        # Hyperopt uses NumPy's default sort, whose order of equal values depends on the processor.
        # Their weights differ. So a few units in the last place make older ones smaller.
        apart = observed + np.arange(len(observed)) * 2 * np.spacing(high)
        weights, mus, sigmas = hyperopt_tpe.adaptive_parzen_normal(
            apart, self.prior_weight, 0.5 * (high + low), high - low, LF=self.forgetting
        )
        values = np.arange(size, dtype=np.float64)
        logarithms = hyperopt_tpe.GMM1_lpdf(values, weights, mus, sigmas, low, high, q=1.0)
        return np.exp(logarithms)

    def _labels(self, observed: Ints, size: int) -> Floats:
        """The density of labels, by `ap_randint_sampler` with `tpe_cat_pseudocounts`."""
        weights = hyperopt_tpe.linear_forgetting_weights(len(observed), LF=self.forgetting)
        counts = np.bincount(observed, weights, minlength=size)
        even = np.full(size, 1.0 / size)
        return np.asarray(hyperopt_tpe.tpe_cat_pseudocounts(counts, self.prior_weight, even, 1))
