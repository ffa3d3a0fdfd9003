"""The reference sets are complete and agree with what their README says."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

RECORDS = {
    "eyeriss256": {"records": 17_250, "valid": 15_000, "architectures": 1, "layers": 14},
    "general": {"records": 17_250, "valid": 15_000, "architectures": 3_821, "layers": 14},
    "space": {"records": 14_626, "valid": 12_000, "architectures": 2_001, "layers": 12},
}
COUNTS = ["tile_words", "partition_words", "reads", "fills", "updates", "energy_pj", "addr_gen_pj"]
MEASURES = ["cycles", "energy_pj", "edp", "utilization"]


@pytest.mark.parametrize("name", RECORDS)
def test_questions_and_answers_belong_together(reference_dir: Path, name: str) -> None:
    """Every record has one answer, in the same order, and the numbers are the README's."""
    with gzip.open(reference_dir / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        entries = [json.loads(line) for line in file]
    answers = pd.read_parquet(reference_dir / f"{name}.answers.parquet")

    assert [entry["id"] for entry in entries if "id" in entry] == answers["id"].to_list()
    assert RECORDS[name] == {
        "records": len(answers),
        "valid": int(answers["valid"].sum()),
        "architectures": sum("define_arch" in entry for entry in entries),
        "layers": sum("define_layer" in entry for entry in entries),
    }


@pytest.mark.parametrize("name", RECORDS)
def test_only_valid_records_have_a_cost(reference_dir: Path, name: str) -> None:
    """An invalid record has a reason and no cost, a valid one a cost and no reason."""
    answers = pd.read_parquet(reference_dir / f"{name}.answers.parquet")
    valid, invalid = answers[answers["valid"]], answers[~answers["valid"]]

    assert valid[MEASURES].notna().all(axis=None)
    assert valid[["reason", "level"]].isna().all(axis=None)
    assert invalid[MEASURES].isna().all(axis=None)
    assert set(invalid["reason"]) <= {"capacity", "fanout"}
    assert (valid["edp"] == valid["energy_pj"] * valid["cycles"]).all()


@pytest.mark.parametrize("name", RECORDS)
def test_details_explain_the_first_valid_records(reference_dir: Path, name: str) -> None:
    """Details are of the first 3 000 valid records; the slowest level sets the delay."""
    answers = pd.read_parquet(reference_dir / f"{name}.answers.parquet").set_index("id")
    detail = pd.read_parquet(reference_dir / f"{name}.detail.parquet")
    slowest = detail.groupby("id")["level_cycles"].max()

    assert slowest.index.to_list() == answers.index[answers["valid"]][:3_000].to_list()
    assert (slowest == answers.loc[slowest.index, "cycles"]).all()
    assert (detail.loc[~detail["keep"], COUNTS] == 0).all(axis=None)
