"""Optional dependencies: a clear error if a package is missing that a feature needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from codesign.errors import InputError

_CALLED = {"torch": "PyTorch"}
"""Usual names of packages, by the names that they are imported by."""


@contextmanager
def needs(extra: str, what: str) -> Iterator[None]:
    """A context for the imports of a feature whose packages the core does not install.

    Args:
        extra: the group of optional dependencies that the feature needs, by its name in
            pyproject.toml.
        what: the feature, as the beginning of the message: "method 'hyperopt'".

    Raises:
        InputError: a package is missing. The message has the command that installs it.
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
