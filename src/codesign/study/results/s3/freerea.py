"""FreeREA (Cavagnero et al., WACV 2023): regularized evolution on metrics that need no training.

The text of the paper was not available here, so this is what is known of it and of its released
code, in our own words:

- A population of 25 random cells. In each step, 5 of them are drawn without replacement, and the
  two best are parents of three children: each parent with one operation changed, and a crossover
  that takes every operation from either parent with equal chance. The oldest leave, so that 25
  remain.
- The fitness is the sum of three metrics, each divided by its largest value among all cells of the
  search so far: NASWOT, LogSynflow, and *skip*, which is the mean number of nodes that the skip
  connections of a cell jump over.
- The search ends when the cells that were looked at have taken 45 s of metrics' time; a cell that
  comes again takes none. Its answer is the fittest of all these cells.

Assumed here: the parents' order of fitness among equal cells is that of the draw; the time of the
search itself, which is small, does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.study.searches.cells import metrics
from codesign.workload.cells import EDGES, OPERATIONS, SKIP, parse_cell

Floats = NDArray[np.float64]

POPULATION, TOURNAMENT = 25, 5

MOST_STEPS = 10**4
"""Steps after which a search ends in any case, as when every cell near it is already known."""


@dataclass(frozen=True)
class Benchmark:
    """The cells of a table with their metrics.

    Args:
        rows: the row of every cell, by its operations as numbers.
        metrics: [N, 3], NASWOT, LogSynflow and skip; what is not finite is 0.
        seconds: [N], the time that the metrics took.
    """

    rows: dict[tuple[int, ...], int]
    metrics: Floats
    seconds: Floats

    @classmethod
    def of(cls, cells: pd.DataFrame, dataset: str) -> Benchmark:
        """The benchmark of a data set, from a table of `searches.cells`."""
        operations = [parse_cell(text) for text in cells["cell"]]
        rows = {
            tuple(OPERATIONS.index(op) for op in cell): row for row, cell in enumerate(operations)
        }
        naswot, naswot_s, logsynflow, logsynflow_s = (
            np.nan_to_num(cells[name].to_numpy(np.float64), posinf=0.0, neginf=0.0)
            for name in metrics(dataset)
        )
        skips = np.array([skip(cell) for cell in operations])
        return cls(rows, np.stack([naswot, logsynflow, skips], axis=1), naswot_s + logsynflow_s)


def skip(operations: Sequence[str]) -> float:
    """The mean number of nodes that the skip connections of a cell jump over; 0 without any."""
    spans = [
        target - source - 1
        for op, (source, target) in zip(operations, EDGES, strict=True)
        if op == SKIP
    ]
    return float(np.mean(spans)) if spans else 0.0


def search(
    benchmark: Benchmark, rng: np.random.Generator, budget_s: float = 45.0
) -> tuple[int, int]:
    """The row of the cell that a search finds, and the number of different cells it looked at.

    Args:
        benchmark: the cells; a table of all of them, or the search may ask for one that is missing.
        rng: all random choices.
        budget_s: seconds of metrics' time.
    """
    found = _Evolution(benchmark, rng)
    while len(found.population) < POPULATION and found.seconds < budget_s:
        found.add(tuple(int(op) for op in rng.integers(0, len(OPERATIONS), len(EDGES))))
    for _ in range(MOST_STEPS):
        if found.seconds >= budget_s:
            break
        found.step()
    rows = np.array(sorted(found.seen), np.int64)
    return int(rows[np.argmax(found.fitness(rows))]), len(rows)


class _Evolution:
    """A population, oldest first, and all cells that were looked at."""

    def __init__(self, benchmark: Benchmark, rng: np.random.Generator) -> None:
        self.benchmark, self.rng = benchmark, rng
        self.population: list[tuple[int, ...]] = []
        self.seen: set[int] = set()
        self.seconds = 0.0
        self._most = np.full(benchmark.metrics.shape[1], np.finfo(float).tiny)

    def add(self, cell: tuple[int, ...]) -> None:
        """Adds a cell to the population."""
        row = self.benchmark.rows[cell]
        if row not in self.seen:
            self.seen.add(row)
            self.seconds += float(self.benchmark.seconds[row])
            self._most = np.maximum(self._most, self.benchmark.metrics[row])
        self.population.append(cell)

    def fitness(self, rows: NDArray[np.int64]) -> Floats:
        """[B], the fitness of cells that were looked at."""
        return np.asarray((self.benchmark.metrics[rows] / self._most).sum(axis=1))

    def step(self) -> None:
        """Adds three children, and drops the oldest."""
        drawn = self.rng.choice(len(self.population), TOURNAMENT, replace=False)
        cells = [self.population[at] for at in drawn]
        rows = np.array([self.benchmark.rows[cell] for cell in cells], np.int64)
        first, second = np.argsort(-self.fitness(rows), kind="stable")[:2]
        parents = cells[first], cells[second]
        takes_first = self.rng.integers(0, 2, len(EDGES))
        crossed = tuple(
            a if takes else b for a, b, takes in zip(*parents, takes_first, strict=True)
        )
        for child in (*map(self._mutated, parents), crossed):
            self.add(child)
        del self.population[: len(self.population) - POPULATION]

    def _mutated(self, cell: tuple[int, ...]) -> tuple[int, ...]:
        """The cell with another operation on one edge."""
        edge = int(self.rng.integers(len(EDGES)))
        others = [op for op in range(len(OPERATIONS)) if op != cell[edge]]
        return (*cell[:edge], others[int(self.rng.integers(len(others)))], *cell[edge + 1 :])
