"""A journal: the finished parts of a long run, kept beside its output until that is written.

A process that is killed leaves the journal behind, and the next process takes finished parts from
it. Entries are lines, each appended in one step. Each has a checksum whose key depends on the code
that wrote it, so that lines that are cut short, damaged, or written by other code are ignored.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import importlib.metadata
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from codesign.store.atomic import as_input_error
from codesign.store.provenance import code_version

FORMAT = 1
MAX_LINE_BYTES = 64 * 2**20
"""A longer line is not an entry: the largest mapping searches take a few MB."""

_LIBRARIES = ("hyperopt", "numba", "numpy", "scipy")
_CHECKSUM_BYTES = 16


def journal_path(output: Path) -> Path:
    """The journal of the run that writes `output`."""
    return output.with_name(f".{output.name}.journal")


def identity() -> str:
    """What the result of a search depends on beside its arguments: code, libraries, Python."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return "\n".join([f"journal {FORMAT}", code_version(), python, platform.machine(), *versions])


class Journal:
    """Contents by key, on disk; the last entry of a key is used.

    Several processes may append to one journal, for example if a job outlives its scheduler and is
    started again. The entries of both are complete, and entries with equal keys are equal.

    Args:
        path: the file, which is created with the first entry.
        identity: what else the entries depend on; entries written with another one are ignored.

    Raises:
        InputError: `path` cannot be read.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self.path = path
        self._secret = hashlib.blake2b(identity.encode(), digest_size=32).digest()
        self._places: dict[str, int] = {}
        self._read: BinaryIO | None = None
        self._append: int | None = None
        with as_input_error(path, "read"):
            if path.exists():
                self._read = path.open("rb")
                self._places = {key: place for place, key, _ in self._entries()}

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, key: str) -> bytes:
        """The content of `key`; `KeyError` if the journal does not have it."""
        place = self._places[key]
        if self._read is None:
            self._read = self.path.open("rb")
        self._read.seek(place)
        entry = self._entry(self._read.readline(MAX_LINE_BYTES))
        if entry is None:
            raise KeyError(key)
        return entry[1]

    def __setitem__(self, key: str, content: bytes) -> None:
        """Appends an entry.

        Raises:
            InputError: the disk is full, or the folder is missing or read-only.
        """
        text = key.encode() + b" " + base64.b64encode(content)
        with as_input_error(self.path):
            if self._append is None:
                flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                self._append = os.open(self.path, flags, 0o666)
            # The line before may have been cut short; an empty line is ignored.
            line = b"\n" + self._checksum(text) + b" " + text + b"\n"
            if os.write(self._append, line) != len(line):
                # The part that was written is ignored. Writing again raises the system's error.
                os.write(self._append, line)
            self._places[key] = os.lseek(self._append, 0, os.SEEK_CUR) - len(line) + 1

    def close(self) -> None:
        """Closes the file and keeps it."""
        if self._read is not None:
            self._read.close()
            self._read = None
        if self._append is not None:
            os.close(self._append)
            self._append = None

    def remove(self) -> None:
        """Closes and removes the file, once the output is written."""
        self.close()
        with contextlib.suppress(OSError):
            self.path.unlink()

    def _entries(self) -> Iterator[tuple[int, str, bytes]]:
        assert self._read is not None
        place = 0
        while line := self._read.readline(MAX_LINE_BYTES):
            entry = self._entry(line)
            if entry is not None:
                yield place, *entry
            place += len(line)

    def _entry(self, line: bytes) -> tuple[str, bytes] | None:
        """Key and content of a line, or None if its checksum is wrong."""
        checksum, _, text = line.rstrip(b"\n").partition(b" ")
        if not line.endswith(b"\n") or not hmac.compare_digest(checksum, self._checksum(text)):
            return None
        key, _, content = text.partition(b" ")
        try:
            return key.decode(), base64.b64decode(content, validate=True)
        except (UnicodeDecodeError, binascii.Error):
            return None

    def _checksum(self, text: bytes) -> bytes:
        digest = hashlib.blake2b(text, digest_size=_CHECKSUM_BYTES, key=self._secret)
        return digest.hexdigest().encode()
