"""Estimates of moved words: equal to the cost model's counts where no window slides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.accounting import ACCOUNTINGS
from codesign.cost import Evaluator
from codesign.cost.tables import Floats
from codesign.factors import PADDED
from codesign.hardware import Hardware
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.hardware.files import load_chip
from codesign.mapping import MappingBatch
from codesign.space.mapping_space import MapSpace
from codesign.space.tiles import make_workbench
from codesign.space.words import columns_of, estimate_all, make_gauge
from codesign.workload import Layer
from tests.budgets import count
from tests.cost.strategies import layers
from tests.space.strategies import hardwares, seeds

PLAIN_RULES = ACCOUNTINGS["timeloop"]._replace(group_fills=False)
"""Each fill is counted once, also where children of different groups share it."""


def estimates(space: MapSpace, batch: MappingBatch) -> Floats:
    """[B, F], the estimates of a batch."""
    gauge = make_gauge(space.slots)
    out = np.empty((len(batch), columns_of(gauge)))
    estimate_all(
        space.plan, gauge, make_workbench(space.plan),
        batch.temporal, batch.order, batch.spatial, batch.keep, out,
    )  # fmt: skip
    return out


def counts(layer: Layer, hardware: Hardware, space: MapSpace, batch: MappingBatch) -> Floats:
    """[B, F], the same by the cost model."""
    costs, detail = Evaluator(layer, hardware, accounting=PLAIN_RULES).detail(batch)
    moved = (detail.reads + detail.updates + detail.fills) * detail.instances[..., np.newaxis]
    column = make_gauge(space.slots).column
    macs = batch.temporal.prod(axis=(1, 2), dtype=float) * batch.spatial.prod(
        axis=(1, 2, 3), dtype=float
    )
    return np.column_stack([moved[:, column >= 0], macs, costs.cycles])


@st.composite
def products(draw: st.DrawFn) -> Layer:
    """Layers without sliding windows."""
    size = st.sampled_from([1, 2, 3, 4, 6, 7, 12])
    return Layer.conv("product", P=draw(size), C=draw(size), K=draw(size), N=draw(size))


@settings(max_examples=count(25, 400), deadline=None)
@given(data=st.data(), seed=seeds, factors=st.sampled_from([FREE, replace(FREE, factors=PADDED)]))
def test_estimates_are_counts_where_nothing_slides(
    data: st.DataObject, seed: int, factors: Dataflow
) -> None:
    """Words of every level and dataspace, multiply-accumulates and cycles."""
    layer = data.draw(products())
    hardware = data.draw(hardwares(layer))
    space = MapSpace(layer, hardware, factors)
    if space.problem is not None:
        return
    batch = space.draw(np.random.default_rng(seed), 20)

    found = estimates(space, batch)

    assert found == pytest.approx(counts(layer, hardware, space, batch), rel=1e-9, abs=1e-6)


@settings(max_examples=count(25, 400), deadline=None)
@given(data=st.data(), seed=seeds)
def test_estimates_of_any_layer_are_numbers(data: st.DataObject, seed: int) -> None:
    """Above zero where the level moves words, and equal for equal mappings."""
    layer = data.draw(layers())
    hardware = data.draw(hardwares(layer))
    space = MapSpace(layer, hardware)
    if space.problem is not None:
        return
    batch = space.draw(np.random.default_rng(seed), 20)

    found = estimates(space, batch)

    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (found[:, -2:] > 0).all()
    assert np.array_equal(found, estimates(space, batch))


@pytest.mark.parametrize("chip_name", ["eyeriss-168", "simba", "gemmini", "nvdla"])
@pytest.mark.parametrize("bypass", [False, True])
def test_estimates_of_shipped_chips(chip_name: str, bypass: bool) -> None:
    """Bandwidths, bypasses and private buffers enter: a matrix product on every chip."""
    hardware = load_chip(chip_name).hardware
    if bypass:
        names = ("Weights", "Inputs", "Outputs")
        inner = tuple(
            replace(level, may_bypass=frozenset(filter(level.may_hold, names)))
            for level in hardware.levels[:-1]
        )
        hardware = replace(hardware, levels=(*inner, hardware.levels[-1]))
    layer = Layer.conv("product", P=96, C=120, K=64)
    space = MapSpace(layer, hardware)
    batch = space.draw(np.random.default_rng(0), 300)

    found, counted = estimates(space, batch), counts(layer, hardware, space, batch)

    assert found[:, :-1] == pytest.approx(counted[:, :-1], rel=1e-9, abs=1e-6)
    assert found[:, -1] == pytest.approx(counted[:, -1], rel=1e-9, abs=1.001)
    assert (counted[:, -1] > found[:, -2] / hardware.pes).any()


def test_a_sliding_window_saves_words() -> None:
    """Of the innermost loop that moves it, only the new strip is fetched."""
    layer = Layer.conv("window", R=3, P=8)
    space = MapSpace(layer, load_chip("gemmini").hardware)
    batch = space.blank(1)
    batch.temporal[0, 2, layer.shape.index("R")] = 3
    batch.temporal[0, 3, layer.shape.index("P")] = 8
    column = make_gauge(space.slots).column[3, layer.shape.dataspace_names.index("Inputs")]

    assert estimates(space, batch)[0, column] == 3 + 7 * 1
