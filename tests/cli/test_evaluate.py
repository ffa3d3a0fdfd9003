"""`codesign evaluate`: records into tables, designs against their claims."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from codesign.hardware import PAT
from codesign.store.table import read_metadata
from tests.cli.conftest import Command


@pytest.fixture
def few(reference_dir: Path, tmp_path: Path) -> Path:
    """Definitions and the first records of the reference."""
    with gzip.open(reference_dir / "eyeriss256.jsonl.gz", "rt", encoding="utf-8") as file:
        lines = [line for _, line in zip(range(40), file, strict=False)]
    path = tmp_path / "few.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def design(codesign: Command, workload: Path, chip: Path, tmp_path: Path) -> Path:
    """What a short search finds."""
    folder = tmp_path / "found"
    search = ("--method", "random", "--trials", 20, "--output", folder)
    assert codesign("map", "--workload", workload, "--hardware", chip, *search).code == 0
    return folder / "design.yaml"


def test_records_become_a_table_like_the_reference(
    codesign: Command, few: Path, reference_dir: Path, tmp_path: Path
) -> None:
    """The same columns, of the same types, with the same answers."""
    output, detail = tmp_path / "out.parquet", tmp_path / "detail.parquet"

    answer = codesign("evaluate", "--records", few, "--output", output, "--detail", detail)

    reference = pq.read_table(reference_dir / "eyeriss256.answers.parquet")
    counts = pq.read_table(reference_dir / "eyeriss256.detail.parquet")
    found, found_counts = pq.read_table(output), pq.read_table(detail)
    assert answer.code == 0
    assert found.schema.equals(reference.schema)
    assert found.select(["id", "valid", "reason", "level", "cycles"]).equals(
        reference.select(["id", "valid", "reason", "level", "cycles"])[: len(found)]
    )
    assert found_counts.schema.types[:-4] == counts.schema.types
    assert found_counts["reads"].equals(counts["reads"][: len(found_counts)])
    assert answer.out.startswith(f"{len(found)} records: ")


def test_the_table_says_where_it_comes_from(codesign: Command, few: Path, tmp_path: Path) -> None:
    """Which energies, which accounting, which code; on every run the same bytes."""
    first, second = tmp_path / "a.parquet", tmp_path / "b.parquet"

    for output in (first, second):
        codesign("evaluate", "--records", few, "--output", output, "--accounting", "exact")

    metadata = read_metadata(first)
    assert metadata["accounting"] == "exact"
    assert metadata["technology"] == "timeloop-pat-public"
    assert metadata["technology_hash"] == PAT.digest
    assert first.read_bytes() == second.read_bytes()


def test_another_energy_table_changes_energies_only(
    codesign: Command, few: Path, tmp_path: Path
) -> None:
    """Given as a file; what is written says so."""
    table = tmp_path / "dear.yaml"
    table.write_text("name: dear\nmac_pj: 100\n", encoding="utf-8")
    plain, dear = tmp_path / "a.parquet", tmp_path / "b.parquet"

    codesign("evaluate", "--records", few, "--output", plain)
    answer = codesign("evaluate", "--records", few, "--output", dear, "--technology", table)

    before, after = pd.read_parquet(plain), pd.read_parquet(dear)
    assert "energy table dear" in answer.out
    assert (after["energy_pj"] > before["energy_pj"])[before["valid"]].all()
    pd.testing.assert_series_equal(after["cycles"], before["cycles"])


def test_the_output_must_not_be_an_input(codesign: Command, few: Path) -> None:
    """A slip of the keyboard destroys no records."""
    before = few.read_bytes()

    answer = codesign("evaluate", "--records", few, "--output", few)

    assert answer.code == 2
    assert "named twice" in answer.err
    assert few.read_bytes() == before


@pytest.mark.parametrize("place", ["none/out.parquet", "."])
def test_an_output_that_cannot_be_written(
    codesign: Command, few: Path, tmp_path: Path, place: str
) -> None:
    """Told before anything is priced."""
    answer = codesign("evaluate", "--records", few, "--output", tmp_path / place)

    assert answer.code == 2
    assert "cannot be written" in answer.err


def test_a_design_gives_what_it_claims(codesign: Command, design: Path, tmp_path: Path) -> None:
    """Every digit is printed, and the table can be kept."""
    answer = codesign("evaluate", design, "--output", tmp_path / "out.parquet")

    layers = pd.read_parquet(tmp_path / "out.parquet")
    assert answer.code == 0
    assert "the claimed cost comes out bit for bit" in answer.out
    assert layers["agrees"].all()
    assert layers[["layer", "count"]].to_numpy().tolist() == [["stem", 2], ["head", 1]]
    for energy_pj in layers["energy_pj"]:
        assert repr(energy_pj) in answer.out


def test_a_wrong_claim_is_found(codesign: Command, design: Path) -> None:
    """The exit code says so, and the layer is named with both costs."""
    text = design.read_text(encoding="utf-8")
    design.write_text(text.replace("stem: {energy_pj: ", "stem: {energy_pj: 1"), encoding="utf-8")

    answer = codesign("evaluate", design)

    assert answer.code == 1
    assert "stem claims 1" in answer.out


def test_other_rules_are_not_held_against_the_claim(codesign: Command, design: Path) -> None:
    """A design can be priced in the other accounting."""
    answer = codesign("evaluate", design, "--accounting", "exact")

    assert answer.code == 0
    assert "accounting exact" in answer.out
    assert "not compared" in answer.out


@pytest.mark.parametrize("name", ["*.jsonl", "some.jsonl", "some.jsonl.gz"])
def test_a_packed_file_answers_to_its_plain_name(
    codesign: Command, few: Path, tmp_path: Path, name: str
) -> None:
    """Also for a pattern that the shell passed on because it matched nothing."""
    folder = tmp_path / "packed"
    folder.mkdir()
    (folder / "some.jsonl.gz").write_bytes(gzip.compress(few.read_bytes()))

    plain = codesign("evaluate", "--records", few, "--output", tmp_path / "a.parquet")
    packed = codesign("evaluate", "--records", folder / name, "--output", tmp_path / "b.parquet")

    assert (plain.code, packed.code) == (0, 0), packed.err
    assert ("means some.jsonl.gz" in packed.err) == (name != "some.jsonl.gz")
    assert pd.read_parquet(tmp_path / "a.parquet").equals(pd.read_parquet(tmp_path / "b.parquet"))
