"""Plain features are the values of what is chosen, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.hardware.files import load_chip
from codesign.search.bo.plain import PlainSpace
from codesign.space.base import Parameter
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer
from tests.search.toys import ToySpace


def test_features_are_logarithms_of_values_and_one_per_label() -> None:
    """The toy's ordered parameters begin at 0, so 1 is added to them."""
    space = PlainSpace(ToySpace((3, 3), (2,), limit=9))

    features = space.features(np.array([[0, 2, 1], [1, 1, 0]]))

    assert features == pytest.approx(np.array([[0, np.log(3), 0, 1], [np.log(2), np.log(2), 1, 0]]))


def test_estimates_are_left_out() -> None:
    """A map-space describes points by words fetched as well, which are not chosen."""
    chip = load_chip("eyeriss-168")
    layer = Layer.conv("layer", R=3, S=3, P=8, C=8, K=8)
    space = MapSpace(layer, chip.hardware, chip.dataflow("free"))
    chosen = [p for p in space.parameters if not p.is_estimate]

    plain = PlainSpace(space)
    features = plain.features(plain.draw(np.random.default_rng(0), 5))

    estimates = [p.name for p in space.parameters if p.is_estimate]
    assert estimates
    assert all(name.startswith("log2 fetched") for name in estimates)
    width = sum(1 if p.is_ordered else len(p.values) for p in chosen)
    assert features.shape == (5, width)


def test_values_below_one_have_finite_logarithms() -> None:
    """Such as the octaves of idle PEs, which begin at 0."""
    space = ToySpace((2,), (), limit=9)
    space.parameters = (Parameter("x", (0.0, 0.25)),)

    features = PlainSpace(space).features(np.array([[0], [1]]))

    assert np.isfinite(features).all()
    assert features[1, 0] > features[0, 0]
