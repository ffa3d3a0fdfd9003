"""A recurrent network over the loop tree as a ranking model: AutoTVM's context-encoded TreeGRU.

In Chen et al. 2018, section 3, every loop is embedded from its context features. A gated recurrent
unit runs over the tree from the leaves to the root. Its states are scattered by softmax over a few
memory cells, and a linear layer reads the cells. Mappings are perfect nests, so the tree is a
path: the loops whose size exceeds 1, innermost first.

It needs PyTorch, the optional dependency `treegru`.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

import numpy as np
import torch

from codesign.search.history import Floats
from codesign.space.base import LoopSpace, P
from codesign.space.loops import PLACE

WIDTH = 32
"""Width of embeddings and states."""

CELLS = 8
"""The number of memory cells that states are scattered over."""

EPOCHS = 30
"""Steps of Adam per fit, each on all trials. Every fit starts from the weights of the last one."""

RATE = 3e-3

SCALE = 0.125
"""Scales features (logarithms and places) to about 1."""


class Nests(NamedTuple):
    """B nests of at most L loops: features [B, L, F], numbers of loops [B, L], and mask [B, L]."""

    features: torch.Tensor
    numbers: torch.Tensor
    mask: torch.Tensor


class TreeGRU(Generic[P]):
    """A ranking model trained with the pairwise rank loss, Σ log(1 + exp(f(worse) - f(better))).

    Args:
        space: the space of the points.
        rng: the generator for the seed of the first weights.
    """

    def __init__(self, space: LoopSpace[P], rng: np.random.Generator) -> None:
        # Sums over several threads do not have a fixed order, and proposals must not depend on it.
        torch.set_num_threads(1)
        self.space = space
        self._seed = int(rng.integers(2**31 - 1))
        self._network: Any = None

    def fit(self, points: P, scores: Floats) -> None:
        """As in `RankingModel`."""
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
        """As in `RankingModel`."""
        with torch.no_grad():
            ranks = rank(self._network, arrange(self.space.loops(points)))
        return np.asarray(ranks.numpy(), np.float64)


def make_network(loops: int, columns: int, seed: int) -> torch.nn.ModuleDict:
    """The network for M different `loops` with F features (`columns`), with weights from `seed`."""
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
    """Loops [B, M, F] in the order of their places, without loops of size 1."""
    exists = features[:, :, PLACE] > 0
    place = np.where(exists, features[:, :, PLACE], np.inf)
    longest = max(1, int(exists.sum(axis=1).max(initial=0)))
    numbers = np.argsort(place, axis=1, kind="stable")[:, :longest]
    return Nests(
        torch.from_numpy(
            np.take_along_axis(features, numbers[:, :, np.newaxis], axis=1).astype(np.float32)
        ),
        torch.from_numpy(numbers),
        torch.from_numpy(np.take_along_axis(exists, numbers, axis=1).astype(np.float32)),
    )


def rank(network: torch.nn.ModuleDict, nests: Nests) -> torch.Tensor:
    """[B], the outputs of the network for nests."""
    embedded = network["context"](SCALE * nests.features) + network["loop"](nests.numbers)
    # Padding after the last loop of a nest does not change the states of the loops before it.
    states, _ = network["gru"](torch.tanh(embedded))
    shares = torch.softmax(network["scatter"](states), dim=2) * nests.mask[:, :, None]
    cells = shares.transpose(1, 2) @ states
    ranks: torch.Tensor = network["output"](cells.flatten(1))[:, 0]
    return ranks
