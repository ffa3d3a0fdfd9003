"""Reading user files: YAML and JSON in, checked values out, one clear sentence on bad input."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from codesign.errors import InputError
from codesign.yaml_loader import parse_yaml

MAX_FILE_BYTES = 4 * 2**20
MAX_INTEGER = 2**31 - 1
MAX_NUMBER = 1e15
MAX_TEXT = 4096
MAX_ITEMS = 4096
"""Bounds on the content of a file: far beyond any accelerator, and far from overflow."""


def shown(value: object) -> str:
    """`value` for an error message: its repr, shortened to at most 60 characters."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        # Python refuses to write whole numbers of thousands of digits.
        text = "something very long"
    return text if len(text) <= 60 else text[:57] + "..."


def closest(word: object, choices: list[str]) -> str:
    """A " (did you mean …?)" ending for an unknown `word`, or nothing when none is near.

    Upper and lower case, `-` and `_` make no difference.
    """
    plain = {_plain(choice): choice for choice in choices}
    near = difflib.get_close_matches(_plain(str(word)[:80]), plain, n=1)
    return f" (did you mean {plain[near[0]]!r}?)" if near else ""


def _plain(word: str) -> str:
    return word.casefold().replace("_", "-")


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a user's file.

    Devices and pipes are refused: they have no end, or one that never comes.

    Args:
        path: the file.
        most: bytes that it may have.

    Raises:
        InputError: the file is missing, unreadable, too large, or no regular file.
    """
    if "\0" in str(path):
        raise InputError(f"{shown(str(path))}: a name with a NUL, which no file has")
    try:
        # A pipe that nobody writes into would otherwise be waited for.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            mode = os.fstat(number).st_mode
            if stat.S_ISDIR(mode):
                raise InputError(f"{path}: Is a directory")
            if not stat.S_ISREG(mode):
                raise InputError(f"{path}: not a regular file")
            # What is read counts, not what the file system says of it.
            content = file.read(most + 1)
    except UnicodeEncodeError:
        raise InputError(f"{shown(str(path))}: letters that no name of a file has") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    if len(content) > most:
        raise InputError(f"{path}: larger than {_size(most)}")
    return content


def _size(number: int) -> str:
    return f"{number >> 30} GiB" if number >= 2**30 else f"{number >> 20} MiB"


def read_text(path: Path) -> str:
    """The text of a user's file.

    Raises:
        InputError: the file is missing, unreadable, too large, no regular file, or not UTF-8.
    """
    content = read_bytes(path, MAX_FILE_BYTES)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text{_kind(content)}") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


_KINDS = {
    b"PAR1": "a Parquet table",
    b"\x1f\x8b": "packed by gzip",
    b"PK\x03\x04": "a ZIP archive",
    b"\x89PNG": "a PNG picture",
    b"%PDF": "a PDF",
}
"""What files are that are taken for text by mistake, by their first bytes."""


def _kind(content: bytes) -> str:
    """A ", but …" ending that says what a file is instead of text; nothing for unknown kinds."""
    found = [kind for letters, kind in _KINDS.items() if content.startswith(letters)]
    return f", but {found[0]}" if found else ""


def read_yaml(path: Path) -> Fields:
    """The top-level mapping of a YAML (or JSON) file, as `Fields`.

    Raises:
        InputError: the file cannot be read, is not YAML, or its top level is not a mapping.
    """
    return Fields(parse_yaml(read_text(path), str(path)), str(path))


class Fields:
    """A mapping from a user's file, read field by field; `done` refuses fields that nobody read.

    Args:
        data: what the parser returned.
        where: the place in the file, with which every error message begins.

    Raises:
        InputError: `data` is not a mapping with text keys.
    """

    REQUIRED: Any = object()
    """The default of a field that must be there."""

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
            raise InputError(f"{where}: expected a mapping of names to values, got {shown(data)}")
        self.data: dict[str, Any] = data
        self.where = where
        self._asked: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self.data

    def refuse(self, name: str, expected: str) -> InputError:
        """The error for field `name`: its value, and what was expected."""
        return InputError(
            f"{self.where}: {name} is {shown(self.data.get(name))}, expected {expected}"
        )

    def raw(self, name: str, default: Any = REQUIRED) -> Any:
        """The value of `name` as parsed, or `default`; `InputError` if there is neither."""
        self._asked.add(name)
        if name in self.data and self.data[name] is not None:
            return self.data[name]
        if default is self.REQUIRED:
            raise InputError(f"{self.where}: the field {name!r} is missing")
        return default

    def integer(
        self, name: str, default: Any = REQUIRED, minimum: int = 1, maximum: int = MAX_INTEGER
    ) -> Any:
        """A whole number between `minimum` and `maximum`."""
        value = self.raw(name, default)
        if value is default:
            return value
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            raise self.refuse(name, f"a whole number from {minimum} to {maximum}")
        return value

    def number(
        self,
        name: str,
        default: Any = REQUIRED,
        minimum: float = 0.0,
        maximum: float = MAX_NUMBER,
    ) -> Any:
        """A number between `minimum` and `maximum`, as a float."""
        value = self.raw(name, default)
        if value is default:
            return value
        # The value is compared before it is converted: an integer of 400 digits does not fit a
        # float. NaN fails the comparison too.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not minimum <= value <= maximum:
            raise self.refuse(name, f"a number from {minimum:g} to {maximum:g}")
        return float(value)

    def text(self, name: str, default: Any = REQUIRED, choices: list[str] | None = None) -> Any:
        """A non-empty string, and one of `choices` if they are given."""
        value = self.raw(name, default)
        if value is default:
            return value
        if choices is not None and value not in choices:
            hint = closest(value, choices)
            raise self.refuse(name, f"one of {', '.join(choices)}{hint}")
        if not isinstance(value, str) or not value or len(value) > MAX_TEXT:
            raise self.refuse(name, "a short non-empty text")
        if not all(letter.isprintable() or letter in "\n\t" for letter in value):
            raise self.refuse(name, "a text without control characters")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """A truth value, `true` or `false`."""
        value = self.raw(name, default)
        if not isinstance(value, bool):
            raise self.refuse(name, "true or false")
        return value

    def sequence(self, name: str, default: Any = REQUIRED, most: int = MAX_ITEMS) -> Any:
        """A list of at most `most` entries."""
        value = self.raw(name, default)
        if value is not default and not isinstance(value, list):
            raise self.refuse(name, "a list")
        if value is not default and len(value) > most:
            raise InputError(
                f"{self.where}: {name} has {len(value)} entries, expected at most {most}"
            )
        return value

    def fields(self, name: str) -> Fields:
        """The nested mapping `name` as `Fields`."""
        return Fields(self.raw(name), f"{self.where}: {name}")

    def each(self, name: str) -> Iterator[Fields]:
        """The mappings in the list `name`, in order, as `Fields`."""
        for index, item in enumerate(self.sequence(name)):
            yield Fields(item, f"{self.where}: {name}[{index}]")

    def done(self) -> None:
        """Refuses fields that nobody read, so that a misspelt name is not taken as left out."""
        for name in self.data:
            if name not in self._asked:
                hint = closest(name, sorted(self._asked))
                known = ", ".join(sorted(self._asked))
                message = f"{self.where}: unknown field {shown(name)}{hint}; known are {known}"
                raise InputError(message)
