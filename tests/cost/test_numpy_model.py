"""The plain NumPy form of the cost model, which benchmarks race, says what the kernel says."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import numpy_model
from benchmarks.cases import layers
from codesign.cost import Evaluator
from codesign.hardware.dataflow import FREE
from codesign.hardware.files import Chip
from codesign.mapping import MappingBatch
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer


def named(cases: list[tuple[Layer, Chip]]) -> list[object]:
    """Cases under the names of their layers."""
    return [pytest.param(layer, chip, id=layer.name) for layer, chip in cases]


def assert_equal(layer: Layer, chip: Chip, batch: MappingBatch) -> None:
    """Outcomes and cycles are equal, and energies equal except for the order of sums."""
    kernel = Evaluator(layer, chip.hardware, chip.technology)

    cycles, energy = numpy_model.price(kernel.tables, batch)

    expected = kernel.price(batch)
    np.testing.assert_array_equal(cycles, expected.cycles)
    np.testing.assert_allclose(energy, expected.energy_pj, rtol=1e-12)


@pytest.mark.parametrize(("layer", "chip"), named(layers()))
def test_row_stationary(layer: Layer, chip: Chip) -> None:
    """Sliding windows along both axes, strides, partial sums that travel."""
    space = MapSpace(layer, chip.hardware, chip.dataflow("row-stationary"))

    assert_equal(layer, chip, space.draw(np.random.default_rng(1), 500))


@pytest.mark.parametrize(("layer", "chip"), named(layers()[6:]))
def test_free_products(layer: Layer, chip: Chip) -> None:
    """Every factor anywhere, invalid mappings included."""
    space = MapSpace(layer, chip.hardware, FREE)
    rng = np.random.default_rng(2)

    assert_equal(layer, chip, space.draw(rng, 500))
    assert_equal(layer, chip, space.draw_raw(rng, 500))
