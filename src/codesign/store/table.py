"""Tables as Parquet: the same bytes for the same content, and one sentence for a bad file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from codesign.errors import InputError
from codesign.reading import closest
from codesign.store.atomic import replacing


def write_table(
    frame: pd.DataFrame,
    path: Path,
    metadata: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
) -> None:
    """Writes a table, whole or not at all.

    Args:
        frame: the rows; its index is not written.
        path: the file.
        metadata: what stands in the file beside the rows, such as where they come from.
        types: Arrow types of columns that should not simply follow pandas', as `int64` for whole
            numbers with gaps, which pandas keeps as floats.

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
    """A table to be written in parts; the file appears when the block ends well."""
    with replacing(path) as draft:
        writer = TableWriter(draft, dict(metadata or {}), dict(types or {}))
        try:
            yield writer
            if writer.is_empty:
                raise ValueError(f"{path}: no frame was appended, hence it has no columns")
        finally:
            writer.close()


class TableWriter:
    """Appends frames of the same columns to a Parquet file; use `table_writer`."""

    def __init__(self, path: Path, metadata: dict[str, str], types: dict[str, str]) -> None:
        self.path, self.metadata, self.types = path, metadata, types
        self._writer: pq.ParquetWriter | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was appended yet, not even a frame without rows."""
        return self._writer is None

    def append(self, frame: pd.DataFrame) -> None:
        """Adds the rows of `frame`; the first frame fixes the types of the columns."""
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if self._writer is None:
            # Everything that could differ from run to run is said here: no pandas index, no
            # pandas version, plain strings, metadata in one order.
            schema = pa.schema(
                [(field.name, self._type(field)) for field in table.schema],
                metadata=dict(sorted(self.metadata.items())),
            )
            self._writer = pq.ParquetWriter(
                self.path,
                schema,
                version="2.6",
                compression="zstd",
                compression_level=3,
                write_page_checksum=True,
            )
        self._writer.write_table(table.cast(self._writer.schema, safe=False))

    def close(self) -> None:
        """Ends the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _type(self, field: pa.Field) -> pa.DataType:
        if field.name in self.types:
            return pa.type_for_alias(self.types[field.name])
        plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        # A column of nothing but gaps has no type of its own; ours are all text.
        is_text = pa.types.is_large_string(plain) or pa.types.is_null(plain)
        return pa.string() if is_text else plain


def read_table(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The rows of a Parquet file, all columns or those named, in that order.

    Raises:
        InputError: the file is missing, damaged or no Parquet, or lacks a column.
    """
    with _told_in_one_sentence(path):
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            known = file.schema_arrow.names
            for name in columns or ():
                if name not in known:
                    hint = closest(name, known)
                    raise InputError(f"{path}: no column {name!r}{hint}; it has {', '.join(known)}")
            table = file.read(columns=None if columns is None else list(columns))
        frame: pd.DataFrame = table.to_pandas()
    return frame if columns is None else frame[list(columns)]


def read_metadata(path: Path) -> dict[str, str]:
    """What `write_table` was given as metadata."""
    with _told_in_one_sentence(path), pq.ParquetFile(path) as file:
        found = file.schema_arrow.metadata or {}
    return {key.decode(): value.decode() for key, value in found.items() if key != b"pandas"}


@contextlib.contextmanager
def _told_in_one_sentence(path: Path) -> Iterator[None]:
    try:
        if not path.is_file():
            path.stat()  # raises where there is nothing
            raise InputError(f"{path}: not a regular file")
        path.open("rb").close()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    try:
        yield
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        raise InputError(f"{path}: not a Parquet file, or damaged") from None
