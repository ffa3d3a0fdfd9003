"""What optional dependencies are for, and how one is told which of them is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from codesign.errors import InputError

_CALLED = {"torch": "PyTorch"}
"""Packages that are known by another name than the one they are imported by."""


@contextmanager
def needs(extra: str, what: str) -> Iterator[None]:
    """Around the imports of a feature that the core installs without.

    Args:
        extra: the optional dependencies that the feature needs, as pyproject.toml calls them.
        what: the feature, as a message begins with it: "method 'hyperopt'".

    Raises:
        InputError: a package is missing; the message has the command that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "codesign"):
            raise
        raise InputError(
            f"{what} needs {_CALLED.get(missing, missing)}, which is not installed: "
            f"pip install 'codesign[{extra}]'"
        ) from None
