"""Map-spaces of all kinds for Hypothesis, and what it means that mappings lie within one."""

from __future__ import annotations

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import NDArray

from codesign.cost import REASONS, Evaluator
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import ALL, FIT, FREE, KINDS, Dataflow, Pin, SlotRule
from codesign.mapping import MappingBatch
from codesign.space.mapping_space import VIOLATIONS, MapSpace
from codesign.workload import Layer
from tests.cost.strategies import layers

seeds = st.integers(0, 2**32 - 1)


@st.composite
def hardwares(draw: st.DrawFn, layer: Layer) -> Hardware:
    """Accelerators of 2 to 4 levels, with private, shared and missing buffers, wide or narrow."""
    count = draw(st.integers(2, 4))
    x = y = 1
    meshes = [(x, y)]
    for _ in range(count):
        x *= draw(st.sampled_from([1, 2, 3, 4]))
        y *= draw(st.sampled_from([1, 1, 2, 3]))
        meshes.append((x, y))
    names = st.frozensets(st.sampled_from(layer.shape.dataspace_names))
    levels = [
        StorageLevel(
            f"level{s}",
            None if s == count - 1 else draw(st.sampled_from([1000, 100, 20, 8, 3, None, 1])),
            instances=mesh[0] * mesh[1],
            mesh_x=mesh[0],
            multiple_buffering=draw(st.sampled_from([1.0, 1.0, 2.0])),
            keeps=None if s == count - 1 else draw(st.none() | names),
        )
        for s, mesh in enumerate(reversed(meshes[:-1]))
    ]
    return Hardware("hardware", Arithmetic("MACs", x * y, x), tuple(levels))


@st.composite
def dataflows(draw: st.DrawFn, layer: Layer, hardware: Hardware) -> Dataflow:
    """Rules for some of the slots; a dimension is pinned once at most, DRAM's loops never are."""
    letters = layer.shape.dimensions
    unpinned = list(letters)
    rules = []
    for s, fanout in enumerate(hardware.fanouts[:-1]):
        for kind, width in zip(KINDS, (*fanout, 2), strict=True):
            if width == 1 or draw(st.booleans()):
                continue
            pinned: tuple[tuple[str, Pin], ...] = ()
            if draw(st.booleans()) and unpinned:
                name = unpinned.pop(draw(st.integers(0, len(unpinned) - 1)))
                factors = [n for n in range(1, 5) if layer.size(name) % n == 0]
                pinned = ((name, draw(st.sampled_from([FIT, ALL, *factors]))),)
            some = st.lists(st.sampled_from(letters), unique=True).map(tuple)
            free = draw(st.none() | some)
            order = draw(st.none() | st.permutations(letters).map(tuple))
            rules.append(SlotRule(hardware.levels[s].name, kind, pinned, free, order))
    return Dataflow("drawn", tuple(rules))


@st.composite
def spaces(draw: st.DrawFn) -> MapSpace:
    """Map-spaces of small layers; some have no feasible mapping."""
    layer = draw(layers())
    hardware = draw(hardwares(layer))
    dataflow = draw(st.just(FREE) | dataflows(layer, hardware))
    return MapSpace(layer, hardware, dataflow)


@st.composite
def feasible_spaces(draw: st.DrawFn) -> MapSpace:
    """Map-spaces that have a feasible mapping."""
    space = draw(spaces())
    assume(space.problem is None)
    return space


def assert_feasible(space: MapSpace, batch: MappingBatch) -> None:
    """Every mapping computes the layer, fits the accelerator and follows the dataflow."""
    assert_mappings_of(space, batch)
    costs = Evaluator(space.layer, space.hardware).price(batch)
    assert costs.valid.all(), {REASONS[code] for code in costs.reason}
    assert not space.violations(batch).any(), {VIOLATIONS[v] for v in space.violations(batch)}
    assert_follows(space.dataflow, space, batch)


def assert_mappings_of(space: MapSpace, batch: MappingBatch) -> None:
    """Factors multiply to the sizes, orders are permutations, bypass is the hardware's."""
    sizes = batch.temporal.prod(axis=1) * batch.spatial.prod(axis=(1, 2))
    assert (sizes == space.layer.sizes).all()
    assert (np.sort(batch.order, axis=2) == np.arange(len(space.layer.sizes))).all()
    for s, level in enumerate(space.hardware.levels):
        for w, name in enumerate(space.layer.shape.dataspace_names):
            is_kept = level.keeps is None or name in level.keeps
            assert ((batch.keep[:, s] >> w & 1) == is_kept).all()


def assert_follows(dataflow: Dataflow, space: MapSpace, batch: MappingBatch) -> None:
    """The rules of a dataflow hold, read from its own words rather than from `Slots`."""
    layer, hardware = space.layer, space.hardware
    words = {name for rule in dataflow.rules for name, pin in rule.pinned if isinstance(pin, str)}
    for rule in dataflow.rules:
        factors = factors_of(batch, hardware.index(rule.level), rule.kind)
        for name, pin in rule.pinned:
            column = factors[:, layer.shape.index(name)]
            if pin == FIT:
                assert (column == column[:1]).all()
            else:
                assert (column == (layer.size(name) if pin == ALL else pin)).all()
        if rule.free is not None:
            # What did not fit further in may land here.
            allowed = {*rule.free, *dict(rule.pinned), *words}
            closed = [d for d, name in enumerate(layer.shape.dimensions) if name not in allowed]
            assert (factors[:, closed] == 1).all()
        if rule.order is not None and rule.kind == "temporal":
            assert_ordered(rule.order, layer, batch, hardware.index(rule.level))


def factors_of(batch: MappingBatch, level: int, kind: str) -> NDArray[np.int32]:
    """[B, D], the factors of a slot."""
    if kind == "temporal":
        return batch.temporal[:, level]
    return batch.spatial[:, level, KINDS.index(kind)]


def assert_ordered(order: tuple[str, ...], layer: Layer, batch: MappingBatch, level: int) -> None:
    """The loops of a level that are listed stand in that order, before those that are not."""
    listed = [layer.shape.index(name) for name in order]
    rank = np.full(len(layer.sizes), len(listed))
    rank[listed] = np.arange(len(listed))
    for row, loops in enumerate(batch.order[:, level]):
        found = [rank[d] for d in loops if batch.temporal[row, level, d] > 1]
        assert found == sorted(found)


def keys(batch: MappingBatch) -> NDArray[np.void]:
    """[B], the identity of mappings: their factors, and the order of loops whose size exceeds 1."""
    order = batch.order.astype(np.int32)
    is_idle = np.take_along_axis(batch.temporal, batch.order.astype(np.int64), axis=2) == 1
    turning_first = np.argsort(is_idle, axis=2, kind="stable")
    order = np.take_along_axis(np.where(is_idle, -1, order), turning_first, axis=2)
    parts = [part.reshape(len(batch), -1) for part in (batch.temporal, batch.spatial, order)]
    rows = np.ascontiguousarray(np.concatenate(parts, axis=1))
    return rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1])))[:, 0]


def distinct(batch: MappingBatch) -> set[bytes]:
    """The mappings of a batch, each once."""
    return {key.tobytes() for key in np.unique(keys(batch))}
