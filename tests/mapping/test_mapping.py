"""Mappings: checked against layer and hardware, as arrays, as files and as text."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import yaml
from hypothesis import given, settings

from codesign.errors import InputError
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.mapping import LevelMapping, Mapping, MappingBatch
from codesign.mapping.files import mapping_fields, read_mapping
from codesign.mapping.nest import nest_text, timeloop_text
from codesign.reading import Fields
from codesign.workload import CONV, Layer
from tests.budgets import count
from tests.cost.strategies import Case, cases

LAYER = Layer.conv("product", P=8, C=4, K=6)
HARDWARE = Hardware(
    "two",
    Arithmetic("MACs", 4, 2),
    (
        StorageLevel("Buffer", 64, keeps=frozenset({"Weights", "Outputs"})),
        StorageLevel("DRAM", None, technology="DRAM"),
    ),
)
INNER = LevelMapping((("C", 4), ("K", 3)), (("K", "X", 2), ("P", "Y", 2)), frozenset({"Inputs"}))
OUTER = LevelMapping((("P", 4),))
MAPPING = Mapping((INNER, OUTER))


def test_a_good_mapping_passes() -> None:
    """Also where it asks for more than fits: that is the cost model's to say."""
    MAPPING.check(LAYER, HARDWARE)
    wide = dataclasses.replace(INNER, temporal=(("C", 4),), spatial=(("K", "X", 6), ("P", "Y", 2)))
    Mapping((wide, OUTER)).check(LAYER, HARDWARE)


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        (Mapping((INNER,)), "1 levels, expected 2, one for each of Buffer, DRAM"),
        (Mapping((INNER, OUTER, OUTER)), "3 levels, expected 2"),
        (Mapping((INNER, LevelMapping((("P", 2),)))), "factors of P multiply to 4, expected 8"),
        (Mapping((INNER, LevelMapping((("Z", 4),)))), "level DRAM: dimension 'Z'"),
        (Mapping((INNER, LevelMapping((("P", 0),)))), "factor of P 0, expected a whole number"),
        (Mapping((INNER, LevelMapping((("P", True),)))), "factor of P True"),
        (Mapping((INNER, LevelMapping((("P", 2), ("P", 2))))), "temporal loop P.*once"),
        (
            Mapping((INNER, LevelMapping(spatial=(("P", "X", 2), ("P", "X", 2))))),
            "spatial loop P X.*once",
        ),
        (Mapping((INNER, LevelMapping(spatial=(("P", "Z", 4),)))), "axis 'Z', expected X or Y"),
        (Mapping((INNER, LevelMapping(bypass=frozenset({"Input"})))), "did you mean 'Inputs'"),
        (
            Mapping((INNER, dataclasses.replace(OUTER, bypass=frozenset({"Inputs"})))),
            "level DRAM: bypass .'Inputs'., expected none",
        ),
        (
            Mapping((dataclasses.replace(INNER, bypass=frozenset()), OUTER)),
            "level Buffer: keep 'Inputs', expected a bypass",
        ),
    ],
)
def test_bad_mappings_are_refused(mapping: Mapping, expected: str) -> None:
    """The level and the loop are named."""
    with pytest.raises(InputError, match=expected):
        mapping.check(LAYER, HARDWARE)


def test_arrays_of_a_mapping() -> None:
    """Factors, orders and kept dataspaces stand where the kernel looks for them."""
    batch = MappingBatch.of(CONV, [MAPPING])

    p, c, k = (CONV.index(name) for name in "PCK")
    assert batch.temporal[0, 0, [p, c, k]].tolist() == [1, 4, 3]
    assert batch.order[0, 0, :2].tolist() == [c, k]
    assert sorted(batch.order[0, 0]) == list(range(7))
    assert batch.spatial[0, 0, 0, k] == 2
    assert batch.spatial[0, 0, 1, p] == 2
    assert batch.keep[0].tolist() == [0b101, 0b111]
    assert batch.mapping(0) == MAPPING


@settings(max_examples=count(30, 100), deadline=None)
@given(cases())
def test_arrays_round_trip(case: Case) -> None:
    """A mapping comes back without its loops of one iteration; then arrays stay as they are."""
    layer, _, mapping = case
    first = MappingBatch.of(layer.shape, [mapping])

    again = MappingBatch.of(layer.shape, first.mappings())

    assert again.mappings() == first.mappings()
    np.testing.assert_array_equal(again.temporal, first.temporal)
    np.testing.assert_array_equal(again.spatial, first.spatial)
    np.testing.assert_array_equal(again.keep, first.keep)


@settings(max_examples=count(30, 100), deadline=None)
@given(cases())
def test_files_round_trip(case: Case) -> None:
    """A mapping is the same after a visit to a file."""
    _, _, mapping = case

    text = yaml.safe_dump({"mapping": mapping_fields(mapping)})

    assert read_mapping(Fields(yaml.safe_load(text), "x"), "mapping") == mapping


def test_batches_are_cut_and_joined() -> None:
    """By slices, indices and masks, as arrays are."""
    other = Mapping((dataclasses.replace(INNER, temporal=(("K", 3), ("C", 4))), OUTER))
    batch = MappingBatch.of(CONV, [MAPPING, other, MAPPING])

    joined = MappingBatch.concatenate(
        [batch[:1], batch[np.array([1])], batch[batch.keep[:, 0] > 9]]
    )

    assert joined.mappings() == [MAPPING, other]


def test_an_empty_batch_maps_nothing() -> None:
    """Every factor is one, every dataspace is kept."""
    batch = MappingBatch.empty(CONV, 2, 3)

    assert batch.mappings() == [Mapping((LevelMapping(),) * 3)] * 2
    assert len(MappingBatch.of(CONV, [])) == 0


def test_the_loop_nest_as_text() -> None:
    """Outermost loop first, every loop one step further in."""
    text = nest_text(MAPPING, HARDWARE, {(0, "Weights"): 24, (0, "Outputs"): 12, (1, "Inputs"): 32})

    assert text == (
        "DRAM  [Inputs 32]\n"
        "| for P in 0..3\n"
        "Buffer  [Weights 24, Outputs 12]\n"
        "|   for K in 0..2\n"
        "|     for C in 0..3\n"
        "|       parallel for P in 0..1  (mesh-Y)\n"
        "|         parallel for K in 0..1  (mesh-X)\n"
        "|           multiply-accumulate"
    )


def test_the_loop_nest_in_timeloops_notation() -> None:
    """As in its `map.txt`, whose ranges are half open."""
    text = timeloop_text(MAPPING, HARDWARE, {(0, "Weights"): 24, (0, "Outputs"): 12})

    assert text == (
        "DRAM [ ]\n"
        "--------\n"
        "| for P in [0:4)\n"
        "\n"
        "Buffer [ Weights:24 Outputs:12 ]\n"
        "--------------------------------\n"
        "|   for K in [0:3)\n"
        "|     for C in [0:4)\n"
        "|       for P in [0:2) (Spatial-Y)\n"
        "|         for K in [0:2) (Spatial-X)"
    )
