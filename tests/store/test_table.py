"""Tables come back as they were, with the same bytes for the same rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from codesign.errors import InputError
from codesign.store.table import read_metadata, read_table, table_writer, write_table


@pytest.fixture
def frame() -> pd.DataFrame:
    """Every kind of column, with gaps; the index must not matter."""
    return pd.DataFrame(
        {
            "id": np.array([3, 1, 2], np.int64),
            "valid": [True, False, True],
            "reason": pd.array([None, "capacity", None], dtype="str"),
            "cycles": [7.0, np.nan, 2.0**60],
            "energy_pj": [0.1 + 0.2, np.nan, 1e-300],
            "method": pd.Categorical(["tpe", "bo", "tpe"]),
            "nothing": [None, None, None],
        },
        index=[10, 20, 30],
    )


def test_rows_come_back(frame: pd.DataFrame, tmp_path: Path) -> None:
    """Floats to the bit, texts and gaps as they were."""
    path = tmp_path / "x.parquet"

    write_table(frame, path)
    found = read_table(path)

    assert found.columns.to_list() == frame.columns.to_list()
    for column in ("id", "valid", "cycles", "energy_pj"):
        np.testing.assert_array_equal(found[column].to_numpy(), frame[column].to_numpy())
    assert found["reason"].isna().to_list() == [True, False, True]
    assert found["method"].to_list() == ["tpe", "bo", "tpe"]


def test_the_same_rows_are_the_same_bytes(frame: pd.DataFrame, tmp_path: Path) -> None:
    """Neither the time, nor pandas' index or kinds of text enter a file."""
    first, second, third = (tmp_path / name for name in "abc")
    other = frame.reset_index(drop=True).astype({"reason": object, "method": object})

    write_table(frame, first, {"b": "2", "a": "1"})
    write_table(frame, second, {"a": "1", "b": "2"})
    write_table(other, third, {"a": "1", "b": "2"})

    assert first.read_bytes() == second.read_bytes() == third.read_bytes()
    assert pq.read_schema(first).pandas_metadata is None


def test_columns_have_plain_types(frame: pd.DataFrame, tmp_path: Path) -> None:
    """Readers without pandas see text, truth values and numbers."""
    path = tmp_path / "x.parquet"

    write_table(frame, path, types={"cycles": "int64"})

    schema = pq.read_schema(path)
    text = pa.string()
    assert schema.types == [pa.int64(), pa.bool_(), text, pa.int64(), pa.float64(), text, text]
    assert pq.read_table(path)["cycles"].to_pylist() == [7, None, 2**60]


def test_metadata_comes_back(frame: pd.DataFrame, tmp_path: Path) -> None:
    """What was said of the table can be read without its rows."""
    write_table(frame, tmp_path / "x.parquet", {"config_hash": "abc", "note": "µ"})

    assert read_metadata(tmp_path / "x.parquet") == {"config_hash": "abc", "note": "µ"}


def test_a_table_can_be_written_in_parts(frame: pd.DataFrame, tmp_path: Path) -> None:
    """The parts follow one another; a part without rows changes nothing."""
    with table_writer(tmp_path / "x.parquet") as writer:
        for part in (frame, frame[:0], frame[1:]):
            writer.append(part)

    assert read_table(tmp_path / "x.parquet", ["id"])["id"].to_list() == [3, 1, 2, 1, 2]


def test_a_failure_between_parts_leaves_no_file(frame: pd.DataFrame, tmp_path: Path) -> None:
    """A table that is not finished does not exist."""

    def fail() -> None:
        with table_writer(tmp_path / "x.parquet") as writer:
            writer.append(frame)
            raise InputError("no")

    with pytest.raises(InputError, match="no"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_table_without_parts_is_a_mistake(tmp_path: Path) -> None:
    """It would have no columns."""
    with (
        pytest.raises(ValueError, match="no frame was appended"),
        table_writer(tmp_path / "x.parquet"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_columns_can_be_chosen(frame: pd.DataFrame, tmp_path: Path) -> None:
    """They come in the order of the argument."""
    write_table(frame, tmp_path / "x.parquet")

    assert read_table(tmp_path / "x.parquet", ["method", "id"]).columns.to_list() == [
        "method",
        "id",
    ]


def test_a_missing_column_is_named(frame: pd.DataFrame, tmp_path: Path) -> None:
    """With the file, what is there, and what may have been meant."""
    write_table(frame, tmp_path / "x.parquet")

    with pytest.raises(
        InputError, match=r"x\.parquet: no column 'energy' \(did you mean 'energy_pj"
    ):
        read_table(tmp_path / "x.parquet", ["id", "energy"])


@pytest.mark.parametrize("read", [read_table, read_metadata])
def test_bad_files_are_one_sentence(read: object, frame: pd.DataFrame, tmp_path: Path) -> None:
    """Missing, empty, foreign or cut short: the file is named, and no traceback is shown."""
    assert callable(read)
    good = tmp_path / "good.parquet"
    write_table(frame, good)
    content = good.read_bytes()
    bad = tmp_path / "bad.parquet"

    for junk in (b"", b"PAR1", b"id,valid\n1,2\n", content[:-9], b"PAR1" * 9):
        bad.write_bytes(junk)
        with pytest.raises(InputError, match=r"bad\.parquet: not a Parquet file, or damaged$"):
            read(bad)
    with pytest.raises(InputError, match="No such file or directory"):
        read(tmp_path / "none.parquet")
    with pytest.raises(InputError, match="not a regular file"):
        read(tmp_path)


def test_damage_inside_is_one_sentence(tmp_path: Path) -> None:
    """Also where only the rows are damaged."""
    path = tmp_path / "x.parquet"
    write_table(pd.DataFrame({"a": np.random.default_rng(0).random(5000)}), path)
    content = bytearray(path.read_bytes())
    content[100:2000] = b"\xff" * 1900
    path.write_bytes(content)

    with pytest.raises(InputError, match="damaged"):
        read_table(path)
