"""The unit box around a space: rounding and placing."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.search.box import UnitBox
from tests.search.toys import ToySpace


def test_rounding() -> None:
    """Ordered values at equal distances, labels by the largest of their axes."""
    box = UnitBox(ToySpace((5, 2), (3,), 9))
    proposed = np.array([[0.0, 0.49, 0.2, 0.9, 0.3], [0.63, 0.51, 0.5, 0.5, 0.6]])

    assert box.round(proposed).tolist() == [[0, 0, 1], [3, 1, 2]]
    assert box.spacings == pytest.approx([0.25, 1, 1, 1, 1])


def test_places_are_what_is_rounded_to_them() -> None:
    """Every point of the box has a place that rounds to it, also of a single value."""
    box = UnitBox(ToySpace((5, 2, 1), (3,), 9))
    points = np.stack(np.meshgrid(range(5), range(2), range(1), range(3)), -1).reshape(-1, 4)

    places = box.place(points)

    assert places.shape == (30, box.axes) == (30, 6)
    assert (box.round(places) == points).all()
