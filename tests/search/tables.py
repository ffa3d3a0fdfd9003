"""Tables of accelerators with known costs, as spaces to try hardware searches on.

They are the full factorials of VAESA (Huang et al., ISPASS 2022): 2 304 accelerators, each with six
factors and the EDP of networks on it. The files are not part of this repository.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

from codesign.search.registry import make_optimizer
from codesign.space.base import Parameter

Points = NDArray[np.int64]

NAME = r"arch_pe([\d.]+)_mac([\d.]+)_buf_([\d.]+)_([\d.]+)_([\d.]+)_([\d.]+)"
"""An accelerator's name has its six factors."""


class TableSpace:
    """All rows of a table. A point is the indices of its factors [6].

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        table = pd.read_csv(path)
        factors = np.array([re.fullmatch(NAME, name).groups() for name in table["name"]], float)
        grids = [np.unique(column) for column in factors.T]
        names = ("pes", "macs", "buffer 1", "buffer 2", "buffer 3", "buffer 4")
        self.parameters = tuple(
            Parameter(name, tuple(grid.tolist()), True)
            for name, grid in zip(names, grids, strict=True)
        )
        self.sizes = np.array([len(grid) for grid in grids])
        places = [np.searchsorted(g, column) for g, column in zip(grids, factors.T, strict=True)]
        edp = (table["unique_cycle_sum"] * table["unique_energy_sum"]).to_numpy(float)
        self.edp = np.full(self.sizes, np.nan)
        self.edp[tuple(places)] = edp
        assert np.isfinite(self.edp).all()

    def draw(self, rng: np.random.Generator, count: int) -> Points:
        return rng.integers(self.sizes, size=(count, len(self.sizes)))

    def mutate(self, rng: np.random.Generator, points: Points, count: int) -> Points:
        children = points[np.arange(count) % len(points)].copy()
        rows, columns = np.arange(count), rng.integers(len(self.sizes), size=count)
        moved = children[rows, columns] + rng.choice([-1, 1], size=count)
        children[rows, columns] = np.clip(moved, 0, self.sizes[columns] - 1)
        return children

    def encode(self, points: Points) -> NDArray[np.int64]:
        return points

    def features(self, points: Points) -> NDArray[np.float64]:
        """The logarithms of factors."""
        grids = [np.log2(parameter.values) for parameter in self.parameters]
        return np.stack([grid[points[:, d]] for d, grid in enumerate(grids)], axis=1)

    def join(self, batches: list[Points]) -> Points:
        return np.concatenate(batches)

    def losses(self, points: Points) -> NDArray[np.float64]:
        """The logarithms of EDP, which optimizers get."""
        return np.log(self.edp[tuple(points.T)])


def regret_percent(space: TableSpace, method: str, seed: int, trials: int) -> float:
    """How far the best of `trials` is above the least EDP of the table, in %.

    Method `textbook` is `bo` with the surrogate `TextbookProcess`.
    """
    rng = np.random.default_rng([seed, 7])
    optimizer = make_optimizer("bo" if method == "textbook" else method, space, rng, trials)
    if method == "textbook":
        optimizer.surrogate = TextbookProcess()
    best, done = np.inf, 0
    while done < trials:
        points = optimizer.ask()[: trials - done]
        losses = space.losses(points)
        optimizer.tell(points, losses)
        best, done = min(best, float(losses.min())), done + len(points)
    return 100 * float(np.exp(best) / space.edp.min() - 1)


class TextbookProcess:
    """A Gaussian process of scikit-learn as a surrogate: an RBF kernel with ARD, and noise."""

    noise = 1e-3

    def fit(self, features: NDArray[np.float64], losses: NDArray[np.float64]) -> None:
        self.rows, self.losses = features, losses
        kernel = ConstantKernel() * RBF(np.ones(features.shape[1])) + WhiteKernel(1e-3)
        self.process = GaussianProcessRegressor(kernel, normalize_y=True, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.process.fit(features, losses)

    def update(self, features: NDArray[np.float64], loss: float) -> None:
        self.fit(np.vstack([self.rows, features]), np.append(self.losses, loss))

    def predict(
        self, features: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        means, deviations = self.process.predict(features, return_std=True)
        return means, deviations
