"""Output to terminals and files with few letters: missing letters are written in ASCII."""

from __future__ import annotations

import codecs
import contextlib
import io
import sys
from collections.abc import Iterator

_PLAIN = {
    "²": "^2", "³": "^3", "·": "*", "×": "x", "÷": "/", "→": "->", "–": "-", "…": "...",
    "≤": "<=", "≥": ">=", "∞": "inf", "Σ": "sum", "µ": "u", "√": "sqrt",
    "│": "|", "└": "`", "├": "|", "─": "-",
}  # fmt: skip
"""Letters that the commands print, with their forms in ASCII."""

_HANDLER = "codesign-plain"


def plain(letter: str) -> str:
    """A letter in ASCII; an escape sequence if there is no other form."""
    return _PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode()


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(plain, error.object[error.start : error.end])), error.end


@contextlib.contextmanager
def writing_anything() -> Iterator[None]:
    """A context in which stdout accepts all letters, for every value of `PYTHONIOENCODING`."""
    stream = sys.stdout
    # A caller from Python may have replaced stdout.
    if not isinstance(stream, io.TextIOWrapper) or stream.errors != "strict":
        yield
        return
    codecs.register_error(_HANDLER, _replace)
    stream.reconfigure(errors=_HANDLER)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            stream.reconfigure(errors="strict")
