"""A layer on a class of accelerators, where mappings choose the words of the register files.

The three register files of a PE share the budget of words. For every file, a mapping gets the
smallest size that holds its tile, at the energy of that size. So the best mapping here is the best
on all accelerators of the class.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from codesign.cost import Costs, Evaluator
from codesign.cost.tables import Floats, Ints
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.files import Chip
from codesign.mapping import MappingBatch
from codesign.search.certified.classes import FileSizes, HardwareClass, file_sizes
from codesign.search.exact.facts import Facts
from codesign.search.task import MappingTask
from codesign.workload import Layer

FILES = 3
"""The register files, which are the innermost levels of the Eyeriss template."""


class NothingFitsError(InputError):
    """No accelerator of a class has a mapping of a layer."""


class PooledFacts(Facts):
    """The constants of a layer on a class of accelerators, for the exact mapper.

    Raises:
        NothingFitsError: no accelerator of the class has a mapping.
        InputError: the proof does not cover the energy table: larger register files cost less in
            it, or an energy is negative.
    """

    is_pooled = True

    def __init__(
        self, layer: Layer, hardware_class: HardwareClass, chip: Chip, accounting: str
    ) -> None:
        self.chip, self.members, self.accounting = chip, hardware_class, accounting
        self.local_words = int(chip.template.budget["local_words"])
        self.choices = np.array(file_sizes(chip.template), np.int64)
        self.prices = self._prices()
        self._evaluators: dict[FileSizes, Evaluator] = {}
        task = MappingTask(
            layer,
            self._relaxed(),
            chip.technology,
            chip.template.dataflow(hardware_class.point),
            accounting,
        )
        if task.problem is not None:
            raise NothingFitsError(task.problem)
        super().__init__(task)
        if not self.is_covered:
            raise InputError(f"technology {chip.technology.name}: it has energies below 0")

    def _prices(self) -> Floats:
        """[files, sizes], the pJ per word of register files of all sizes."""
        levels = self.hardware(self.members.least).levels[:FILES]
        prices = np.array(
            [
                [
                    self.chip.technology.vector_energy_pj(replace(level, entries=int(words)))
                    for words in self.choices
                ]
                for level in levels
            ]
        )
        if (np.diff(prices, axis=1) < 0).any():
            raise InputError(
                f"technology {self.chip.technology.name}: larger register files cost less in it, "
                "which a proof over accelerators does not cover"
            )
        return prices

    def hardware(self, words: FileSizes) -> Hardware:
        """The accelerator of the class with these words."""
        return self.chip.template.hardware(self.members.member(words), "found")

    def _relaxed(self) -> Hardware:
        """An accelerator with the largest register files of the class, at the smallest's energy."""
        real = self.hardware(self.members.least)
        least = np.searchsorted(self.choices, self.members.least)
        levels = [
            replace(
                level,
                entries=self.members.most[file],
                vector_access_pj=float(self.prices[file, least[file]]),
            )
            for file, level in enumerate(real.levels[:FILES])
        ]
        return replace(real, levels=(*levels, *real.levels[FILES:]))

    def chosen(self, tiles: Ints) -> Ints:
        """[M, files], the index of the smallest size that holds tiles [M, files or more, D].

        It is the number of sizes if none is large enough.
        """
        held = np.stack([self.held(tiles[:, file], file) for file in range(FILES)], axis=1)
        return np.searchsorted(self.choices, np.maximum(held, self.members.least))

    def _total(self, chosen: Ints) -> Ints:
        padded = np.append(self.choices, 2 * self.local_words)
        return np.asarray(padded[chosen].sum(axis=1))

    def holds(self, tiles: Ints) -> NDArray[np.bool_]:
        """[M], whether the words that tiles need are within the budget."""
        return np.asarray(self._total(self.chosen(tiles)) <= self.local_words)

    def extra_pj(self, tiles: Ints) -> Floats:
        """[M, files], pJ per word in addition to that of the class's smallest register file."""
        least = np.searchsorted(self.choices, self.members.least)
        chosen = self.chosen(tiles)
        return np.stack(
            [
                self.prices[file, chosen[:, file]] - self.prices[file, least[file]]
                for file in range(FILES)
            ],
            axis=1,
        )

    def words_of(self, batch: MappingBatch) -> Ints:
        """[B, files], the words that mappings get; 0 if no size is large enough."""
        steps = batch.temporal.astype(np.int64) * batch.spatial.prod(axis=2, dtype=np.int64)
        chosen = self.chosen(np.cumprod(steps, axis=1))
        return np.asarray(np.append(self.choices, 0)[chosen])

    def price(self, batch: MappingBatch) -> Costs:
        """The costs of mappings, each on its own accelerator of the class.

        Mappings that do not fit any accelerator of the class are invalid.
        """
        words = self.words_of(batch)
        held = (words > 0).all(axis=1) & (words.sum(axis=1) <= self.local_words)
        held &= (words <= self.members.most).all(axis=1)
        count = len(batch)
        out = Costs(
            np.where(held, 0, 2).astype(np.int8), np.zeros(count, np.int8),
            np.zeros(count, np.int64), np.full(count, math.nan), np.full(count, math.nan),
        )  # fmt: skip
        rows = np.flatnonzero(held)
        if not len(rows):
            return out
        sizes, which = np.unique(words[rows], axis=0, return_inverse=True)
        for index, files in enumerate(sizes):
            some = rows[which.reshape(-1) == index]
            costs = self._evaluator((int(files[0]), int(files[1]), int(files[2]))).price(
                batch[some]
            )
            for name in Costs.__dataclass_fields__:
                getattr(out, name)[some] = getattr(costs, name)
        return out

    def _evaluator(self, words: FileSizes) -> Evaluator:
        if words not in self._evaluators:
            self._evaluators[words] = Evaluator(
                self.space.layer, self.hardware(words), self.chip.technology, self.accounting
            )
        return self._evaluators[words]
