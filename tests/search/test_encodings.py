"""How spaces are written for Hyperopt, and what is left of a space step by step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from codesign.factors import PADDED
from codesign.hardware.dataflow import FREE
from codesign.hardware.files import load_chip
from codesign.search.tpe.encodings import Encoding, IndexEncoding, StepwiseEncoding
from codesign.space.base import StepwiseSpace
from codesign.space.chip_space import ChipSpace
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer
from tests.search.toys import ToySpace

LAYER = Layer.conv("layer", R=3, P=6, C=8, K=12)


def map_space(factors: str = FREE.factors) -> MapSpace:
    """A map-space with free loop orders and several small buffers."""
    return MapSpace(LAYER, load_chip("simba").hardware, replace(FREE, factors=factors))


def walk(space: StepwiseSpace, rng: np.random.Generator) -> np.ndarray | None:  # type: ignore[type-arg]
    """Values drawn one after the other from those that are left; None if none is left."""
    indices = np.zeros(len(space.coordinates), np.int64)
    for column in range(len(indices)):
        left = np.flatnonzero(space.remaining(indices, column))
        if not len(left):
            return None
        indices[column] = rng.choice(left)
    return indices


def test_mappings_of_values_that_are_left_fit() -> None:
    """They are also read as what they say: no factor is changed, and no two places are equal."""
    space, rng = map_space(), np.random.default_rng(0)
    walks = [walk(space, rng) for _ in range(8)]
    indices = np.array([found for found in walks if found is not None])

    points, fits = space.decode(indices)

    assert len(indices) == len(walks)
    assert fits.all()
    assert np.array_equal(space.locate(points), indices)


@pytest.mark.parametrize("factors", [FREE.factors, PADDED])
def test_every_mapping_is_left(factors: str) -> None:
    """A user's steps reach all that a space draws, with padded factors as well."""
    space = map_space(factors)

    for row in space.locate(space.draw(np.random.default_rng(1), 4)):
        assert all(space.remaining(row, column)[row[column]] for column in range(len(row)))


def test_an_accelerator_keeps_what_is_settled() -> None:
    """Of rules over several parameters, the last one decides, and every point is left."""
    space, rng = ChipSpace(load_chip("eyeriss-168")), np.random.default_rng(0)
    names = [parameter.name for parameter in space.coordinates]
    walks = [walk(space, rng) for _ in range(20)]
    indices = np.array([found for found in walks if found is not None])

    assert 0 < len(indices) < len(walks)
    assert space.decode(indices)[1].all()
    start = space.locate(space.draw(rng, 5))
    assert all(space.remaining(row, i)[row[i]] for row in start for i in range(len(row)))
    start[:, names.index("H3")] = start[:, names.index("H4")] = len(space.coordinates[1].values) - 1
    assert not space.remaining(start[0], names.index("H5")).any()


@pytest.mark.parametrize("encoding", [IndexEncoding, StepwiseEncoding])
def test_values_stand_for_indices(encoding: type[Encoding]) -> None:
    """And back, for every point of a space."""
    space = ToySpace((4, 5, 6), (3,), 8)
    encoded = encoding(space)  # type: ignore[call-arg]

    for row in space.draw(np.random.default_rng(0), 50):
        for column in range(len(row)):
            assert encoded.index(row, column, encoded.value(row, column)) == row[column]


def test_places_are_even_among_what_is_left() -> None:
    """Of six values, the limit leaves three; where it leaves none, all are offered."""
    encoding = StepwiseEncoding(ToySpace((4, 6), (), 5))
    places = np.linspace(0.0, 1.0, 601)

    found = [encoding.index(np.array([3, 0]), 1, place) for place in places]
    none_left = [encoding.index(np.array([9, 0]), 1, place) for place in places]

    assert np.abs(np.bincount(found) - 200).max() <= 1
    assert np.abs(np.bincount(none_left) - 100).max() <= 1
