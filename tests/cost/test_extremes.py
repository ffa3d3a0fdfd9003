"""Sizes and accelerators at the edge of what files may say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codesign.compiled import compiled
from codesign.cost import Evaluator
from codesign.cost.interpreter import interpret
from codesign.cost.layout import share
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.mapping import LevelMapping, Mapping, MappingBatch
from codesign.workload import Layer


@compiled
def _share(total, part, whole):  # type: ignore[no-untyped-def]
    return share(total, part, whole)


@settings(deadline=None)
@given(st.integers(1, 2**53), st.integers(1, 2**53), st.integers(1, 2**53))
@example(2**53, 2**53, 2**53)
@example(2**53 - 1, 2**53 - 3, 2**53 - 2)
def test_shares_are_exact_whatever_the_product(total: int, a: int, b: int) -> None:
    """Python's integers have no end."""
    part, whole = sorted((a, b))

    assert _share(np.int64(total), np.int64(part), np.int64(whole)) == total * part // whole


def test_partitions_of_products_beyond_63_bits_do_not_wrap() -> None:
    """Two buffers of 2⁴⁰ words under DRAM; 2¹⁶ by 2¹⁶ outputs."""
    layer = Layer.conv("product", P=65536, K=65536)
    hardware = Hardware(
        "pair",
        Arithmetic("MACs", 2, 2),
        (
            StorageLevel("A", 2**40, instances=2, mesh_x=2),
            StorageLevel("DRAM", None, technology="DRAM"),
        ),
    )
    mapping = Mapping(
        (
            LevelMapping(temporal=(("P", 32768), ("K", 65536))),
            LevelMapping(spatial=(("P", "X", 2),)),
        )
    )

    costs = Evaluator(layer, hardware).price(MappingBatch.of(layer.shape, [mapping]))

    assert costs.energy_pj[0] == pytest.approx(1.854e18, rel=1e-3)


def test_words_that_a_bypassed_dram_hands_on_have_no_partition_there() -> None:
    """All partial sums cross its network twice: it holds none of them."""
    layer = Layer.conv("sums", C=4, K=3)
    levels = (
        StorageLevel("Register", 16, instances=2, mesh_x=2),
        StorageLevel(
            "Near", None, technology="DRAM", keeps=frozenset({"Weights", "Inputs"}), hop_pj=1.0
        ),
        StorageLevel("Far", None, technology="DRAM", hop_pj=2.0),
    )
    hardware = Hardware("stack", Arithmetic("MACs", 2, 2), levels)
    mapping = Mapping(
        (
            LevelMapping(temporal=(("K", 3),)),
            LevelMapping(
                temporal=(("C", 2),), spatial=(("C", "X", 2),), bypass=frozenset({"Outputs"})
            ),
            LevelMapping(),
        )
    )

    walked = interpret(layer, hardware, mapping)
    costs = Evaluator(layer, hardware, accounting="exact").price(
        MappingBatch.of(layer.shape, [mapping])
    )

    assert math.isclose(costs.energy_pj[0], walked.energy_pj, rel_tol=1e-12)
