"""The hardware space of a chip: the parameters of its template, and one list of rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import Ints
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.expression import Floats, Formula
from codesign.hardware.files import Chip
from codesign.hardware.point import Point
from codesign.hardware.rules import Rule, Sizes
from codesign.hardware.template import Template
from codesign.space.base import Parameter
from codesign.space.eyeriss_sampler import EyerissSampler
from codesign.space.filling import filled
from codesign.space.limits import Limits
from codesign.space.sampling import MOST_LISTED, AnySampler, Sampler
from codesign.workload.workload import Workload

SAMPLERS: dict[str, Callable[[ChipSpace], Sampler]] = {"eyeriss": EyerissSampler}
"""Samplers made for one template, by its name."""

CHUNK = 4096
"""The most points that are proposed at once while proposals are rejected."""


@dataclass(frozen=True)
class PointBatch:
    """Points of a hardware space as an array.

    Args:
        template: the template of the points.
        values: float64 [B, parameters], with columns in the template's order.
    """

    template: Template
    values: Floats

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: slice | NDArray[np.integer] | NDArray[np.bool_]) -> PointBatch:
        return PointBatch(self.template, self.values[rows])

    def point(self, row: int) -> Point:
        """The point of a row."""
        return self.template.point_of(self.values[row])

    def column(self, name: str) -> Floats:
        """[B], the values of a parameter."""
        return self.values[:, list(self.template.baseline).index(name)]


class ChipSpace:
    """All accelerators of a chip's template that meet its rules (a `space.base.Space`).

    Draws, neighbours, decoded points and checks all use one list, `rules`.

    Args:
        chip: the chip with the template.
        workloads: the workloads to run. Features of a point then include, for every layer, the
            share of the PEs that it can fill.
        limits: limits on PEs and area, in addition to the constraints.

    Raises:
        InputError: the chip leaves nothing to choose, or no point is within the limits.
    """

    def __init__(
        self, chip: Chip, workloads: Sequence[Workload] = (), limits: Limits | None = None
    ) -> None:
        self.chip, self.template, self.name = chip, chip.template, chip.template.name
        self.workloads = tuple(workloads)
        domains = self.template.domains
        if not self.template.has_choice:
            raise InputError(
                f"hardware {self.name}: there is nothing to search, expected a file with "
                "'template: eyeriss', or with 'parameters' and a 'space' of several values"
            )
        self.parameters = tuple(
            Parameter(name, tuple(map(float, domains[name])), name not in self.template.labels)
            for name in self.template.searched
        )
        names = list(self.template.baseline)
        self._columns = [names.index(name) for name in self.template.searched]
        self._values = [np.array(parameter.values) for parameter in self.parameters]
        self._base = self.template.values([self.template.point])[0]
        limits = limits or Limits()
        self.limits: tuple[Rule, ...] = limits.rules(chip.technology.area)
        self.rules: tuple[Rule, ...] = (*self.template.rules, *self.limits)
        self._sampler: Sampler = SAMPLERS.get(self.template.family, AnySampler)(self)
        self._features = self._parse_features()

    # --- points

    def hardware(self, point: Point, name: str = "found") -> Hardware:
        """The accelerator of a point."""
        return self.template.hardware(point, name)

    def batch(self, points: Sequence[Point]) -> PointBatch:
        """Points as a batch."""
        return self._batch(self.template.values(points))

    def _batch(self, values: Floats) -> PointBatch:
        return PointBatch(self.template, values)

    def join(self, batches: list[PointBatch]) -> PointBatch:
        """All points of `batches`, in order."""
        return self._batch(np.concatenate([batch.values for batch in batches]))

    # --- rules

    def hold(self, values: Floats) -> NDArray[np.bool_]:
        """[B], whether points [B, parameters of the template] meet all rules."""
        return self.template.hold(values, self.rules)

    def violations(self, batch: PointBatch) -> NDArray[np.int64]:
        """[B], the first rule that each point breaks: 0 for none, n for the n-th of `rules`."""
        first = self.template.first_broken(batch.values, self.rules)
        return np.where(first == len(self.rules), 0, first + 1)

    def broken(self, batch: PointBatch) -> list[str | None]:
        """[B], the name of the first rule that each point breaks, or None."""
        names = [None, *(rule.name for rule in self.rules)]
        return [names[code] for code in self.violations(batch)]

    def own(self) -> PointBatch | None:
        """The chip's own point as a batch of one; None if it is not in the space."""
        batch = self.batch([self.template.point])
        indices = self.locate(batch)
        if (indices >= [len(domain) for domain in self._values]).any():
            return None
        again, is_feasible = self.decode(indices)
        return batch if is_feasible[0] and (again.values == batch.values).all() else None

    @cached_property
    def size(self) -> int | None:
        """The number of feasible points; None if there are too many points to check them all."""
        sizes = [len(domain) for domain in self._values]
        if math.prod(sizes) > MOST_LISTED:
            return None
        every = np.indices(sizes).reshape(len(sizes), -1).T
        return int(self.hold(self.at(every)).sum())

    # --- draws and neighbours

    def draw(self, rng: np.random.Generator, count: int) -> PointBatch:
        """`count` independent points that meet all rules.

        Raises:
            InputError: none was found. The message names the rule that is broken most often.
        """
        return self._batch(self._draw(rng, count))

    def _draw(self, rng: np.random.Generator, count: int) -> Floats:
        drawn = self._sampler.draw(rng, count)
        return drawn if self._sampler.is_checked else self._keep(rng, drawn)

    def _keep(self, rng: np.random.Generator, values: Floats) -> Floats:
        """The rows, with new draws in place of those that break a rule."""
        missing = np.flatnonzero(~self.hold(values))
        size = len(missing)
        rejected: list[Floats] = []
        while len(missing):
            drawn = self._sampler.draw(rng, max(size, len(missing)))
            kept = drawn[self.hold(drawn)][: len(missing)]
            rejected = [] if len(kept) else [*rejected, drawn]
            if sum(map(len, rejected)) >= self._sampler.patience:
                raise self.nothing_fits(np.concatenate(rejected))
            values[missing[: len(kept)]] = kept
            missing = missing[len(kept) :]
            size = min(2 * size, CHUNK)
        return values

    def nothing_fits(self, tried: Floats) -> InputError:
        """The error for points [B, parameters] of which none meets all rules."""
        counts = np.bincount(self.violations(self._batch(tried)))
        rule = self.rules[int(np.argmax(counts)) - 1]
        return InputError(
            f"hardware {self.name}: none of {len(tried)} accelerators that were tried meets "
            f"all constraints; most break {rule.name!r}"
        )

    def draw_raw(self, rng: np.random.Generator, count: int) -> PointBatch:
        """`count` points, each parameter drawn from its domain by itself, without the rules."""
        values = np.tile(self._base, (count, 1))
        for column, name in enumerate(self.template.baseline):
            if name in self.template.domains:
                values[:, column] = rng.choice(self.template.domains[name], count)
        return self._batch(values)

    def mutate(self, rng: np.random.Generator, points: PointBatch, count: int) -> PointBatch:
        """`count` feasible neighbours of `points`, which are used one after the other.

        If none of a point's proposed neighbours meets all rules, a new point is drawn.
        """
        parents = points.values
        moves = [self._sampler.moves(rng, parents[i % len(parents)]) for i in range(count)]
        values = np.empty((count, parents.shape[1]))
        if not count:
            return self._batch(values)
        ends = np.cumsum([len(some) for some in moves])
        fits = np.split(self.hold(np.concatenate(moves)), ends[:-1])
        lost = []
        for row, (some, fit) in enumerate(zip(moves, fits, strict=True)):
            first = int(np.argmax(fit)) if len(fit) else 0
            if len(fit) and fit[first]:
                values[row] = some[first]
            else:
                lost.append(row)
        if lost:
            values[lost] = self._draw(rng, len(lost))
        return self._batch(values)

    def near(self, point: Point) -> PointBatch:
        """At least all feasible points that differ from `point` in one parameter."""
        found = self._sampler.near(self.template.values([point])[0])
        return self._batch(found[self.hold(found)])

    # --- numbers

    def codes(self, values: Floats) -> Ints:
        """[B, parameters of the space], the indices of rows of values in `Parameter.values`."""
        if not self.parameters:
            return np.zeros((len(values), 0), np.int64)
        found = [
            np.searchsorted(domain, values[:, column])
            for column, domain in zip(self._columns, self._values, strict=True)
        ]
        return np.stack(found, axis=1).astype(np.int64)

    def at(self, indices: Ints) -> Floats:
        """[B, parameters of the template], the values at `indices`, with all that follows."""
        values = np.tile(self._base, (len(indices), 1))
        for i, (column, domain) in enumerate(zip(self._columns, self._values, strict=True)):
            values[:, column] = domain[indices[:, i]]
        return self.template.completed(values)

    def encode(self, points: PointBatch) -> Ints:
        """[B, parameters], the indices of the points' values in `Parameter.values`."""
        return self.codes(points.values)

    @property
    def coordinates(self) -> tuple[Parameter, ...]:
        """The parameters of the space, from which all others follow."""
        return self.parameters

    def locate(self, points: PointBatch) -> Ints:
        """[B, parameters], the same as `encode`."""
        return self.encode(points)

    def decode(self, indices: Ints) -> tuple[PointBatch, NDArray[np.bool_]]:
        """The points at any `indices` [B, parameters], and [B] whether they meet all rules."""
        values = self.at(np.asarray(indices, np.int64))
        return self._batch(values), self.hold(values)

    def remaining(self, indices: Ints, column: int) -> NDArray[np.bool_]:
        """[values], the values of a parameter that are left after those before it are chosen.

        They break no rule whose parameters are all chosen by then. Limits are rules of all
        parameters.
        """
        rows = np.tile(np.asarray(indices, np.int64), (len(self._values[column]), 1))
        rows[:, column] = np.arange(len(rows))
        return self.template.hold(self.at(rows), self._settled[column])

    @cached_property
    def _settled(self) -> list[tuple[Rule, ...]]:
        """For each parameter, the rules that are settled once it and those before it are chosen."""
        found = []
        for column in range(len(self.parameters)):
            unknown = {parameter.name for parameter in self.parameters[column + 1 :]}
            limits = () if unknown else self.limits
            for name, formula in self.template.followers.items():
                if formula.names & unknown:
                    unknown.add(name)
            settled = [rule for rule in self.template.rules if not rule.names & unknown]
            found.append((*settled, *limits))
        return found

    # --- features

    def _parse_features(self) -> list[Formula] | None:
        """The template's features, without those that depend only on followers; None if none."""
        if self.template.features is None:
            return None
        where = f"{self.template.where}: features"
        found = [Formula(text, self.template.names, where) for text in self.template.features]
        return [each for each in found if not each.names <= set(self.template.followers)]

    def features(self, points: PointBatch) -> NDArray[np.float64]:
        """[B, F], features for surrogates.

        They are the template's formulas, or log2 of parameters, PEs and fan-outs if it has none;
        then log2 of the share of PEs that each layer's factors could fill.
        """
        sizes = self.template.sizes(points.values)
        fans = [fan for pair in sizes.fan_outs() for fan in pair]
        if self._features is None:
            columns = [points.values[:, column] for column in self._columns]
            rows = [np.log2(1 + column) for column in columns]
            rows += [np.log2(sizes.of(0, "instances")), *(np.log2(fan) for fan in fans)]
        else:
            rows = [each.of(sizes.columns, len(points)) for each in self._features]
        return np.stack([*rows, *self._fill(np.stack(fans, axis=1), sizes).T], axis=1)

    def _fill(self, fans: Floats, sizes: Sizes) -> Floats:
        """[B, layers], log2 of the largest share of PEs that a layer's factors could fill."""
        layers = [layer for workload in self.workloads for layer in workload.layers]
        if not layers:
            return np.empty((len(fans), 0))
        whole = self.template.array
        pes = sizes.of(0, "instances") if whole is None else self._formula(whole, sizes)
        distinct, where = np.unique(fans.astype(np.int64), axis=0, return_inverse=True)
        most = np.array(
            [
                [filled(layer.sizes, tuple(int(f) for f in row)) for layer in layers]
                for row in distinct
            ]
        )
        share: Floats = np.log2(most[where.ravel()] / pes[:, np.newaxis])
        return share

    def _formula(self, text: str, sizes: Sizes) -> Floats:
        parsed = Formula(text, self.template.names, f"{self.template.where}: array")
        return parsed.of(sizes.columns, sizes.count)
