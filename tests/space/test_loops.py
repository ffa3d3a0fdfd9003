"""Features of loops, by hand."""

from __future__ import annotations

import numpy as np

from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.mapping import LevelMapping, Mapping, MappingBatch
from codesign.space.loops import EXTENT, INSIDE, OUTSIDE, PLACE, TOUCHES
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer

LAYER = Layer.conv("layer", K=8, C=4, P=4, R=3)
HARDWARE = Hardware(
    "hardware",
    Arithmetic("MACs", 2, 2),
    (
        StorageLevel("Buffer", 1000, instances=1),
        StorageLevel("DRAM", None, technology="DRAM"),
    ),
)
WEIGHTS, INPUTS, OUTPUTS = (
    LAYER.shape.dataspace_names.index(name) for name in ("Weights", "Inputs", "Outputs")
)


def features(mapping: Mapping) -> dict[float, np.ndarray]:
    """The features of the loops that turn, by place."""
    space = MapSpace(LAYER, HARDWARE)
    table = space.loops(MappingBatch.of(LAYER.shape, [mapping]))[0]
    assert not table[table[:, PLACE] == 0].any()
    return {row[PLACE]: row for row in table if row[PLACE] > 0}


def test_loops_from_the_inside_out() -> None:
    """K on two MACs, in the buffer R then P, outside C, then the rest of K."""
    mapping = Mapping(
        (
            LevelMapping((("R", 3), ("P", 4)), (("K", "X", 2),), frozenset()),
            LevelMapping((("C", 4), ("K", 4)), (), frozenset()),
        )
    )

    loops = features(mapping)

    assert [2 ** loops[place][EXTENT] for place in range(1, 6)] == [2, 3, 4, 4, 4]
    np.testing.assert_allclose(
        [2 ** loops[place][INSIDE] for place in range(1, 6)], [2, 6, 24, 96, 384]
    )
    np.testing.assert_allclose(
        [2 ** loops[place][OUTSIDE] for place in range(1, 6)], [384, 192, 64, 16, 4]
    )
    # Inputs are a window: three words for R, six for R and P.
    touched = {WEIGHTS: [2, 6, 6, 24, 96], INPUTS: [1, 3, 6, 24, 24], OUTPUTS: [2, 2, 8, 8, 32]}
    for w, words in touched.items():
        found = [2 ** loops[place][TOUCHES + 2 * w] for place in range(1, 6)]
        np.testing.assert_allclose(found, words)
        reuse = [2 ** loops[place][TOUCHES + 2 * w + 1] for place in range(1, 6)]
        np.testing.assert_allclose(reuse, np.array([2, 6, 24, 96, 384]) / words)


def test_order_matters_for_loops_that_turn_alone() -> None:
    """Loops of one iteration may stand anywhere."""
    space = MapSpace(LAYER, HARDWARE)
    batch = space.draw(np.random.default_rng(0), 50)
    bounds = np.take_along_axis(batch.temporal, batch.order.astype(int), axis=2)
    turning_first = np.argsort(bounds == 1, axis=2, kind="stable")
    moved = batch[np.arange(50)]
    moved.order[:] = np.take_along_axis(batch.order, turning_first, axis=2)

    assert (moved.order != batch.order).any()
    assert (space.loops(moved) == space.loops(batch)).all()
