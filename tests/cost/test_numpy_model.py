"""The plain NumPy form of the cost model, which benchmarks race, says what the kernel says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import numpy_model
from benchmarks.cases import layers
from codesign.cost import Evaluator
from codesign.hardware.dataflow import FREE, Dataflow, SlotRule
from codesign.hardware.files import Chip
from codesign.hardware.leak import Leak
from codesign.mapping import MappingBatch
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer


def named(cases: list[tuple[Layer, Chip]]) -> list[object]:
    """Cases under the names of their layers."""
    return [pytest.param(layer, chip, id=layer.name) for layer, chip in cases]


def assert_equal(kernel: Evaluator, batch: MappingBatch) -> None:
    """Outcomes and cycles are equal, and energies equal except for the order of sums."""
    cycles, energy = numpy_model.price(kernel.tables, batch, kernel.rules)

    expected = kernel.price(batch)
    np.testing.assert_array_equal(cycles, expected.cycles)
    np.testing.assert_allclose(energy, expected.energy_pj, rtol=1e-12)


@pytest.mark.parametrize(("layer", "chip"), named(layers()))
def test_row_stationary(layer: Layer, chip: Chip) -> None:
    """Sliding windows along both axes, strides, partial sums that travel."""
    space = MapSpace(layer, chip.hardware, chip.dataflow("row-stationary"))

    assert_equal(
        Evaluator(layer, chip.hardware, chip.technology), space.draw(np.random.default_rng(1), 500)
    )


@pytest.mark.parametrize("accounting", ["timeloop-4", "timeloop-2022"])
@pytest.mark.parametrize(("layer", "chip"), named(layers()))
def test_remembered_translations(layer: Layer, chip: Chip, accounting: str) -> None:
    """The same where the last translation counts, in free map-spaces and at a shared bandwidth."""
    *inner, dram = chip.hardware.levels
    hardware = replace(chip.hardware, levels=(*inner, replace(dram, shared_bandwidth=1.5)))
    # No two spatial loops of a level along one window, which the NumPy form does not count.
    rules = [
        SlotRule(level.name, f"spatial-{axis}", (), ("C", "K", "Q"))
        for level in inner
        for axis in "xy"
    ]

    for seed, dataflow in enumerate((chip.dataflow("row-stationary"), Dataflow("f", tuple(rules)))):
        batch = MapSpace(layer, hardware, dataflow).draw(np.random.default_rng(seed), 40)
        assert_equal(Evaluator(layer, hardware, chip.technology, accounting), batch)


@pytest.mark.parametrize(("layer", "chip"), named(layers()))
def test_widths_leaks_and_latencies(layer: Layer, chip: Chip) -> None:
    """Elements of other widths than words, writing apart, static energy, cycles to fill."""
    *inner, dram = chip.hardware.levels
    slow = replace(dram, read_bandwidth=0.5, transfer_bits=24, network_fill_latency=9)
    macs = replace(chip.hardware.arithmetic, latency=3)
    hardware = replace(chip.hardware, arithmetic=macs, levels=(*inner, slow))
    table = replace(
        chip.technology,
        sram_write_pj_per_vector="2 * block_size",
        mac_pj="a_bits * b_bits + sum_bits",
        leak=Leak("0.1", "kb"),
    )
    narrow = layer.with_bits({"Weights": 5, "Outputs": 12})

    space = MapSpace(narrow, hardware, chip.dataflow("row-stationary"))
    assert_equal(Evaluator(narrow, hardware, table), space.draw(np.random.default_rng(4), 200))


@pytest.mark.parametrize(("layer", "chip"), named(layers()[6:]))
def test_free_products(layer: Layer, chip: Chip) -> None:
    """Every factor anywhere, invalid mappings included."""
    space = MapSpace(layer, chip.hardware, FREE)
    rng = np.random.default_rng(2)

    assert_equal(Evaluator(layer, chip.hardware, chip.technology), space.draw(rng, 500))
    assert_equal(Evaluator(layer, chip.hardware, chip.technology), space.draw_raw(rng, 500))
