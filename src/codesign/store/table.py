"""Tables as Parquet: the same content has the same bytes, and a bad file is refused in one
sentence."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from codesign.errors import InputError
from codesign.reading import closest
from codesign.store.atomic import replacing

HASH = "content_hash"
"""The key, in the metadata of our tables, of a hash of rows, columns and all other metadata."""

MAX_BYTES = 4 * 2**30
"""Size limit of a table in memory: a small file can claim to unpack to any size."""


def write_table(
    frame: pd.DataFrame,
    path: Path,
    metadata: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
) -> None:
    """Writes a table, as a whole or not at all.

    Args:
        frame: the rows; its index is not written.
        path: the file.
        metadata: texts that the file has beside the rows, such as the origin of the rows.
        types: Arrow types of columns whose pandas type should not be used, such as `int64` for
            whole numbers with missing values, which pandas keeps as floats.

    Raises:
        InputError: the file cannot be written.
    """
    with table_writer(path, metadata, types) as writer:
        writer.append(frame)


@contextlib.contextmanager
def table_writer(
    path: Path,
    metadata: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
) -> Iterator[TableWriter]:
    """A table to be written in parts; the file appears if the block ends without an exception."""
    with replacing(path) as draft:
        writer = TableWriter(draft, dict(metadata or {}), dict(types or {}))
        try:
            yield writer
            if writer.is_empty:
                raise ValueError(f"{path}: no frame was appended, so the table has no columns")
        finally:
            writer.close()


class TableWriter:
    """Appends frames of the same columns to a Parquet file; use `table_writer`."""

    def __init__(self, path: Path, metadata: dict[str, str], types: dict[str, str]) -> None:
        self.metadata, self.types = metadata, types
        self._file = _HashedFile(path)
        self._writer: pq.ParquetWriter | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no frame was appended yet; a frame without rows counts as one."""
        return self._writer is None

    def append(self, frame: pd.DataFrame) -> None:
        """Adds the rows of `frame`; the first frame fixes the types of the columns."""
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if self._writer is None:
            # This fixes everything that could differ from run to run: there is no pandas index
            # and no pandas version, strings are plain, and metadata are in one order.
            schema = pa.schema(
                [(field.name, self._type(field)) for field in table.schema],
                metadata=dict(sorted(self.metadata.items())),
            )
            self._writer = pq.ParquetWriter(
                self._file,
                schema,
                version="2.6",
                compression="zstd",
                compression_level=3,
                write_page_checksum=True,
            )
        self._writer.write_table(table.cast(self._writer.schema, safe=False))

    def close(self) -> None:
        """Adds the hash and closes the file."""
        try:
            if self._writer is not None:
                schema = self._writer.schema
                digest = _content_hash(self._file.hash, schema, schema.metadata or {})
                self._writer.add_key_value_metadata({HASH: digest})
                self._writer.close()
                self._writer = None
        finally:
            self._file.close()

    def _type(self, field: pa.Field) -> pa.DataType:
        if field.name in self.types:
            return pa.type_for_alias(self.types[field.name])
        plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        # A column with only missing values has no type; such columns of ours are text.
        is_text = pa.types.is_large_string(plain) or pa.types.is_null(plain)
        return pa.string() if is_text else plain


