"""Small spaces and objectives to try optimizers on, and the loop that runs one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from codesign.search.base import Optimizer
from codesign.space.base import Parameter

Points = NDArray[np.int64]


@dataclass
class ToySpace:
    """Ordered grids and labels; known constraint: the ordered indices sum to at most `limit`."""

    ordered: tuple[int, ...] = (8, 8, 8, 8)
    labels: tuple[int, ...] = (3, 4)
    limit: int = 16
    parameters: tuple[Parameter, ...] = field(init=False)

    def __post_init__(self) -> None:
        sizes = [(size, True) for size in self.ordered] + [(size, False) for size in self.labels]
        self.parameters = tuple(
            Parameter(f"x{i}", tuple(map(float, range(size))), is_ordered)
            for i, (size, is_ordered) in enumerate(sizes)
        )

    @property
    def sizes(self) -> NDArray[np.int64]:
        return np.array(self.ordered + self.labels)

    def is_valid(self, points: Points) -> NDArray[np.bool_]:
        inside = ((points >= 0) & (points < self.sizes)).all(axis=1)
        return inside & (points[:, : len(self.ordered)].sum(axis=1) <= self.limit)

    def draw(self, rng: np.random.Generator, count: int) -> Points:
        found = np.empty((0, len(self.sizes)), np.int64)
        while len(found) < count:
            drawn = rng.integers(self.sizes, size=(count, len(self.sizes)))
            found = np.concatenate([found, drawn[self.is_valid(drawn)]])
        return found[:count]

    def mutate(self, rng: np.random.Generator, points: Points, count: int) -> Points:
        parents = points[np.arange(count) % len(points)]
        children = parents.copy()
        rows, columns = np.arange(count), rng.integers(len(self.sizes), size=count)
        moved = children[rows, columns] + rng.choice([-1, 1], size=count)
        anything = rng.integers(self.sizes[columns])
        children[rows, columns] = np.where(columns < len(self.ordered), moved, anything)
        return np.where(self.is_valid(children)[:, None], children, parents)

    def encode(self, points: Points) -> NDArray[np.int64]:
        return points

    @property
    def coordinates(self) -> tuple[Parameter, ...]:
        return self.parameters

    def locate(self, points: Points) -> NDArray[np.int64]:
        return points

    def decode(self, indices: NDArray[np.int64]) -> tuple[Points, NDArray[np.bool_]]:
        return indices, self.is_valid(indices)

    def remaining(self, indices: Points, column: int) -> NDArray[np.bool_]:
        """Whether the sum of the ordered ones is within the limit, once all are chosen."""
        left = np.ones(self.sizes[column], np.bool_)
        if column == len(self.ordered) - 1:
            left = indices[:column].sum() + np.arange(len(left)) <= self.limit
        return left

    def features(self, points: Points) -> NDArray[np.float64]:
        grid = points[:, : len(self.ordered)].astype(float)
        one_hot = [
            points[:, len(self.ordered) + i, None] == np.arange(size)
            for i, size in enumerate(self.labels)
        ]
        return np.concatenate([grid, grid**2, *one_hot], axis=1)

    def join(self, batches: list[Points]) -> Points:
        return np.concatenate(batches)


def bowl(space: ToySpace, points: Points) -> NDArray[np.float64]:
    """A bowl whose bottom is at a third of every range, plus a price for labels but the last."""
    grid = points[:, : len(space.ordered)]
    bottom = np.array(space.ordered) // 3
    price = np.zeros(len(points))
    for i, size in enumerate(space.labels):
        price += points[:, len(space.ordered) + i] != size - 1
    return ((grid - bottom) ** 2).sum(axis=1) + 2.0 * price


def half_fails(space: ToySpace, points: Points) -> NDArray[np.float64]:
    """The bowl, but infeasible where the first parameter is in its upper five eighths."""
    return np.where(points[:, 0] * 8 >= space.ordered[0] * 3, np.nan, bowl(space, points))


def run(
    optimizer: Optimizer[Points], space: ToySpace, objective, trials: int
) -> tuple[Points, NDArray]:  # type: ignore[no-untyped-def, type-arg]
    """The points tried and their losses; what breaks a known constraint is infeasible."""
    tried = np.zeros((trials, len(space.sizes)), np.int64)
    losses = np.full(trials, np.nan)
    done = 0
    while done < trials:
        points = optimizer.ask()[: trials - done]
        end = done + len(points)
        tried[done:end] = points
        losses[done:end] = np.where(space.is_valid(points), objective(space, points), np.nan)
        optimizer.tell(points, losses[done:end])
        done = end
    return tried, losses
