"""The box of a tile: what kernels, layers and the interpreter's walk say of it is the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.cost.boxes import measure
from codesign.cost.tables import build_projections
from codesign.cost.walk import Boxes, loop_nest
from codesign.mapping import LevelMapping, Mapping
from codesign.workload.layer import Layer
from codesign.workload.shape import MAX_SLIDING_AXES
from tests.budgets import count
from tests.cost.strategies import layers


@settings(max_examples=count(40, 100), deadline=None)
@given(layers(), st.data())
def test_every_statement_of_the_box_agrees(layer: Layer, data: st.DataObject) -> None:
    """Of a tile alone, in an array of tiles, in a kernel, and walked loop by loop."""
    tile = tuple(data.draw(st.integers(1, size)) for size in layer.sizes)
    tiles = np.stack([np.ones(len(tile), np.int64), np.array(tile, np.int64)])
    role, stride = build_projections(layer)
    extent = np.zeros((1, len(role), MAX_SLIDING_AXES), np.int64)
    loops = tuple(zip(layer.shape.dimensions, tile, strict=True))
    nest = loop_nest(layer, Mapping((LevelMapping(loops),)))
    for w, space in enumerate(layer.shape.dataspaces):
        walked = Boxes.of(layer, space, nest).size(0)

        assert layer.words(space, tile) == walked
        assert layer.words(space, np.moveaxis(tiles, -1, 0)).tolist() == [1, walked]
        axes = len(space.sliding_axes)
        assert measure(role, stride, w, axes, tiles[1], extent, 0) == walked
