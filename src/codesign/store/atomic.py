"""Files that appear whole or not at all: written beside their place, then moved into it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from codesign.errors import InputError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file to write, which takes the place of `path` when the block ends well.

    It lies in the same folder, so that the move is one step even if the machine stops; when the
    block fails, it is removed and whatever was at `path` is still there.

    Raises:
        InputError: the folder is missing or read-only, the disk is full, or `path` is something
            other than a file, or not a path at all.
    """
    _require_name(path)
    with as_input_error(path):
        # A link stays a link, to the new content.
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            kind = "a folder" if target.is_dir() else "not a regular file"
            raise InputError(f"{path}: cannot be written: it is {kind}")
        draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            yield draft
            _flush(draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        _flush(target.parent)


@contextlib.contextmanager
def output_folder(path: Path) -> Iterator[Path]:
    """The folder `path`, made where it is missing; removed again when the block fails, if empty.

    Raises:
        InputError: it cannot be made or written to.
    """
    _require_name(path)
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        with as_input_error(path):
            path.mkdir(parents=True, exist_ok=True)
            if not os.access(path, os.W_OK | os.X_OK):
                raise InputError(f"{path}: cannot be written: Permission denied")
        yield path
    except BaseException:
        for folder in missing:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def _require_name(path: Path) -> None:
    if "\0" in str(path):
        raise InputError(f"{str(path)!r}: cannot be written: a NUL, which no name of a file has")


def write_text(path: Path, text: str) -> None:
    """Writes a text file, whole or not at all; see `replacing`."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Writes a JSON file, whole or not at all; what is not a number (NaN) becomes null."""
    finite = {key: None if value != value else value for key, value in content.items()}
    write_text(path, json.dumps(finite, indent=2, allow_nan=False) + "\n")


@contextlib.contextmanager
def as_input_error(path: Path, done: str = "written") -> Iterator[None]:
    """Tells what the operating system refuses in one sentence that names the file."""
    try:
        yield
    except OSError as error:
        # Some libraries put their own words in place of the system's.
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(f"{path}: cannot be {done}: {reason}") from None


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_distinct(paths: Sequence[Path | None]) -> None:
    """Refuses two names of one file, among inputs and outputs: one would overwrite the other."""
    given = [os.path.realpath(path) for path in paths if path is not None]
    for path in given:
        if given.count(path) > 1:
            raise InputError(f"{path}: named twice, expected different files")
