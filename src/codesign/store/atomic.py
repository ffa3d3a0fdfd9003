"""Files that appear whole or not at all: each is written beside its target, then moved there."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from codesign.errors import InputError
from codesign.paths import kind_of


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file to write, which replaces `path` if the block ends without an exception.

    It is in the same folder, so that the move is one step even if the machine stops. If the block
    fails, the new file is removed, and `path` is as it was.

    Raises:
        InputError: the folder is missing or read-only, the disk is full, or `path` is something
            other than a file, or not a path at all.
    """
    _require_name(path)
    with as_input_error(path):
        # If `path` is a link, it remains one, and its target gets the new content.
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
def replacing_together(folder: Path) -> Iterator[Path]:
    """A folder for new files, which replace those of the same names in `folder`, all or none.

    They are in the same file system, so that no move needs room. If the block fails, they are
    removed, and `folder` is as it was.

    Raises:
        InputError: the folder is missing or read-only, the disk is full, or something other than a
            file has the name of a new one.
    """
    with as_input_error(folder):
        drafts = folder / f".{secrets.token_hex(4)}.tmp"
        drafts.mkdir()
        try:
            yield drafts
            # Links remain links: they are written first, since that takes room.
            for draft in sorted(drafts.iterdir(), key=lambda d: not (folder / d.name).is_symlink()):
                target = folder / draft.name
                if target.is_symlink() or (target.exists() and not target.is_file()):
                    with replacing(target) as copy:
                        shutil.copyfile(draft, copy)
                else:
                    draft.replace(target)
        except InputError as error:
            raise InputError(str(error).replace(str(drafts), str(folder))) from None
        finally:
            shutil.rmtree(drafts, ignore_errors=True)
        _flush(folder)


@contextlib.contextmanager
def output_folder(path: Path) -> Iterator[Path]:
    """The folder `path`, created if it is missing.

    If the block fails, folders that were created here are removed again, as far as they are empty.

    Raises:
        InputError: the folder cannot be created or written to.
    """
    _require_name(path)
    missing = [folder for folder in (path, *path.parents) if kind_of(folder) is None]
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
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        raise InputError(f"{str(path)!r}: cannot be written: letters that no name has") from None


def write_text(path: Path, text: str) -> None:
    """Writes a text file, as a whole or not at all; see `replacing`."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Writes a JSON file, as a whole or not at all; NaN at the top level becomes null."""
    finite = {key: None if value != value else value for key, value in content.items()}
    write_text(path, json.dumps(finite, indent=2, allow_nan=False) + "\n")


@contextlib.contextmanager
def as_input_error(path: Path, done: str = "written") -> Iterator[None]:
    """Turns an `OSError` of the block into an `InputError` of one sentence that names the file."""
    try:
        yield
    except OSError as error:
        # Some libraries replace the system's message by their own.
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(f"{path}: cannot be {done}: {reason}") from None


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_distinct(paths: Sequence[Path | None]) -> None:
    """Refuses a file that is named twice among inputs and outputs, since it would be overwritten.

    Raises:
        InputError: two of the paths are the same file.
    """
    given = [os.path.realpath(path) for path in paths if path is not None]
    for path in given:
        if given.count(path) > 1:
            raise InputError(f"{path}: named twice, expected different files")
