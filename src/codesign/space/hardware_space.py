"""The hardware space: H1–H12 of the paper under a budget, for the Eyeriss template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import Ints
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import Dataflow
from codesign.hardware.eyeriss import Budget, EyerissPoint, budget_of, eyeriss
from codesign.hardware.files import Chip
from codesign.space.base import Parameter
from codesign.space.filling import filled
from codesign.space.hardware_points import NAMES, HardwareBatch, dataflow_of
from codesign.space.limits import MOST_DRAWS, AreaLimit, Limits
from codesign.space.slots import divisors
from codesign.workload.network import Workload

VIOLATIONS = (None, "H1·H2", "H3+H4+H5", "H7·H8", "H7", "H8", "H10", "H6", "area")
__all__ = ["NAMES", "VIOLATIONS", "HardwareBatch", "HardwareSpace", "dataflow_of", "local_words"]


class HardwareSpace:
    """All accelerators within a chip's budget (a `space.base.Space`).

    Local-buffer words come in steps of four (and 1 and 2), as register files are built; what
    the three files leave of the budget is small, since space is free up to it.

    Args:
        chip: a hardware file of the Eyeriss template.
        workloads: what will run on it; features of a point then say how well it could.
        limits: what accelerators may have at most, besides the budget.

    Raises:
        InputError: the chip is not of the template, or no point is within the limits.
    """

    def __init__(
        self, chip: Chip, workloads: Sequence[Workload] = (), limits: Limits | None = None
    ) -> None:
        if chip.budget is None or not isinstance(chip.point, EyerissPoint):
            raise InputError(
                f"hardware {chip.hardware.name}: it has no budget to search in, "
                "expected a file with 'template: eyeriss'"
            )
        self.chip, self.budget, self.name = chip, chip.budget, chip.hardware.name
        self.workloads = tuple(workloads)
        self._domains = dict(chip.domains)
        self._whole = limits is None or limits.whole_clusters
        self._limit_to(limits or Limits())
        self._meshes = tuple(sorted({mesh for pes in self._pes for mesh in divisors(pes)}))
        self._words = local_words(self.budget)
        values = {
            "h1": self._meshes,
            **({"h2": self._meshes} if len(self._pes) > 1 else {}),
            **dict.fromkeys(("h3", "h4", "h5"), self._words),
            **dict.fromkeys(("h7", "h8"), self._meshes),
            **self._domains,
        }
        self._columns = [NAMES.index(name) for name in values]
        self._values = [np.array(v, np.int64) for v in values.values()]
        labels = ("h11", "h12")
        self.parameters = tuple(
            Parameter(name.upper(), tuple(float(v) for v in v), name not in labels)
            for name, v in values.items()
        )

    def _limit_to(self, limits: Limits) -> None:
        """Sets the numbers of PEs that there are, and the limit of area."""
        pes = self._domains.pop("pes", (self.budget.pes,))
        self._pes = limits.allowed_pes(pes, self.name)
        self._area: AreaLimit | None = None
        if limits.max_area_mm2 is None:
            return
        area = AreaLimit(self.chip.technology.area, self.budget, limits.max_area_mm2)
        buffers = {
            pes: {h7 * h8 for h1 in divisors(pes) for h7, h8 in self._buffer_meshes(h1, pes // h1)}
            for pes in self._pes
        }
        self._pes = area.fitting_pes(buffers, self.name)
        self._area = area
        self._buffer_meshes.cache_clear()

    def hardware(self, point: EyerissPoint, name: str = "found") -> Hardware:
        """The accelerator of a point."""
        return eyeriss(name, point, budget_of(point, self.budget))

    def batch(self, points: Sequence[EyerissPoint]) -> HardwareBatch:
        """Points as a batch."""
        return HardwareBatch.of(points)

    def near(self, point: EyerissPoint) -> HardwareBatch:
        """All feasible points that differ in one parameter, and in what follows from it."""
        pes = point.h1 * point.h2
        found = [replace(point, h1=h1, h2=pes // h1) for h1 in divisors(pes)]
        found += [
            replace(point, h6=h7 * h8, h7=h7, h8=h8)
            for h7, h8 in self._buffer_meshes(point.h1, point.h2)
        ]
        domains = {name: self._domains[name] for name in ("h9", "h10", "h11", "h12")}
        values = dict.fromkeys(("h3", "h4", "h5"), self._words) | domains
        found += [replace(point, **{name: v}) for name, all_of in values.items() for v in all_of]
        batch = HardwareBatch.of(found)
        return batch[self.violations(batch) == 0]

    def dataflow(self, point: EyerissPoint) -> Dataflow:
        """The map-space that a point leaves its mappings."""
        return dataflow_of(point)

    def draw(self, rng: np.random.Generator, count: int) -> HardwareBatch:
        """`count` points that satisfy every known constraint, drawn directly."""
        return HardwareBatch.of([self._draw_fitting(rng) for _ in range(count)])

    def _draw_fitting(self, rng: np.random.Generator) -> EyerissPoint:
        for _ in range(MOST_DRAWS):
            point = self._draw_one(rng)
            if self._area is None or self._area.allows(point):
                return point
        raise InputError(
            f"hardware {self.name}: of {MOST_DRAWS} accelerators drawn none is within the area"
        )

    def _draw_one(self, rng: np.random.Generator) -> EyerissPoint:
        pes = self._pes[0] if len(self._pes) == 1 else int(rng.choice(self._pes))
        h1 = int(rng.choice(divisors(pes)))
        h2 = pes // h1
        h7, h8, h10 = self._draw_buffers(rng, h1, h2)
        h9, h11, h12 = (int(rng.choice(self._domains[name])) for name in ("h9", "h11", "h12"))
        most = self._area.most_words(pes, h7 * h8) if self._area else self.budget.local_words
        h3, h4, h5 = self._draw_words(rng, most)
        return EyerissPoint(h1, h2, h3, h4, h5, h7 * h8, h7, h8, h9, h10, h11, h12)

    def _draw_buffers(self, rng: np.random.Generator, h1: int, h2: int) -> tuple[int, int, int]:
        """H7, H8, H10 that fit a PE mesh, all equally likely but for H10, which comes last."""
        meshes = self._buffer_meshes(h1, h2)
        h7, h8 = meshes[rng.integers(len(meshes))]
        fitting = [c for c in self._domains["h10"] if self._is_whole(h7 * h8, c)]
        return h7, h8, int(rng.choice(fitting))

    def _is_whole(self, buffers: int, cluster: int) -> bool:
        return not self._whole or buffers % cluster == 0

    @cache  # noqa: B019 - a space lives as long as its search
    def _buffer_meshes(self, h1: int, h2: int) -> list[tuple[int, int]]:
        """H7, H8 for a PE mesh: every instance holds a word and belongs to a whole cluster.

        Raises:
            InputError: there are none.
        """
        clusters = self._domains["h10"]
        found = [
            (h7, h8)
            for h7 in divisors(h1)
            for h8 in divisors(h2)
            if h7 * h8 <= self.budget.global_words
            and any(self._is_whole(h7 * h8, c) for c in clusters)
        ]
        if self._area:
            area, pes = self._area, h1 * h2
            found = [m for m in found if area.least_mm2(pes, m[0] * m[1]) <= area.most_mm2]
        if not found:
            raise InputError(
                f"hardware {self.name}: H10 is {list(clusters)}, expected a cluster size that "
                f"divides some number of global buffers, a divisor of {self.budget.pes}"
            )
        return found

    def _draw_words(self, rng: np.random.Generator, left: int) -> list[int]:
        """H3, H4, H5 of `left` words in all: logarithmic shares for two, the rest for the third."""
        words = [0, 0, 0]
        order = rng.permutation(3)
        for position, index in enumerate(order):
            most = left - (2 - position)
            wanted = most if position == 2 else int(most ** rng.random())
            words[index] = self._largest_up_to(max(1, wanted))
            left -= words[index]
        return words

    def _largest_up_to(self, words: int) -> int:
        return max(value for value in self._words if value <= words)

    def mutate(self, rng: np.random.Generator, points: HardwareBatch, count: int) -> HardwareBatch:
        """`count` neighbours of `points`, taken in turn: one group of parameters drawn anew,
        or a few words moved from one local buffer to another."""
        rows = []
        for i in range(count):
            row = self._mutate_one(rng, points.point(i % len(points)))
            is_small = self._area is None or self._area.allows(row)
            rows.append(row if is_small else self._draw_fitting(rng))
        return HardwareBatch.of(rows)

    def _mutate_one(self, rng: np.random.Generator, point: EyerissPoint) -> EyerissPoint:
        kind = rng.integers(4)
        if kind == 0:
            pes = point.h1 * point.h2
            if len(self._pes) > 1 and rng.random() < 0.5:
                pes = int(rng.choice(self._pes))
            meshes = divisors(pes)
            near = int(np.searchsorted(meshes, point.h1))
            at = near + (1 if rng.random() < 0.5 else -1)
            h1 = meshes[min(max(at, 0), len(meshes) - 1)]
            h2 = pes // h1
            h7, h8, h10 = point.h7, point.h8, point.h10
            if h1 % h7 or h2 % h8:
                h7, h8, h10 = self._draw_buffers(rng, h1, h2)
            return replace(point, h1=h1, h2=h2, h6=h7 * h8, h7=h7, h8=h8, h10=h10)
        if kind == 1:
            return self._move_words(rng, point)
        if kind == 2:
            h7, h8, h10 = self._draw_buffers(rng, point.h1, point.h2)
            return replace(point, h6=h7 * h8, h7=h7, h8=h8, h10=h10)
        name = ("h9", "h11", "h12")[rng.integers(3)]
        return replace(point, **{name: int(rng.choice(self._domains[name]))})

    def _move_words(self, rng: np.random.Generator, point: EyerissPoint) -> EyerissPoint:
        source, target = rng.permutation(["h3", "h4", "h5"])[:2]
        fewer = self._largest_up_to(max(1, int(getattr(point, source) * rng.random())))
        used = point.h3 + point.h4 + point.h5 - getattr(point, target) + fewer
        used -= getattr(point, source)
        more = self._largest_up_to(self.budget.local_words - used)
        return replace(point, **{source: fewer, target: more})

    def draw_raw(self, rng: np.random.Generator, count: int) -> HardwareBatch:
        """`count` points with every parameter drawn from its domain on its own (R7)."""
        domains = {
            **dict.fromkeys(("h1", "h2", "h6", "h7", "h8"), self._meshes),
            **dict.fromkeys(("h3", "h4", "h5"), self._words),
            **self._domains,
        }
        return HardwareBatch(np.stack([rng.choice(domains[name], count) for name in NAMES], axis=1))

    def violations(self, batch: HardwareBatch) -> NDArray[np.int8]:
        """[B], the first known constraint that each point breaks, index into `VIOLATIONS`."""
        h1, h2, h3, h4, h5, h6, h7, h8, _, h10, _, _ = batch.values.T
        rules = (
            ~np.isin(h1 * h2, self._pes),
            h3 + h4 + h5 > self.budget.local_words,
            h7 * h8 != h6,
            h1 % h7 != 0,
            h2 % h8 != 0,
            self._whole & (h6 % h10 != 0),
            h6 > self.budget.global_words,
        )
        broken = np.stack([np.zeros(len(batch), bool), *rules])
        found = np.argmax(broken, axis=0).astype(np.int8)
        if self._area:
            for row in np.flatnonzero(found == 0):
                if not self._area.allows(batch.point(int(row))):
                    found[row] = VIOLATIONS.index("area")
        return found

    def broken(self, batch: HardwareBatch) -> list[str | None]:
        """[B], the first known constraint that each point breaks, by name, or None."""
        return [VIOLATIONS[code] for code in self.violations(batch)]

    def encode(self, points: HardwareBatch) -> Ints:
        """[B, parameters], indices into `Parameter.values`."""
        return np.stack(
            [
                np.searchsorted(values, points.values[:, column])
                for column, values in zip(self._columns, self._values, strict=True)
            ],
            axis=1,
        ).astype(np.int64)

    @property
    def coordinates(self) -> tuple[Parameter, ...]:
        """The parameters: H2 and H6, which are none, follow from the others."""
        return self.parameters

    def locate(self, points: HardwareBatch) -> Ints:
        """[B, parameters], as `encode`."""
        return self.encode(points)

    def decode(self, indices: Ints) -> tuple[HardwareBatch, NDArray[np.bool_]]:
        """The points at any `indices` [B, parameters], and [B] whether they keep the budget."""
        rows = np.empty((len(indices), len(NAMES)), np.int64)
        for i, (column, values) in enumerate(zip(self._columns, self._values, strict=True)):
            rows[:, column] = values[indices[:, i]]
        h1, h2, h6, h7, h8 = (NAMES.index(name) for name in ("h1", "h2", "h6", "h7", "h8"))
        if len(self._pes) == 1:
            rows[:, h2] = self._pes[0] // rows[:, h1]
        rows[:, h6] = rows[:, h7] * rows[:, h8]
        points = HardwareBatch(rows)
        return points, self.violations(points) == 0

    def features(self, points: HardwareBatch) -> NDArray[np.float64]:
        """[B, F]: log2 of meshes, buffers and blocks, the array's aspect, the options, and for
        every layer how much of the array its factors could fill."""
        logs = np.log2(points.values[:, :10].astype(np.float64))
        aspect = np.abs(logs[:, :1] - logs[:, 1:2])
        options = points.values[:, 10:].astype(np.float64)
        fill = [[self._fill(row) for row in points.values]] if self.workloads else []
        meshes = [0, 1] if len(self._pes) > 1 else [0]
        columns = [logs[:, [*meshes, 2, 3, 4, 6, 7, 8, 9]], aspect, options]
        return np.concatenate([*columns, *(np.array(rows) for rows in fill)], axis=1)

    def _fill(self, row: Ints) -> list[float]:
        """log2 of the largest share of the array that each layer's factors could occupy."""
        h1, h2, h7, h8 = (int(row[i]) for i in (0, 1, 6, 7))
        fans = (h2 // h8, h1 // h7, h7, h8)
        return [
            float(np.log2(filled(layer.sizes, fans) / self.budget.pes))
            for workload in self.workloads
            for layer in workload.layers
        ]

    def join(self, batches: list[HardwareBatch]) -> HardwareBatch:
        """All points of `batches`, in order."""
        return HardwareBatch(np.concatenate([batch.values for batch in batches]))


def local_words(budget: Budget) -> tuple[int, ...]:
    """The sizes a local buffer can have: 1, 2, and multiples of 4 up to the budget."""
    return tuple(w for w in (1, 2, *range(4, budget.local_words + 1, 4)) if w <= budget.local_words)
