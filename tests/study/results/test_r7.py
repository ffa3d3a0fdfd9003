"""R7: shares of valid draws agree with the spaces' own words, whatever the chunks."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.hardware.files import load_chip
from codesign.space.chip_space import ChipSpace
from codesign.study.results.r7 import enumeration
from codesign.study.results.r7 import table as r7
from codesign.study.running.stage import Setting
from codesign.study.statistics import share_interval
from codesign.workload import Layer, Workload

NETWORK = Workload("M", (Layer.conv("x", P=16, K=64, C=32), Layer.conv("one")), (1, 1))


def test_hardware_is_valid_more_often_when_equalities_are_solved() -> None:
    """Two samplers, the second of which leaves H2 and H6 no chance to be wrong."""
    table = r7.hardware_shares("M", load_chip("eyeriss-256"), 4000, seed=0).set_index("sampler")

    assert table.loc["independent", "share"] < table.loc["derived", "share"] < 1
    assert (table["low"] <= table["share"]).all()
    assert (table["share"] <= table["high"]).all()
    assert "H1·H2" not in table.loc["derived", "broken"]
    assert "H7·H8" not in table.loc["derived", "broken"]
    assert set(table["counted"]) == {"enumerated"}


@pytest.mark.parametrize("sampler", ["independent", "derived"])
@pytest.mark.parametrize("chip", ["eyeriss-168", "simba", "gemmini"])
def test_what_is_enumerated_is_what_draws_approach(
    monkeypatch: pytest.MonkeyPatch, chip: str, sampler: str
) -> None:
    """The exact share is in the interval of draws, which has 99.9 %."""
    exact = r7.hardware_shares("M", load_chip(chip), 1, 0).set_index("sampler").loc[sampler]
    monkeypatch.setattr(enumeration, "MOST", 0)
    drawn = r7.hardware_shares("M", load_chip(chip), 40_000, 1).set_index("sampler").loc[sampler]

    assert (exact["counted"], drawn["counted"]) == ("enumerated", "drawn")
    low, high = share_interval(int(drawn["valid"]), 40_000, z=3.3)
    assert low <= exact["share"] <= high


def test_a_small_space_is_counted_point_by_point() -> None:
    """gemmini's divisors and buffers: as many feasible points as the space itself lists."""
    chip = load_chip("gemmini")
    row = r7.hardware_shares("M", chip, 1, 0).set_index("sampler").loc["derived"]

    assert row["valid"] == ChipSpace(chip).size


def test_a_layer_of_one_operation_is_always_valid() -> None:
    """All its factors are 1, which fits any accelerator."""
    table = r7.mapping_shares(Setting(NETWORK, load_chip("eyeriss-168")), 500, seed=0)

    assert (table[table["layer"] == "one"]["share"] == 1).all()
    assert (table[table["layer"] == "x"]["share"] < 1).all()
    assert set(table["sampler"]) == {"free", "row-stationary"}


def test_counts_are_complete_and_repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every draw is counted once, also when they come in chunks."""
    monkeypatch.setattr(r7, "CHUNK", 7)
    codes = np.array([0, 1, 2, 0, 0], np.int8)

    counts = r7._count(
        lambda rng, count: np.resize(codes, count), lambda b: b, np.random.default_rng(0), 24, 4
    )

    assert counts.sum() == 24
    assert counts[3] == 0
    first = r7.hardware_shares("M", load_chip("eyeriss-168"), 300, seed=3)
    assert first.equals(r7.hardware_shares("M", load_chip("eyeriss-168"), 300, seed=3))
