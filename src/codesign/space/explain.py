"""Why a layer has no mapping or few on an accelerator, and what would have to change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from codesign.accounting import accounting_for
from codesign.cost.evaluate import Evaluator
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.hardware.files import Chip
from codesign.hardware.point import Point
from codesign.hardware.resizing import entries_for, resized
from codesign.hardware.widths import units
from codesign.mapping.batch import MappingBatch
from codesign.mapping.mapping import Mapping
from codesign.space.chip_space import ChipSpace
from codesign.space.mapping_space import MapSpace
from codesign.space.slots import SPATIAL_X, SPATIAL_Y, TEMPORAL
from codesign.workload.layer import Layer

DRAWS = 20_000
"""Raw draws for the count of rejections."""

FEASIBLE_DRAWS = 200
"""Feasible mappings to draw; the best of them is shown."""

POINTS = 400
"""Points to draw from the space, and as many again near the chip, for the nearest point."""

MOST_POINTS = 2000
"""The most points to check in the search for the nearest one that works."""


@dataclass(frozen=True)
class Rejections:
    """How many raw draws are feasible, and which rules the others break.

    In raw draws, every factorisation is equally likely, feasible or not.

    Args:
        drawn, valid: number of draws, and of feasible ones among them.
        rules: by (rule, level, what), the draws that break this rule first. The rule is `fanout`
            with an axis, or `capacity` with the dataspaces that exceed it by themselves
            (`together` if only their sum does).
    """

    drawn: int
    valid: int
    rules: Counter[tuple[str, str, str]]


@dataclass(frozen=True)
class Need:
    """What a level must have so that there is any mapping.

    Args:
        level: its name.
        entries: words per instance now; None for unbounded memory.
        least_entries: the fewest words per instance with which the layer fits.
        words: the words of the least tiles, by dataspace.
        fanout, least_fanout: the (X, Y) fan-out now, and the least that is needed.
    """

    level: str
    entries: int | None
    least_entries: int
    words: dict[str, int]
    fanout: tuple[int, int]
    least_fanout: tuple[int, int]

    @property
    def is_met(self) -> bool:
        """Whether the level is large enough."""
        fits = self.entries is None or self.least_entries <= self.entries
        return fits and all(n <= f for n, f in zip(self.least_fanout, self.fanout, strict=True))


def count_rejections(
    space: MapSpace, rng: np.random.Generator, draws: int = DRAWS
) -> Rejections | None:
    """Counts `draws` raw draws from a map-space; None if pins leave no factorisation."""
    if least_factors(space) is None:
        return None
    batch = space.draw_raw(rng, draws)
    hardware, layer = space.hardware, space.layer
    spread = batch.spatial.prod(axis=3, dtype=np.int64)
    beyond = spread > np.array(hardware.fanouts)
    steps = batch.temporal.astype(np.int64) * batch.spatial.prod(axis=2, dtype=np.int64)
    words = tile_words(layer, np.cumprod(steps, axis=1))
    kept = batch.keep[:, :, np.newaxis] >> np.arange(words.shape[2]) & 1
    sizes = [units(level, layer.widths) for level in hardware.levels]
    held = words * kept * np.array([size.elements for size in sizes])
    limits = np.array(
        [
            2**62 if level.capacity is None else level.capacity * size.word
            for level, size in zip(hardware.levels, sizes, strict=True)
        ]
    )
    over = held.sum(axis=2) > limits
    rules: Counter[tuple[str, str, str]] = Counter()
    left = np.ones(draws, bool)
    for s, level in enumerate(hardware.levels):
        for axis in range(2):
            rows = left & beyond[:, s, axis]
            rules["fanout", level.name, "XY"[axis]] += int(rows.sum())
            left &= ~rows
    for s, level in enumerate(hardware.levels):
        rows = left & over[:, s]
        alone = held[rows, s] > limits[s]
        for pattern, count in zip(*np.unique(alone, axis=0, return_counts=True), strict=True):
            names = [
                n for n, is_one in zip(layer.shape.dataspace_names, pattern, strict=True) if is_one
            ]
            rules["capacity", level.name, ", ".join(names) or "together"] += int(count)
        left &= ~rows
    return Rejections(draws, int(left.sum()), +rules)


def tile_words(layer: Layer, tile: NDArray[np.int64]) -> NDArray[np.int64]:
    """[…, W], words of every dataspace for tiles [… , D] (`docs/cost-model.md`, section 2)."""
    spaces = layer.shape.dataspaces
    words = np.ones((*tile.shape[:-1], len(spaces)), np.int64)
    for w, space in enumerate(spaces):
        for axis in space.axes:
            words[..., w] *= 1 + sum(
                (tile[..., layer.shape.index(name)] - 1) * layer.coefficient(c)
                for name, c in axis.terms
            )
    return words


def least_factors(space: MapSpace) -> NDArray[np.int64] | None:
    """[n, D], the factors that need the least of every level.

    None if pins leave no factorisation.
    """
    least = space.slots.least
    product = least.prod(axis=0)
    covers = product >= space.layer.sizes if space.is_padded else product == space.layer.sizes
    return least if covers.all() else None


def needs(space: MapSpace) -> list[Need]:
    """What every level must have, innermost first; empty if pins leave no factorisation.

    One factorisation needs the least of all levels at once: the one with all factors that are not
    pinned in the outermost slots. All others have larger tiles. So each number is exact.
    Dataspaces that a level may bypass are not held.
    """
    least = least_factors(space)
    if least is None:
        return []
    layer, slots = space.layer, space.slots
    found = []
    tile = np.ones(len(layer.sizes), np.int64)
    for s, (level, fanout) in enumerate(
        zip(space.hardware.levels, space.hardware.fanouts, strict=True)
    ):
        spread = [1, 1]
        for slot in np.flatnonzero(slots.level == s):
            tile = tile * least[slot]
            if slots.kind[slot] != TEMPORAL:
                spread[(SPATIAL_X, SPATIAL_Y).index(slots.kind[slot])] = int(least[slot].prod())
        words = {
            name: int(count)
            for w, (name, count) in enumerate(
                zip(layer.shape.dataspace_names, tile_words(layer, tile), strict=True)
            )
            if (slots.keep[s] & ~slots.optional[s]) >> w & 1
        }
        size = units(level, layer.widths)
        room = dict(zip(layer.shape.dataspace_names, size.elements, strict=True))
        held = sum(count * room[name] for name, count in words.items())
        entries = entries_for(-(-held // size.word), level.multiple_buffering)
        found.append(
            Need(level.name, level.entries, entries, words, fanout, (spread[0], spread[1]))
        )
    return found


def enlarged(hardware: Hardware, found: list[Need]) -> Hardware:
    """The accelerator with every level enlarged to its need, if it is smaller."""
    entries = [
        None if need.entries is None else max(need.entries, need.least_entries) for need in found
    ]
    fanouts = [
        (max(need.fanout[0], need.least_fanout[0]), max(need.fanout[1], need.least_fanout[1]))
        for need in found
    ]
    return resized(hardware, entries, fanouts)


def relaxed(layer: Layer, hardware: Hardware, dataflow: Dataflow) -> list[tuple[str, MapSpace]]:
    """Map-spaces with a mapping, for a dataflow without one, each with what was left out.

    They are those without one of the dataflow's rules. If none of them has a mapping, it is the
    free map-space, provided that it has one.
    """
    found = []
    for rule in dataflow.rules:
        rest = replace(dataflow, rules=tuple(r for r in dataflow.rules if r != rule))
        space = MapSpace(layer, hardware, rest)
        if space.problem is None:
            found.append((f"the rule for {rule.level} {rule.kind}", space))
    free = MapSpace(layer, hardware, replace(FREE, factors=dataflow.factors))
    if not found and dataflow.rules and free.problem is None:
        found.append((f"the dataflow {dataflow.name}", free))
    return found


def best_drawn(space: MapSpace, chip: Chip, rng: np.random.Generator) -> tuple[Mapping, float]:
    """The mapping of least EDP among some feasible draws, with its EDP in pJ·cycles."""
    batch: MappingBatch = space.draw(rng, FEASIBLE_DRAWS)
    factors = space.dataflow.factors
    evaluator = Evaluator(
        space.layer, space.hardware, chip.technology, accounting_for(factors), factors=factors
    )
    edp = evaluator.price(batch).edp
    best = int(np.nanargmin(edp))
    return batch.mapping(best), float(edp[best])


def nearest_point(
    chip: Chip, layers: list[Layer], dataflow: str, rng: np.random.Generator
) -> tuple[Point, Hardware] | None:
    """The point of the chip's space nearest to the chip on which all layers have mappings.

    The nearest point differs in the fewest parameters, and among equals by the fewest steps.
    Checked are all points that differ in one parameter, and of the others all (if the space is
    listed) or some hundreds. Returns None if none of them works, or if the chip leaves nothing to
    choose.
    """
    if not chip.template.has_choice:
        return None
    space = ChipSpace(chip)
    base = space.batch([chip.template.point])
    near = space.near(chip.template.point)
    batch = space.join([near, space.mutate(rng, base, POINTS), space.draw(rng, POINTS)])
    codes = space.encode(batch)
    steps = np.abs(codes - space.encode(base))
    order = np.lexsort((steps.sum(axis=1), (steps > 0).sum(axis=1)))
    tried: set[bytes] = set()
    for row in order:
        key = codes[row].tobytes()
        if len(tried) >= MOST_POINTS:
            break
        if key in tried:
            continue
        tried.add(key)
        point = batch.point(int(row))
        flow = chip.dataflow_at(point) if dataflow == FREE.name else chip.dataflow(dataflow)
        hardware = space.hardware(point, chip.hardware.name)
        if all(MapSpace(layer, hardware, flow).problem is None for layer in layers):
            return point, hardware
    return None
