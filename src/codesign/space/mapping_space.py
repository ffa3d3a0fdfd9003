"""The map-space of a layer on an accelerator: S1 to S9 of the paper, for any list of levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from codesign.cost.tables import Ints, build_projections
from codesign.errors import InputError
from codesign.factors import DIVISORS
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.mapping.batch import MappingBatch
from codesign.space import decoding, encoding, loops, neighbours, raw, sampler
from codesign.space.base import Parameter
from codesign.space.factors import compositions, factorize, padded_sizes, tightened, ways
from codesign.space.plan import CAPACITY, LIMIT, Plan, make_plan
from codesign.space.slots import TEMPORAL, UNBOUNDED, build_slots
from codesign.space.stream import Seeds
from codesign.space.tiles import make_workbench
from codesign.workload.layer import Layer

HINTED_SHARE = 0.25
"""The share of draws that follow a hint."""

VIOLATIONS = (None, "fanout", "capacity")


class MapSpace:
    """All mappings of `layer` on `hardware` that a dataflow allows (a `space.base.Space`).

    A mapping is a factorisation of every dimension over the slots, a loop order for every level,
    and for every dataspace that a level may bypass, whether the level keeps it.

    Args:
        layer, hardware, dataflow: what the map-space is of.
        hints: dataflows known to suit the hardware. A share of the draws follows those of them
            that lie within this map-space. Neighbours may leave them.

    Raises:
        InputError: the dataflow names a dimension that the layer does not have.
    """

    def __init__(
        self,
        layer: Layer,
        hardware: Hardware,
        dataflow: Dataflow = FREE,
        hints: Sequence[Dataflow] = (),
    ) -> None:
        self.layer, self.hardware, self.dataflow = layer, hardware, dataflow
        self.slots = build_slots(layer, hardware, dataflow)
        role, stride = build_projections(layer)
        self._plan = make_plan(self.slots, role, stride)
        self._least = sampler.make_draft(self._plan)
        self._draft = sampler.make_draft(self._plan)
        self._bench = make_workbench(self._plan)
        self._ordered = np.array(
            [
                level
                for level, order in enumerate(self.slots.orders)
                if order is None and self._movable_loops(level) > 1
            ],
            np.int64,
        )
        self._kept = [
            (level, w)
            for level, keep in enumerate(self.slots.keep)
            for w in range(len(role))
            if keep >> w & 1 and self._plan.levels[level, CAPACITY] < UNBOUNDED
        ]
        self.parameters = self._name_parameters()
        hints = [replace(hint, factors=dataflow.factors) for hint in hints]
        inner = [MapSpace(layer, hardware, hint) for hint in hints if hint != dataflow]
        self._hinted = [space for space in inner if self._contains(space)]

    def _contains(self, other: MapSpace) -> bool:
        """Whether every mapping of `other` is in this map-space."""
        mine, theirs = self.slots, other.slots
        pinned = ~mine.free
        return (
            theirs.problem is None
            and not theirs.free[pinned].any()
            and np.array_equal(theirs.fixed[pinned], mine.fixed[pinned])
            and all(m in (None, t) for m, t in zip(mine.orders, theirs.orders, strict=True))
        )

    def _movable_loops(self, level: int) -> int:
        slot = (self.slots.level == level) & (self.slots.kind == TEMPORAL)
        return int(self.slots.free[slot].sum())

    @property
    def plan(self) -> Plan:
        """The map-space as arrays, for kernels."""
        return self._plan

    @property
    def is_padded(self) -> bool:
        """Whether factors may multiply to more than the layer's sizes (`space.factors`)."""
        return self.dataflow.factors != DIVISORS

    @property
    def problem(self) -> str | None:
        """Why there is no feasible mapping; None if there is one."""
        return self.slots.problem

    def _name_parameters(self) -> tuple[Parameter, ...]:
        plan, letters = self._plan, self.layer.shape.dimensions
        factors = tuple(
            Parameter(
                self.slots.name(int(slot), int(d)),
                tuple(float(v) for v in plan.choices[d] if v > 0),
            )
            for slot, d in plan.pairs
        )
        labels = tuple(range(len(letters) + 1))
        orders = tuple(
            Parameter(f"inner{i + 1}.{self.hardware.levels[level].name}", labels, False)
            for level in self._ordered
            for i in range(encoding.INNERMOST)
        )
        octaves = tuple(float(i) for i in range(encoding.MOST_OCTAVES + 1))
        fanout = math.prod(x * y for x, y in self.hardware.fanouts)
        quarters = tuple(i / 4 for i in range(math.ceil(4 * math.log2(fanout)) + 1))
        names = self.layer.shape.dataspace_names
        traffic = (
            Parameter(
                f"log2 fetched {names[w]}.{self.hardware.levels[level].name}",
                octaves,
                is_estimate=True,
            )
            for level, w in self._kept
        )
        choices = plan.optional.tolist()
        kept = (decoding.choice_of_keeping(self.slots, level, w) for level, w in choices)
        return (*factors, *orders, *kept, Parameter("log2 idle", quarters), *traffic)

    def draw(self, rng: np.random.Generator, count: int) -> MappingBatch:
        """`count` independent feasible mappings, drawn without rejections.

        Raises:
            InputError: there is no feasible mapping. The message says why.
        """
        self.require_feasible()
        spaces = [self, *self._hinted]
        shares = [HINTED_SHARE / max(1, len(self._hinted))] * len(self._hinted)
        batch = self.blank(count)
        source = rng.choice(len(spaces), count, p=[1 - sum(shares), *shares])
        for index, space in enumerate(spaces):
            sampler.draw(
                space._plan, space._least, space._draft, space._bench, _seeds(rng),
                np.flatnonzero(source == index), batch.temporal, batch.order, batch.spatial,
                batch.keep,
            )  # fmt: skip
        if self.is_padded:
            self._tighten(batch, np.flatnonzero(source > 0))
        return batch

    def _tighten(self, batch: MappingBatch, rows: NDArray[np.int64]) -> None:
        """Makes padded factors in rows of a batch as small as can be. What a hint pins may be
        larger than that."""
        some = batch[rows]
        factors = self.slots.factors_of(some)
        for d, left in enumerate(self.slots.left):
            places = np.flatnonzero(self.slots.free[:, d])
            if len(places):
                factors[:, places, d] = tightened(factors[:, places, d], int(left), len(places) - 1)
        self.slots.put(factors, some)
        batch.temporal[rows], batch.spatial[rows] = some.temporal, some.spatial

    def mutate(self, rng: np.random.Generator, points: MappingBatch, count: int) -> MappingBatch:
        """`count` feasible neighbours of `points`, which are used one after the other."""
        batch = points[np.resize(np.arange(len(points)), count)]
        neighbours.mutate(
            self._plan, self._bench, _seeds(rng),
            batch.temporal, batch.order, batch.spatial, batch.keep,
        )  # fmt: skip
        return batch

    def draw_raw(self, rng: np.random.Generator, count: int) -> MappingBatch:
        """`count` raw mappings: every factorisation and order equally likely, feasible or not.

        The paper's sampler draws these and rejects those that are not feasible.

        Raises:
            InputError: pins leave no factorisation. The message says why.
        """
        batch = self.blank(count)
        factors = np.tile(self.slots.fixed, (count, 1, 1))
        for d, left in enumerate(self.slots.left):
            places = np.flatnonzero(self.slots.free[:, d])
            if self.is_padded and len(places):
                factors[:, places, d] = raw.draw_padded(self._plan, rng, count, d, len(places))
                continue
            for prime, power in factorize(int(left)) if len(places) else ():
                parts = compositions(rng, count, power, len(places))
                factors[:, places, d] *= prime**parts
        product = factors.prod(axis=1)
        if (product < self.layer.sizes if self.is_padded else product != self.layer.sizes).any():
            self.require_feasible()
        self.slots.put(factors, batch)
        for level, order in enumerate(self.slots.orders):
            rows = np.tile(np.arange(len(self.slots.left), dtype=np.int8), (count, 1))
            batch.order[:, level] = rng.permuted(rows, axis=1) if order is None else order
        for level, w in self._plan.optional:
            batch.keep[:, level] ^= (rng.integers(0, 2, count) << w).astype(np.uint8)
        return batch

    def violations(self, batch: MappingBatch) -> NDArray[np.int8]:
        """[B], the constraint that each mapping breaks, as an index into `VIOLATIONS`.

        All mappings are checked at once, without the cost model.
        """
        spread = batch.spatial.prod(axis=3, dtype=np.int64)
        fanouts = np.array(self.hardware.fanouts)
        exceeds = (spread > fanouts).any(axis=(1, 2))
        steps = batch.temporal.astype(np.int64) * batch.spatial.prod(axis=2, dtype=np.int64)
        overfull = self._overfull(np.cumprod(steps, axis=1), batch.keep)
        return np.where(exceeds, 1, np.where(overfull, 2, 0)).astype(np.int8)

    def holds(self, factors: Ints) -> NDArray[np.bool_]:
        """[B], whether factors [B, n, D] in the slots fit all fan-outs and capacities.

        Dataspaces that a level may bypass are bypassed.
        """
        slots, limits = self.slots, self._plan.slots[:, LIMIT]
        fit = (factors.prod(axis=2) <= limits)[:, slots.kind != TEMPORAL].all(axis=1)
        tile = np.cumprod(factors, axis=1)[:, slots.kind == TEMPORAL]
        return fit & ~self._overfull(tile, (slots.keep & ~slots.optional)[np.newaxis])

    def _overfull(self, tile: Ints, keep: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """[B], whether tiles [B, L, D] exceed the capacity of a level that keeps them.

        A least utilization, if the hardware requires one, is checked by the cost model instead.
        """
        held = np.zeros(tile.shape[:2], np.int64)
        for w, space in enumerate(self.layer.shape.dataspaces):
            words = self.layer.words(space, np.moveaxis(tile, 2, 0))
            held += words * self._plan.elements[:, w] * (keep >> w & 1)
        return np.asarray((held > self._plan.levels[:, CAPACITY]).any(axis=1))

    def reject(
        self, rng: np.random.Generator, count: int, most_draws: int = 10**6
    ) -> tuple[MappingBatch, int]:
        """The paper's sampler: draws raw mappings until `count` are feasible.

        It stops after `most_draws` draws. Returns the feasible mappings and the number of draws.
        """
        kept: list[MappingBatch] = [self.blank(0)]
        found = drawn = 0
        while found < count and drawn < most_draws:
            chunk = min(4096, most_draws - drawn)
            raw = self.draw_raw(rng, chunk)
            rows = np.flatnonzero(self.violations(raw) == 0)[: count - found]
            drawn += int(rows[-1]) + 1 if len(rows) == count - found else chunk
            found += len(rows)
            kept.append(raw[rows])
        return self.join(kept), drawn

    def draw_pruned(
        self, rng: np.random.Generator, count: int, most_draws: int
    ) -> tuple[MappingBatch, Ints]:
        """Feasible mappings, drawn as in Timeloop's random-pruned search (`space.raw`).

        Returns up to `count` of them, and [B], the number of raw draws up to each. If none of
        `most_draws` draws is feasible, the last one is returned, which is infeasible.

        Raises:
            InputError: there is no feasible mapping. The message says why.
        """
        self.require_feasible()
        if self.is_padded:
            raise InputError(
                f"factors is {self.dataflow.factors!r}, expected 'divisors', since draws like "
                "those of Timeloop's search need factors that divide"
            )
        batch, draws = self.blank(count), np.empty(count, np.int64)
        powers = raw.list_powers([list(factorize(int(left))) for left in self.slots.left])
        found = raw.draw_pruned(
            self._plan, self._bench, powers, _seeds(rng), most_draws,
            batch.temporal, batch.order, batch.spatial, draws,
        )  # fmt: skip
        return batch[: max(found, 1)], draws[: max(found, 1)]

    def encode(self, points: MappingBatch) -> Ints:
        """[B, parameters], the indices of the mappings' values in `Parameter.values`."""
        out = np.empty((len(points), len(self.parameters)), np.int64)
        encoding.encode(
            self._plan, self._bench, self._ordered,
            points.temporal, points.order, points.spatial, points.keep, out,
        )  # fmt: skip
        return out

    @cached_property
    def _box(self) -> decoding.Box:
        return decoding.make_box(self.slots, self._plan)

    @property
    def coordinates(self) -> tuple[Parameter, ...]:
        """All free factors, then the places of the loops of levels with a free order."""
        return self._box.coordinates

    def locate(self, points: MappingBatch) -> Ints:
        """[B, coordinates], the indices of the mappings' values in `Parameter.values`."""
        return decoding.locate(self._box, points)

    def decode(self, indices: Ints) -> tuple[MappingBatch, NDArray[np.bool_]]:
        """The mappings nearest to any `indices` [B, coordinates], and [B] whether they fit.

        Factors always multiply to the layer's sizes (`space.decoding`). Fan-outs and capacities
        may be exceeded.
        """
        batch = self.blank(len(indices))
        decoding.decode(self._box, indices, batch)
        return batch, self.violations(batch) == 0

    def remaining(self, indices: Ints, column: int) -> NDArray[np.bool_]:
        """[values], the values of a coordinate that are left after those before it.

        A factor divides what is left of its dimension, and fits if all that is not chosen yet is
        outermost. No two loops have the same place.
        """
        left = decoding.remaining(self._box, indices, column)
        if column < len(self._box.pairs):
            left &= self.holds(decoding.begun(self._box, indices, column))
        return left

    def features(self, points: MappingBatch) -> NDArray[np.float64]:
        """[B, F], logarithms of factors, tiles and reuse (`space.encoding.describe`)."""
        out = np.empty((len(points), len(self._plan.pairs) + 1 + 2 * len(self._kept)))
        encoding.describe(
            self._plan, self._bench,
            points.temporal, points.order, points.spatial, points.keep, out,
        )  # fmt: skip
        return out

    @cached_property
    def _loop_numbers(self) -> Ints:
        """[n, D], the number of every loop whose size may exceed 1; -1 for the others."""
        slots = self.slots
        turning = (slots.free & (slots.left > 1)) | (slots.fixed > 1)
        return np.where(turning, np.cumsum(turning).reshape(turning.shape) - 1, -1)

    def loops(self, points: MappingBatch) -> NDArray[np.float64]:
        """[B, M, F], features of the M loops whose size may exceed 1 (`space.loops`)."""
        numbers = self._loop_numbers
        columns = loops.TOUCHES + 2 * len(self._plan.role)
        out = np.empty((len(points), int(numbers.max(initial=-1)) + 1, columns))
        loops.describe_loops(
            self._plan, self._bench, numbers, points.temporal, points.order, points.spatial, out
        )
        return out

    def join(self, batches: list[MappingBatch]) -> MappingBatch:
        """All mappings of `batches`, in order."""
        return MappingBatch.concatenate(batches)

    def size(self) -> float:
        """The number of raw mappings: factorisations times loop orders times bypasses.

        With padded factors, all factorisations of all padded sizes count.
        """
        total = 1.0
        for d, left in enumerate(self.slots.left):
            places = int(self.slots.free[:, d].sum())
            sizes = padded_sizes(int(left)) if self.is_padded else (int(left),)
            total *= sum(ways(size, places) for size in sizes) if places else 1
        for level in self._ordered:
            total *= math.factorial(self._movable_loops(int(level)))
        return total * 2.0 ** len(self._plan.optional)

    def blank(self, count: int) -> MappingBatch:
        """`count` mappings with all factors 1, to be filled in, that keep all that they may."""
        levels = len(self.hardware.levels)
        batch = MappingBatch.empty(self.layer.shape, count, levels)
        batch.keep[:] = self.slots.keep
        return batch

    def require_feasible(self) -> None:
        """Raises `InputError` with the reason if there is no feasible mapping."""
        if self.problem is not None:
            raise InputError(
                f"{self.layer.name} on {self.hardware.name}, {self.dataflow.name} dataflow: "
                f"no mapping fits, {self.problem}"
            )


def _seeds(rng: np.random.Generator) -> Seeds:
    return rng.integers(0, 2**63, 1, np.uint64)
