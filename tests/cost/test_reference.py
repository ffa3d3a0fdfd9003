"""The cost model against Timeloop: every record of the reference sets, every count of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from codesign.cost.record_table import price_records

SETS = {"eyeriss256": 17_250, "general": 17_250, "space": 14_626}
TOLERANCE = 1e-12
EXACT = [
    *("level", "keep", "tile_words", "partition_words", "instances"),
    *("reads", "fills", "updates", "level_cycles"),
]
KEY = ["id", "level_index", "dataspace"]


class Priced(NamedTuple):
    name: str
    answers: pd.DataFrame
    detail: pd.DataFrame


@pytest.fixture(scope="module", params=SETS)
def priced(request: pytest.FixtureRequest, reference_dir: Path) -> Priced:
    """A reference set as we price it."""
    path = reference_dir / f"{request.param}.jsonl.gz"
    parts = list(price_records([path], is_detailed=True))
    answers = pd.concat([part.answers for part in parts], ignore_index=True)
    details = [part.detail for part in parts if part.detail is not None]
    return Priced(request.param, answers, pd.concat(details, ignore_index=True))


def assert_close(found: pd.Series, expected: pd.Series) -> None:
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), rtol=TOLERANCE, atol=0)


def test_every_record_gets_timeloops_answer(priced: Priced, reference_dir: Path) -> None:
    """Validity, broken rule, level and cycles are the same, energy up to rounding."""
    expected = pd.read_parquet(reference_dir / f"{priced.name}.answers.parquet")

    found = priced.answers

    assert len(found) == SETS[priced.name]
    assert found.columns.to_list() == expected.columns.to_list()
    for column in ("id", "valid", "reason", "level", "cycles"):
        pd.testing.assert_series_equal(found[column], expected[column], check_dtype=False)
    for column in ("energy_pj", "edp", "utilization"):
        assert_close(found[column], expected[column])


def test_every_count_is_timeloops(priced: Priced, reference_dir: Path) -> None:
    """Tiles, partitions, reads, fills, updates and cycles of every level are the same."""
    expected = pd.read_parquet(reference_dir / f"{priced.name}.detail.parquet")

    both = expected.merge(priced.detail, on=KEY, how="left", suffixes=("", "_found"))

    assert len(both) == len(expected)
    assert both["level_found"].notna().all()
    for column in EXACT:
        assert (both[f"{column}_found"] == both[column]).all(), column
    for column in ("energy_pj", "addr_gen_pj"):
        assert_close(both[f"{column}_found"], both[column])


def test_details_come_in_the_order_of_the_reference(priced: Priced, reference_dir: Path) -> None:
    """Record by record, levels outwards, dataspaces by name; the columns in their order."""
    expected = pd.read_parquet(reference_dir / f"{priced.name}.detail.parquet")

    found = priced.detail[priced.detail["id"].isin(expected["id"].unique())].reset_index(drop=True)

    pd.testing.assert_frame_equal(found[KEY], expected[KEY], check_dtype=False)
    totals = ["all_reads", "all_fills", "all_updates"]
    assert found.columns.to_list() == [*expected.columns, "network_pj", *totals]


def test_details_add_up_to_the_answer(priced: Priced) -> None:
    """The parts of the energy, with the operations', are the energy of the record."""
    parts = priced.detail[["energy_pj", "addr_gen_pj", "network_pj"]].sum(axis=1)
    in_storage = parts.groupby(priced.detail["id"]).sum()
    valid = priced.answers[priced.answers["valid"]].set_index("id")

    operations_pj = valid["energy_pj"] - in_storage

    assert in_storage.index.equals(valid.index)
    # At 16 bit an operation costs 1 pJ, so what is left is a whole number.
    np.testing.assert_allclose(operations_pj, operations_pj.round(), rtol=1e-9)
    assert (operations_pj > 0).all()
