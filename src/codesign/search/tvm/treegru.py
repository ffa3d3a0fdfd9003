"""A recurrent network over the loop tree as cost model: AutoTVM's context-encoded TreeGRU.

Chen et al. 2018, section 3: every loop is embedded from its context features, a gated recurrent
unit runs over the tree from the leaves to the root, its states are scattered by softmax over a
few memory cells, and a linear layer reads the cells. Mappings are perfect nests, so that the
tree is a path: the loops of more than one iteration, innermost first.

Needs PyTorch, the optional dependency `treegru`.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

import numpy as np
import torch

from codesign.search.history import Floats
from codesign.space.base import LoopSpace, P
from codesign.space.loops import PLACE

WIDTH = 32
"""Of embeddings and states."""

CELLS = 8
"""Memory cells that states are scattered over."""

EPOCHS = 30
"""Steps of Adam a fit, each on all trials; weights carry over from fit to fit."""

RATE = 3e-3

SCALE = 0.125
"""Brings features, logarithms and places, to about one."""


class Nests(NamedTuple):
    """B nests of at most L turning loops: features [B, L, F], numbers and mask [B, L]."""

    features: torch.Tensor
    numbers: torch.Tensor
    mask: torch.Tensor


class TreeGRU(Generic[P]):
    """Trained with the pairwise rank loss, Σ log(1 + exp(f(worse) - f(better))).

    Args:
        space: whose points are ranked.
        rng: what the seed of the first weights is drawn from.
    """

    def __init__(self, space: LoopSpace[P], rng: np.random.Generator) -> None:
        # Sums over threads have no fixed order, and proposals must not depend on it.
        torch.set_num_threads(1)
        self.space = space
        self._seed = int(rng.integers(2**31 - 1))
        self._network: Any = None

    def fit(self, points: P, scores: Floats) -> None:
        """As `RankingModel` says."""
        features = self.space.loops(points)
        if self._network is None:
            self._network = make_network(features.shape[1], features.shape[2], self._seed)
        nests = arrange(features)
        targets = torch.from_numpy(scores)
        better, worse = torch.nonzero(targets[:, None] > targets[None], as_tuple=True)
        if len(better) == 0:
            return
        adam = torch.optim.Adam(self._network.parameters(), RATE)
        for _ in range(EPOCHS):
            adam.zero_grad()
            ranks = rank(self._network, nests)
            torch.nn.functional.softplus(ranks[worse] - ranks[better]).mean().backward()
            adam.step()

    def predict(self, points: P) -> Floats:
        """As `RankingModel` says."""
        with torch.no_grad():
            ranks = rank(self._network, arrange(self.space.loops(points)))
        return np.asarray(ranks.numpy(), np.float64)


def make_network(loops: int, columns: int, seed: int) -> torch.nn.ModuleDict:
    """The layers for M different `loops` of F `columns`, with weights that `seed` determines."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.nn.ModuleDict(
            {
                "loop": torch.nn.Embedding(max(loops, 1), WIDTH),
                "context": torch.nn.Linear(columns, WIDTH),
                "gru": torch.nn.GRU(WIDTH, WIDTH, batch_first=True),
                "scatter": torch.nn.Linear(WIDTH, CELLS),
                "output": torch.nn.Linear(CELLS * WIDTH, 1),
            }
        )


def arrange(features: Floats) -> Nests:
    """Loops [B, M, F] in the order of their places, those that do not turn left out."""
    turns = features[:, :, PLACE] > 0
    place = np.where(turns, features[:, :, PLACE], np.inf)
    longest = max(1, int(turns.sum(axis=1).max(initial=0)))
    numbers = np.argsort(place, axis=1, kind="stable")[:, :longest]
    return Nests(
        torch.from_numpy(
            np.take_along_axis(features, numbers[:, :, np.newaxis], axis=1).astype(np.float32)
        ),
        torch.from_numpy(numbers),
        torch.from_numpy(np.take_along_axis(turns, numbers, axis=1).astype(np.float32)),
    )


def rank(network: torch.nn.ModuleDict, nests: Nests) -> torch.Tensor:
    """[B], what the network makes of nests."""
    embedded = network["context"](SCALE * nests.features) + network["loop"](nests.numbers)
    # What stands behind the last loop of a nest is not seen by those before it.
    states, _ = network["gru"](torch.tanh(embedded))
    shares = torch.softmax(network["scatter"](states), dim=2) * nests.mask[:, :, None]
    cells = shares.transpose(1, 2) @ states
    ranks: torch.Tensor = network["output"](cells.flatten(1))[:, 0]
    return ranks
