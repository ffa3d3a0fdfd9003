"""Energy tables: Timeloop's numbers, and formulas, which are only arithmetic."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from codesign.errors import InputError
from codesign.hardware import (
    PAT,
    Arithmetic,
    Hardware,
    StorageLevel,
    Technology,
    load_technology,
)
from codesign.hardware.area import AreaModel
from codesign.hardware.expression import Formula
from codesign.hardware.leak import Leak
from codesign.hardware.technology import read_technology
from codesign.hardware.writing import technology_fields
from codesign.reading import Fields

REGISTER_FILES = {1: 0.97497, 16: 0.97644, 192: 0.99372, 256: 1.0, 512: 1.02513, 1024: 1.07538}
BUFFERS = {
    # (KiB, cluster size): pJ per word
    (8, 1): 1.376884,
    (128, 1): 7.407035,
    (128, 2): 13.839196,
    (108, 8): 44.391960,
}


def test_the_shipped_table_is_the_built_in_one() -> None:
    """Formula by formula, so that both have one hash."""
    shipped = load_technology("timeloop-pat-public")

    assert shipped == PAT
    assert shipped.digest == PAT.digest


@pytest.mark.parametrize("entries", REGISTER_FILES)
def test_register_files_cost_what_timeloop_says(entries: int) -> None:
    """The table of `docs/cost-model.md`, section 8."""
    level = StorageLevel("RF", entries, technology="RegFile")

    assert PAT.vector_energy_pj(level) == pytest.approx(REGISTER_FILES[entries], abs=5e-6)


@pytest.mark.parametrize("block_size", [1, 2, 4, 8])
def test_buffers_cost_what_timeloop_says(block_size: int) -> None:
    """A word costs the same whatever the block; clusters make the array wider."""
    for (kib, cluster), expected_pj in BUFFERS.items():
        level = StorageLevel("GLB", kib * 512, 8, 8, block_size=block_size, cluster_size=cluster)

        assert PAT.vector_energy_pj(level) / block_size == pytest.approx(expected_pj, abs=5e-7)


def test_memory_multipliers_and_nothing() -> None:
    """DRAM costs per word, multipliers by the square of their bits, no storage nothing."""
    dram = StorageLevel("DRAM", None, technology="DRAM", block_size=4)

    assert PAT.vector_energy_pj(dram) == 800
    assert PAT.vector_energy_pj(StorageLevel("none", 0)) == 0
    assert PAT.vector_energy_pj(StorageLevel("own", 8, vector_access_pj=3.5)) == 3.5
    assert [PAT.mac_energy_pj(bits) for bits in (8, 16, 32)] == [0.25, 1, 4]


def test_register_files_may_have_their_own_formula() -> None:
    """Where the table has one."""
    table = Technology("x", regfile_pj_per_vector="entries")

    file, buffer = (StorageLevel("x", 512, technology=kind) for kind in ("RegFile", "SRAM"))

    assert table.vector_energy_pj(file) == 512
    assert table.vector_energy_pj(buffer) == PAT.vector_energy_pj(buffer)


def test_every_formula_enters_the_hash() -> None:
    """The name does not."""
    others = [
        dataclasses.replace(PAT, **{field: value})
        for field, value in {
            "mac_pj": "2",
            "dram_pj_per_vector": "2",
            "sram_pj_per_vector": "2",
            "regfile_pj_per_vector": "2",
            "adder_pj": 2.0,
            "address_generator_pj": 2.0,
            "wire_pj_per_bit_mm": 2.0,
            "hop_pj": "2",
        }.items()
    ]

    assert len({PAT.digest, *(other.digest for other in others)}) == 9
    assert dataclasses.replace(PAT, name="other").digest == PAT.digest


def test_static_energies_enter_the_hash_where_there_are_any() -> None:
    """Without them, it is what it was, because random streams are derived from it."""
    leaks = [Leak("1"), Leak("0", "1"), Leak("0", "0", "1"), Leak(chip_pj_per_cycle="1")]

    hashes = {dataclasses.replace(PAT, leak=leak).digest for leak in (Leak(), *leaks)}

    assert len(hashes) == 5
    assert PAT.digest in hashes


def test_static_energy_is_per_instance(tmp_path: Path) -> None:
    """Of the formula for its kind, or its own; the table reads back."""
    path = tmp_path / "leaky.yaml"
    path.write_text("name: leaky\nleak: {sram_pj_per_cycle: 2 * kb, chip_pj_per_cycle: pes}\n")
    table = load_technology(path)
    own = StorageLevel("own", 512, instances=4, leak_pj_per_cycle=0.25)
    levels = (StorageLevel("none", 0, instances=4), own, StorageLevel("buffer", 1024))
    hardware = Hardware("x", Arithmetic(instances=8), levels)

    assert table.leak.parts_pj_per_cycle(hardware) == {"MACs": 0, "none": 0, "own": 1, "buffer": 4}
    assert table.leak.pj_per_cycle(hardware) == 1 + 4 + 8
    assert table.leak.memory(StorageLevel("rf", 512, technology="RegFile")) == 2
    assert table.leak.memory(StorageLevel("DRAM", None, technology="DRAM")) == 0
    assert technology_fields(table)["leak"]["sram_pj_per_cycle"] == "2 * kb"
    assert read_technology(Fields(technology_fields(table), "again")) == table
    assert "leak" not in technology_fields(PAT)


def test_writing_has_a_formula_of_its_own(tmp_path: Path) -> None:
    """Where the table has one; it enters the hash only then, and reads back."""
    path = tmp_path / "t.yaml"
    path.write_text("name: t\nsram_write_pj_per_vector: 2 * block_size\nmac_pj: a_bits * b_bits\n")
    table = load_technology(path)
    buffer, dram = StorageLevel("b", 64, block_size=4), StorageLevel("d", None, technology="DRAM")

    assert table.write_energy_pj(buffer) == 8
    assert table.write_energy_pj(StorageLevel("rf", 64, technology="RegFile")) == 2
    assert table.write_energy_pj(StorageLevel("none", 0)) == 0
    assert table.write_energy_pj(dram) is PAT.write_energy_pj(buffer) is None
    assert table.write_energy_pj(StorageLevel("own", 8, vector_access_pj=3.5)) is None
    assert table.mac_energy_pj(16, (4, 8, 32)) == 32
    assert table.mac_energy_pj(16) == 256
    assert read_technology(Fields(technology_fields(table), "again")) == table
    assert table.digest != dataclasses.replace(table, sram_write_pj_per_vector=None).digest


def test_areas_have_a_hash_of_their_own() -> None:
    """Searches draw the same mappings whatever an accelerator's area."""
    other = dataclasses.replace(PAT, area=AreaModel(sram_um2="kb"))

    assert other.digest == PAT.digest == "5f602b74794b"
    assert other.area_digest != PAT.area_digest