def read_table(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The rows of a Parquet file, with all columns, or with `columns` in that order.

    Raises:
        InputError: the file is missing, damaged, too large, not Parquet, or lacks a column.
    """
    with _as_input_error(path):
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            _check_hash(path, file)
            known = file.schema_arrow.names
            for name in columns or ():
                if name not in known:
                    hint = closest(name, known)
                    shown = ", ".join(known[:40])
                    raise InputError(f"{path}: no column {name!r}{hint}; it has {shown}")
            _check_size(path, file)
            table = file.read(columns=None if columns is None else list(columns))
        # The metadata that pandas left in a file of another program can be anything.
        frame: pd.DataFrame = table.replace_schema_metadata(None).to_pandas()
    return frame if columns is None else frame[list(columns)]


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata that `write_table` was given.

    Raises:
        InputError: the file is missing, damaged or not Parquet.
    """
    with _as_input_error(path), pq.ParquetFile(path) as file:
        return _texts(file)


def read_own_metadata(path: Path) -> dict[str, str]:
    """The metadata of a table that `write_table` wrote and that was not changed afterwards.

    Raises:
        InputError: the table was not written by `write_table`, or is damaged.
    """
    with _as_input_error(path), pq.ParquetFile(path) as file:
        _require_own(path, file)
        _check_hash(path, file)
        return _texts(file)


def read_own(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The rows of a table that `write_table` wrote and that was not changed afterwards.

    Args:
        path: the file.
        columns: the columns to read, in that order; by default all.

    Raises:
        InputError: the table was not written by `write_table`, or cannot be read.
    """
    with _as_input_error(path), pq.ParquetFile(path) as file:
        _require_own(path, file)
    return read_table(path, columns)


def _require_own(path: Path, file: pq.ParquetFile) -> None:
    if HASH.encode() not in _metadata(file):
        raise InputError(f"{path}: not a table that codesign wrote")


def _texts(file: pq.ParquetFile) -> dict[str, str]:
    texts = {key.decode(): value.decode() for key, value in _metadata(file).items()}
    return {key: text for key, text in texts.items() if key not in ("pandas", HASH)}


class _HashedFile:
    """A new file that hashes what is written to it, with the methods that `pyarrow` needs."""

    def __init__(self, path: Path) -> None:
        self.hash = hashlib.blake2b(digest_size=16)
        self._file: BinaryIO = path.open("wb")

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    @property
    def closed(self) -> bool:
        return self._file.closed


def _metadata(file: pq.ParquetFile) -> dict[bytes, bytes]:
    """The metadata without Arrow's own entry, which is not for users."""
    found = file.metadata.metadata or {}
    return {key: value for key, value in found.items() if key != b"ARROW:schema"}


def _content_hash(data: hashlib.blake2b, schema: pa.Schema, metadata: Mapping[bytes, bytes]) -> str:
    """The hash of the pages (`data`) together with the schema and metadata of the footer."""
    total = data.copy()
    texts = sorted((key, value) for key, value in metadata.items() if key != HASH.encode())
    footer = [(field.name, str(field.type)) for field in schema], texts
    total.update(repr(footer).encode())
    return total.hexdigest()


def _check_hash(path: Path, file: pq.ParquetFile) -> None:
    """Compares the hash that a table has with its content; tables of others have no hash."""
    metadata = _metadata(file)
    claimed = metadata.get(HASH.encode())
    if claimed is None:
        return
    data = hashlib.blake2b(digest_size=16)
    with path.open("rb") as pages:
        size = pages.seek(-8, 2)
        rest = size - int.from_bytes(pages.read(4), "little")
        pages.seek(0)
        while rest > 0 and (block := pages.read(min(rest, 2**20))):
            data.update(block)
            rest -= len(block)
    if _content_hash(data, file.schema_arrow, metadata).encode() != claimed:
        raise InputError(f"{path}: damaged or edited: its content is not what its hash says")


def _check_size(path: Path, file: pq.ParquetFile) -> None:
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    # Any number of equal values in a row takes almost no space in the file.
    width = 8 * file.metadata.num_columns
    claimed = sum(max(group.total_byte_size, group.num_rows * width) for group in groups)
    if claimed > MAX_BYTES:
        raise InputError(f"{path}: larger than {MAX_BYTES >> 30} GiB when unpacked")


@contextlib.contextmanager
def _as_input_error(path: Path) -> Iterator[None]:
    try:
        if not path.is_file():
            path.stat()  # raises if nothing is there
            raise InputError(f"{path}: not a regular file")
        path.open("rb").close()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    try:
        yield
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError):
        raise InputError(f"{path}: not a Parquet file, or damaged") from None
