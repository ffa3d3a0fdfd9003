"""A journal: what a long run has finished, kept beside its output until that is written.

A process that is killed leaves the journal behind; the next one takes from it what it can use.
Entries are lines, appended whole. Each carries a checksum that is keyed with what wrote it, so that
a line which is cut short, damaged, or of other code than ours does not count.
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
"""A longer line is none of ours: the largest mapping searches take a few MB."""

_LIBRARIES = ("hyperopt", "numba", "numpy", "scipy")
_CHECKSUM_BYTES = 16


def journal_path(output: Path) -> Path:
    """The journal of the run that writes `output`."""
    return output.with_name(f".{output.name}.journal")


def identity() -> str:
    """What the outcome of a search depends on beside its arguments: code, libraries, Python."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return "\n".join([f"journal {FORMAT}", code_version(), python, platform.machine(), *versions])


class Journal:
    """Contents by key, on disk; the last entry of a key counts.

    Several processes may append to one journal, as when a scheduler died and its job did not: the
    entries of both are whole, and equal where their keys are.

    Args:
        path: the file, which comes into being with the first entry.
        identity: what else the entries depend on; those that another one wrote do not count.

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
        """The content of `key`; `KeyError` where the journal has none."""
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
            # The line before may have been cut short; an empty line does no harm.
            line = b"\n" + self._checksum(text) + b" " + text + b"\n"
            if os.write(self._append, line) != len(line):
                # What is written of it does not count. Trying again tells the system's reason.
                os.write(self._append, line)
            self._places[key] = os.lseek(self._append, 0, os.SEEK_CUR) - len(line) + 1

    def close(self) -> None:
        """Ends the use of the file, which stays."""
        if self._read is not None:
            self._read.close()
            self._read = None
        if self._append is not None:
            os.close(self._append)
            self._append = None

    def remove(self) -> None:
        """Ends the use of the file and removes it: the output is written."""
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
        """Key and content of a line that is whole and ours."""
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
