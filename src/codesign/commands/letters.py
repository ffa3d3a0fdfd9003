"""Output on terminals and in files that know few letters: what they lack is written otherwise."""

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
"""Letters that the commands print, and how they are written in ASCII."""

_HANDLER = "codesign-plain"


def plain(letter: str) -> str:
    """A letter in ASCII, as an escape where there is no other way."""
    return _PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode()


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(plain, error.object[error.start : error.end])), error.end


@contextlib.contextmanager
def writing_anything() -> Iterator[None]:
    """Standard output that never fails for a letter, whatever `PYTHONIOENCODING` says."""
    stream = sys.stdout
    # Whoever calls from Python may have put something else in its place.
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