@pytest.mark.parametrize("name", ["eyeriss-65nm", "horowitz-45nm"])
def test_published_figures_are_met(name: str) -> None:
    """The points that `docs/files.md` names, in pJ per word of 16 bit, and the growth with size."""
    table = load_technology(name)
    sizes = {"eyeriss-65nm": {128: 6.0}, "horowitz-45nm": {8: 2.5, 32: 5.0}}[name]
    files = [StorageLevel("RF", words, technology="RegFile") for words in (1, 16, 192, 256)]

    for kib, expected_pj in sizes.items():
        level = StorageLevel("GLB", kib * 512)
        assert table.vector_energy_pj(level) == pytest.approx(expected_pj)
    energies = [table.vector_energy_pj(file) for file in files]
    assert energies == sorted(energies)
    assert energies[-1] > 10 * energies[0]
    expected = {"eyeriss-65nm": (1.0, 1.0, 200.0), "horowitz-45nm": (0.625, 0.825, 325.0)}[name]
    dram = table.vector_energy_pj(StorageLevel("DRAM", None, technology="DRAM"))
    assert (energies[-1], table.mac_energy_pj(16), dram) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 * (x + 1) ** 2 / 4 - 1", 7.0),
        ("max(x, 5) + min(x, 5) + sqrt(4) + log2(8) + ceil(0.2)", 14.0),
        ("-x + 4", 1.0),
        ("7", 7.0),
    ],
)
def test_formulas_are_arithmetic(text: str, expected: float) -> None:
    """The four operations, powers, and a few functions."""
    assert Formula(text, ("x",), "here")(x=3) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x +",
        "y",
        "x.real",
        "x[0]",
        "'a'",
        "x if x else 1",
        "x and 1",
        "x < 1",
        "lambda: 1",
        "__import__('os')",
        "open('x')",
        "max(x, key=x)",
        "True + 'a'",
        "1 << x",
        "x @ x",
        "[x]",
        "x" * 501,
        "(" * 400 + ")" * 400,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """When the file is read or, at the latest, when the formula is used."""
    with pytest.raises(InputError, match=r"here is .*, expected arithmetic|here is .*formula"):
        Formula(text, ("x",), "here")(x=3)


@pytest.mark.parametrize("text", ["x - 4", "1 / (x - 3)", "10 ** 400", "(-x) ** 0.5", "9e9 ** 9"])
def test_energies_are_finite_and_not_negative(text: str) -> None:
    """Where a formula gives something else, the arguments are told."""
    with pytest.raises(InputError, match="finite and not negative at x = 3"):
        Formula(text, ("x",), "here")(x=3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mac_pj: 1", "'name' is missing"),
        ("name: x\nmac_pJ: 1", "unknown field 'mac_pJ'.*did you mean 'mac_pj'"),
        ("name: x\nmac_pj: kb", "mac_pj is 'kb', expected arithmetic over word_bits"),
        ("name: x\nsram_pj_per_vector: size", "arithmetic over kb, word_bits"),
        ("name: x\nadder_pj: -1", "adder_pj is -1"),
        ("name: x\nadder_pj: .nan", "adder_pj is nan"),
        ("name: x\nleak: {mac_pj_per_cycle: kb}", "mac_pj_per_cycle is 'kb', expected arithm"),
        ("name: x\nleak: {sram_pj: 1}", "unknown field 'sram_pj'"),
        ("name: x\nmac_pj: [1]", r"mac_pj is '\[1\]', expected arithmetic"),
    ],
)
def test_bad_tables_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    """The field and its value are named."""
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match=expected):
        load_technology(path)
