"""B6: the comparison counts what agrees and finds what does not."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pandas as pd
import pytest

from codesign.errors import InputError
from codesign.store.table import read_table, write_table
from codesign.study import paper
from codesign.study.results.b6.claims import claims
from codesign.study.results.b6.table import compare, table

BUDGET = paper.Spent(1, 1, 1)
FIRST = 300


@pytest.fixture
def folder(reference_dir: Path, tmp_path: Path) -> Path:
    """The beginning of the set of Eyeriss's records, to meddle with its answers."""
    with gzip.open(reference_dir / "eyeriss256.jsonl.gz", "rt", encoding="utf-8") as file:
        lines = file.readlines()
    at = [number for number, line in enumerate(lines) if '"id"' in line]
    with gzip.open(tmp_path / "eyeriss256.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(lines[: at[FIRST]])
    shutil.copy(reference_dir / "eyeriss256.answers.parquet", tmp_path)
    return tmp_path


def test_all_of_timeloops_answers_come_out(folder: Path) -> None:
    """The same mappings are accepted, with the same cycles; energy up to rounding."""
    agreement = table(compare(folder)).set_index("set").loc["all"]

    assert agreement["records"] == agreement["outcomes_equal"] == FIRST
    assert agreement["cycles_equal"] == agreement["priced"] == agreement["valid"] > 0
    assert agreement["energy_pj_worst"] < 1e-12
    assert [claim.verdict for claim in claims(table(compare(folder)), BUDGET)] == ["agree"]


def test_other_answers_are_found(folder: Path) -> None:
    """One record with a cycle more, one that Timeloop would have refused."""
    path = folder / "eyeriss256.answers.parquet"
    answers = read_table(path)
    valid = answers.index[answers["valid"]][:2]
    answers.loc[valid[0], "cycles"] += 1
    answers.loc[valid[1], "reason"] = "capacity"
    write_table(answers, path)

    rows = table(compare(folder))
    agreement = rows.set_index("set").loc["eyeriss256"]

    assert agreement["outcomes_equal"] == FIRST - 1
    assert agreement["cycles_equal"] == agreement["priced"] - 1
    assert agreement["cycles_worst"] > 0
    (claim,) = claims(rows, BUDGET)
    assert (claim.verdict, claim.ours) == ("disagree", pytest.approx(100 * (1 - 2 / FIRST)))


def test_every_nth_record(folder: Path) -> None:
    """From the first on."""
    whole, part = compare(folder), compare(folder, every=7)

    pd.testing.assert_frame_equal(part, whole.iloc[::7].reset_index(drop=True))


def test_without_records_it_says_where_they_are(tmp_path: Path) -> None:
    """In the repository, not in a package."""
    with pytest.raises(InputError, match=r"no record sets.*come with the repository"):
        compare(tmp_path)
