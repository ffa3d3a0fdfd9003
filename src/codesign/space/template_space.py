"""The hardware space of any template: its parameters, its constraints, its budget."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import Ints
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.hardware.files import Chip
from codesign.hardware.template import TemplatePoint, as_number
from codesign.space.base import Parameter
from codesign.space.filling import filled
from codesign.space.limits import Limits
from codesign.workload.network import Workload

MOST_LISTED = 2**18
"""Spaces up to this size are listed whole, so that no draw is rejected."""

CHUNK, MOST_DRAWS = 4096, 2**20
"""Larger ones are drawn from by rejection, so many at a time, and so many at most for a point."""

NEIGHBOURS = 32
"""Neighbours that are looked at for a feasible one."""


@dataclass(frozen=True)
class TemplateBatch:
    """Points as indices into the domains, int64 [B, parameters that are searched]."""

    space: TemplateSpace
    indices: Ints

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, rows: slice | NDArray[np.integer] | NDArray[np.bool_]) -> TemplateBatch:
        return TemplateBatch(self.space, self.indices[rows])

    def point(self, row: int) -> TemplatePoint:
        """Point `row` by name."""
        return self.space.point(self.indices[row])


class TemplateSpace:
    """All accelerators of a template that keep to its constraints (a `space.base.Space`).

    Every feasible point is equally likely: where there are up to 2^18 points in all, the feasible
    ones are listed once; beyond, points are drawn until they are feasible.

    Args:
        chip: a hardware file with a template.
        workloads: what will run on it; features of a point then say how well it could.
        limits: what accelerators may have at most, besides the constraints.

    Raises:
        InputError: the chip has no template, or no parameter has more than one value.
    """

    def __init__(
        self, chip: Chip, workloads: Sequence[Workload] = (), limits: Limits | None = None
    ) -> None:
        if chip.template is None:
            raise InputError(
                f"hardware {chip.hardware.name}: it has no budget to search in, expected a file "
                "with 'parameters' and 'space', or with 'template: eyeriss'"
            )
        self.chip, self.template, self.name = chip, chip.template, chip.hardware.name
        self.workloads = tuple(workloads)
        self._limits = limits or Limits()
        self.parameters = tuple(
            Parameter(name, tuple(float(v) for v in values))
            for name, values in self.template.domains.items()
            if len(values) > 1
        )
        if not self.parameters:
            raise InputError(
                f"hardware {self.name}: space is empty, expected a parameter with several values"
            )
        self._sizes = np.array([len(parameter.values) for parameter in self.parameters])

    def point(self, indices: Ints) -> TemplatePoint:
        """The point at `indices` [parameters]."""
        chosen = {
            parameter.name: as_number(parameter.values[int(i)])
            for parameter, i in zip(self.parameters, indices, strict=True)
        }
        values = {**self.template.baseline, **chosen}
        return TemplatePoint(self.template.name, tuple(values.items()))

    def batch(self, points: Sequence[TemplatePoint]) -> TemplateBatch:
        """Points as a batch."""
        rows = [
            [p.values.index(float(dict(point.values)[p.name])) for p in self.parameters]
            for point in points
        ]
        return TemplateBatch(self, np.array(rows, np.int64).reshape(len(rows), len(self._sizes)))

    def hardware(self, point: TemplatePoint, name: str = "found") -> Hardware:
        """The accelerator of a point."""
        return self.template.hardware(point, name)

    def dataflow(self, point: TemplatePoint) -> Dataflow:
        """The map-space that a point leaves its mappings: all of it."""
        return FREE

    def near(self, point: TemplatePoint) -> TemplateBatch:
        """All feasible points that differ in one parameter; all at all, where they are listed."""
        if self.listed is not None:
            return TemplateBatch(self, self.listed)
        (row,) = self.batch([point]).indices
        found = []
        for column, size in enumerate(self._sizes):
            others = np.tile(row, (size, 1))
            others[:, column] = np.arange(size)
            found.append(others)
        near = np.concatenate(found)
        return TemplateBatch(self, near[self.is_feasible(near)])

    def columns(self, indices: Ints) -> dict[str, NDArray[np.float64]]:
        """All parameters [B] by name, of points at `indices` [B, parameters]."""
        columns = {
            name: np.full(len(indices), float(value))
            for name, value in self.template.baseline.items()
        }
        for column, parameter in enumerate(self.parameters):
            columns[parameter.name] = np.array(parameter.values)[indices[:, column]]
        return columns

    def is_feasible(self, indices: Ints) -> NDArray[np.bool_]:
        """[B], whether points at `indices` [B, parameters] break no rule of the template."""
        rules = self.template.rules
        found = self.template.broken_indices(self.columns(indices)) == len(rules)
        for row in np.flatnonzero(found):
            found[row] = self._beyond(indices[row]) is None
        return found

    def _beyond(self, indices: Ints) -> str | None:
        """The limit that a point beyond its constraints breaks, or None."""
        most_pes, most_mm2 = self._limits.max_pes, self._limits.max_area_mm2
        if most_pes is None and most_mm2 is None:
            return None
        hardware = self.hardware(self.point(indices))
        if most_pes is not None and hardware.pes > most_pes:
            return "PEs"
        area = self.chip.technology.area
        return "area" if most_mm2 is not None and area.mm2(hardware) > most_mm2 else None

    def broken(self, batch: TemplateBatch) -> list[str | None]:
        """[B], the first rule that each point breaks, or None."""
        found = self.template.broken(self.columns(batch.indices))
        return [
            self._beyond(indices) if rule is None else rule
            for indices, rule in zip(batch.indices, found, strict=True)
        ]

    @cached_property
    def listed(self) -> Ints | None:
        """[B, parameters], all feasible points; None where there are too many points to list."""
        if float(np.prod(self._sizes.astype(float))) > MOST_LISTED:
            return None
        grid = np.indices(tuple(self._sizes)).reshape(len(self._sizes), -1).T
        found = grid[self.is_feasible(grid)]
        return found

    def draw_raw(self, rng: np.random.Generator, count: int) -> TemplateBatch:
        """`count` points with every parameter drawn from its domain on its own."""
        return TemplateBatch(self, rng.integers(0, self._sizes, (count, len(self._sizes))))

    def draw(self, rng: np.random.Generator, count: int) -> TemplateBatch:
        """`count` independent feasible points.

        Raises:
            InputError: none was found; the message says which rule is broken most.
        """
        if self.listed is not None:
            if not len(self.listed):
                raise InputError(
                    f"hardware {self.name}: no accelerator of its space is within the limits of "
                    "PEs and area"
                )
            return TemplateBatch(self, self.listed[rng.integers(0, len(self.listed), count)])
        found: list[Ints] = []
        left, drawn = count, 0
        while left > 0:
            if drawn >= MOST_DRAWS * max(1, count):
                raise InputError(
                    f"hardware {self.name}: {count - left} of {drawn} points keep to the "
                    f"constraints, expected {count}: narrow the domains of `space`"
                )
            raw = self.draw_raw(rng, CHUNK).indices
            kept = raw[self.is_feasible(raw)][:left]
            found.append(kept)
            left, drawn = left - len(kept), drawn + CHUNK
        return TemplateBatch(self, np.concatenate([np.empty((0, len(self._sizes)), int), *found]))

    def mutate(self, rng: np.random.Generator, points: TemplateBatch, count: int) -> TemplateBatch:
        """`count` feasible neighbours of `points`, taken in turn: one to three parameters moved,
        mostly by a step; what has no feasible neighbour at hand is drawn anew."""
        rows = [self._mutate_one(rng, points.indices[i % len(points)]) for i in range(count)]
        return TemplateBatch(self, np.array(rows, np.int64).reshape(count, len(self._sizes)))

    def _mutate_one(self, rng: np.random.Generator, point: Ints) -> Ints:
        near = np.tile(point, (NEIGHBOURS, 1))
        changes = rng.integers(1, 4, NEIGHBOURS)
        for row in range(NEIGHBOURS):
            columns = rng.permutation(len(self._sizes))[: changes[row]]
            steps = rng.choice([-1, 1], len(columns))
            far = rng.random(len(columns)) < 0.2
            anew = rng.integers(0, self._sizes[columns])
            near[row, columns] = np.where(far, anew, near[row, columns] + steps)
        near = np.clip(near, 0, self._sizes - 1)
        is_new = (near != point).any(axis=1)
        fit = np.flatnonzero(is_new & self.is_feasible(near))
        return near[fit[0]] if len(fit) else self.draw(rng, 1).indices[0]

    def encode(self, points: TemplateBatch) -> Ints:
        """[B, parameters], indices into `Parameter.values`."""
        return points.indices.copy()

    @property
    def coordinates(self) -> tuple[Parameter, ...]:
        """The parameters, which are independent but for the constraints."""
        return self.parameters

    def locate(self, points: TemplateBatch) -> Ints:
        """[B, parameters], as `encode`."""
        return self.encode(points)

    def decode(self, indices: Ints) -> tuple[TemplateBatch, NDArray[np.bool_]]:
        """The points at `indices` [B, parameters], and [B] whether each is feasible."""
        return TemplateBatch(self, np.asarray(indices, np.int64)), self.is_feasible(indices)

    def features(self, points: TemplateBatch) -> NDArray[np.float64]:
        """[B, F]: log2 of parameters, PEs and fan-outs, and for every layer how much of the
        array its factors could fill."""
        columns = self.columns(points.indices)
        searched = [np.log2(1 + columns[parameter.name]) for parameter in self.parameters]
        meshes = self.template.meshes(columns)
        pes = meshes[0][1]
        fans: list[NDArray[np.float64]] = []
        for (inner_x, inner), (outer_x, outer) in itertools.pairwise(meshes):
            fans += [inner_x / outer_x, (inner / inner_x) / (outer / outer_x)]
        widths = np.stack(fans, axis=1)
        rows = [*searched, np.log2(pes), *(np.log2(fan) for fan in fans)]
        if self.workloads:
            rows += list(self._fill(widths.astype(np.int64), pes).T)
        return np.stack(rows, axis=1)

    def _fill(self, fans: Ints, pes: NDArray[np.float64]) -> NDArray[np.float64]:
        """[B, layers], log2 of the largest share of the array that factors could occupy."""
        layers = [layer for workload in self.workloads for layer in workload.layers]
        distinct, where = np.unique(fans, axis=0, return_inverse=True)
        most = np.array(
            [
                [filled(layer.sizes, tuple(int(f) for f in row)) for layer in layers]
                for row in distinct
            ]
        )
        share: NDArray[np.float64] = np.log2(most[where.ravel()] / pes[:, np.newaxis])
        return share

    def join(self, batches: list[TemplateBatch]) -> TemplateBatch:
        """All points of `batches`, in order."""
        return TemplateBatch(self, np.concatenate([batch.indices for batch in batches]))
