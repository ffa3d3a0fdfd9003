"""Areas: what adds up, what counts, and what a file may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.cost import Evaluator
from codesign.cost.tables import HOP_PJ
from codesign.errors import InputError
from codesign.hardware import StorageLevel, Technology, load_hardware, load_technology
from codesign.hardware.area import AreaModel
from codesign.workload import Layer


def test_eyeriss_by_hand() -> None:
    """168 multipliers, three register files per PE, one buffer; DRAM is off-chip."""
    parts = AreaModel().parts_mm2(load_hardware("eyeriss-168"))

    assert parts["MACs"] == pytest.approx(168 * (588 * 4 + 140) / 1e6)
    assert parts["WeightRegFile"] == pytest.approx(168 * 77300 * 0.375 / 1e6)
    assert parts["GlobalBuffer"] == pytest.approx((12500 + 7550 * 128) / 1e6)
    assert parts["DRAM"] == parts["DummyBuffer"] == 0
    assert AreaModel().mm2(load_hardware("eyeriss-168")) == pytest.approx(6.97765)


def test_memory_of_either_kind() -> None:
    """Register files by their own formula; the names are those of energies."""
    model = AreaModel("1", "kb * block_size", "2 * kb + entries + word_bits")

    assert model.memory(StorageLevel("x", 512, block_size=4)) == 4
    assert model.memory(StorageLevel("x", 512, technology="RegFile")) == 2 + 512 + 16
    assert model.memory(StorageLevel("x", None, technology="DRAM")) == 0


def test_a_table_may_have_its_own(tmp_path: Path) -> None:
    """Formulas that it leaves out have the defaults; other texts than formulas are refused."""
    path = tmp_path / "own.yaml"
    path.write_text("name: own\narea: {sram_um2: 3 * kb}\n", encoding="utf-8")

    assert load_technology(path).area == AreaModel(sram_um2="3 * kb")

    path.write_text("name: own\narea: {mac_um2: 3 * kb}\n", encoding="utf-8")
    with pytest.raises(InputError, match="mac_um2 is '3 \\* kb', expected arithmetic over word"):
        load_technology(path)


def test_hops_are_paid_between_pes_alone() -> None:
    """They are below the two levels of Eyeriss with several children on the chip."""
    hardware = load_hardware("eyeriss-168")
    layer = Layer.conv("x", C=4, K=4)

    tables = Evaluator(layer, hardware, Technology("hops", hop_pj="word_bits / 8")).tables

    paid = [
        level.name for level, row in zip(hardware.levels, tables.rates, strict=True) if row[HOP_PJ]
    ]
    assert paid == ["DummyBuffer", "GlobalBuffer"]
    assert tables.rates[hardware.index("GlobalBuffer"), HOP_PJ] == 2
