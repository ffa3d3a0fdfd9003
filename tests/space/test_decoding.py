"""The box around a map-space: whatever stands in it is a mapping, and all mappings stand in it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from codesign.hardware.files import load_chip
from codesign.space.decoding import nearest
from codesign.space.mapping_space import MapSpace
from codesign.workload import load_workload
from tests.budgets import count
from tests.eyeriss import ROW_STATIONARY
from tests.space.strategies import (
    assert_follows,
    assert_mappings_of,
    feasible_spaces,
    keys,
    seeds,
)

SLOW = settings(max_examples=count(15, 40), deadline=None, suppress_health_check=list(HealthCheck))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@SLOW
@given(feasible_spaces(), seeds)
def test_every_mapping_has_its_place(space: MapSpace, seed: int) -> None:
    """Located and decoded, it is the same mapping, drawn from whatever sampler."""
    drawn = space.join([space.draw(rng(seed), 20), space.draw_raw(rng(seed), 20)])

    again, fits = space.decode(space.locate(drawn))

    assert (keys(again) == keys(drawn)).all()
    assert (fits == (space.violations(drawn) == 0)).all()
    assert fits[:20].all()


@SLOW
@given(feasible_spaces(), seeds)
def test_every_place_has_a_mapping(space: MapSpace, seed: int) -> None:
    """Any combination of values is a mapping of the layer that follows the dataflow."""
    sizes = [len(coordinate.values) for coordinate in space.coordinates]
    asked = rng(seed).integers(sizes, size=(40, len(sizes)))

    found, fits = space.decode(asked)

    assert_mappings_of(space, found)
    assert_follows(space.dataflow, space, found)
    assert (fits == (space.violations(found) == 0)).all()
    again = space.locate(found)
    assert ((again >= 0) & (again < np.array(sizes, int))).all()
    assert (keys(space.decode(again)[0]) == keys(found)).all()


def test_factors_that_multiply_are_taken_as_they_are() -> None:
    """And coordinates are called what tables call them."""
    chip = load_chip("eyeriss-168")
    layer = load_workload("resnet").layers[0]
    space = MapSpace(layer, chip.hardware, chip.dataflow("row-stationary"))
    names = [coordinate.name for coordinate in space.coordinates]
    asked = np.zeros((1, len(names)), np.int64)
    # Q = 56 as 14 · 4, K = 64 as 16 · 4; C = 64 in one piece.
    wanted = {"Q.GlobalBuffer.X": 14, "Q.DRAM": 4, "K.PsumRegFile": 16, "K.DRAM": 4, "C.DRAM": 64}
    for name, factor in wanted.items():
        column = names.index(name)
        asked[0, column] = space.coordinates[column].values.index(factor)

    found, fits = space.decode(asked)

    q, k = layer.shape.index("Q"), layer.shape.index("K")
    assert found.spatial[0, 4, 0, q] == 14
    assert found.temporal[0, [0, 5], k].tolist() == [16, 4]
    assert fits.all()
    assert ROW_STATIONARY.name == space.dataflow.name


@pytest.mark.parametrize("total", [0, 1, 3, 4])
def test_nearest_is_nearest(total: int) -> None:
    """No other exponents with that sum are closer to the given ones."""
    grid = np.array(list(product(range(total + 1), repeat=3)))
    allowed = grid[grid.sum(axis=1) == total]

    found = nearest(grid, total)

    assert (found.sum(axis=1) == total).all()
    assert (found >= 0).all()
    distance = ((found - grid) ** 2).sum(axis=1)
    least = ((allowed[np.newaxis] - grid[:, np.newaxis]) ** 2).sum(axis=2).min(axis=1)
    assert (distance == least).all()


def test_places_are_loop_orders() -> None:
    """In the free map-space, sorting by place gives the order, innermost first."""
    chip = load_chip("eyeriss-168")
    layer = load_workload("resnet").layers[0]
    space = MapSpace(layer, chip.hardware)
    names = [coordinate.name for coordinate in space.coordinates]
    asked = space.locate(space.draw(rng(), 1))
    for place, letter in enumerate("KCQPSR"):
        asked[0, names.index(f"place.{letter}.DRAM")] = place

    found, _ = space.decode(asked)

    order = [layer.shape.dimensions[d] for d in found.order[0, -1]]
    assert [letter for letter in order if letter in "KCQPSR"] == list("KCQPSR")
