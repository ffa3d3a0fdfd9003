"""Checks that a schema cannot make: that the files, methods and models in a config exist."""

from __future__ import annotations

from collections.abc import Iterable

from codesign.errors import InputError
from codesign.hardware.files import Chip
from codesign.reading import closest, shown
from codesign.shipped import find
from codesign.study.spaces import DRAM


def check_file(kind: str, source: str, where: str) -> None:
    """Checks that `source` is the name of a file of a kind (`hardware`, …), or an existing file.

    Raises:
        InputError: it is not. The message begins with `where`, the field.
    """
    try:
        path = find(kind, source)
    except InputError as error:
        reason = str(error).removeprefix(f"{kind}: ")
        raise InputError(f"{where}: {reason}") from None
    if not path.is_file():
        raise InputError(f"{where} is {source!r}, expected a file that exists")


def check_method(name: str, where: str, known: Iterable[str] | None = None) -> None:
    """Checks that a method is in `known`; by default, that it searches by trials.

    Raises:
        InputError: it is not. The message begins with `where`, the field.
    """
    # Imported here: the registry runs plugins, and their errors need to be caught by the caller.
    from codesign.search.registry import searchers

    _check_known(name, sorted(searchers() if known is None else known), where)


def check_model(name: str, models: Iterable[str], where: str) -> None:
    """Checks that a model, network or map-space is one of those of the config.

    Raises:
        InputError: it is not. The message begins with `where`, the field.
    """
    _check_known(name, list(models), where)


def check_dram(chip: Chip, where: str) -> None:
    """Checks that a chip has a level called `DRAM`, whose bandwidth can be limited.

    Raises:
        InputError: it has none. The message begins with `where`, the field.
    """
    if not any(level["name"] == DRAM for level in chip.template.storage):
        raise InputError(f"{where}: {chip.hardware.name} has no level {DRAM!r}")


def _check_known(name: str, known: list[str], where: str) -> None:
    if name not in known:
        wanted = f"one of {', '.join(known)}{closest(name, known)}"
        raise InputError(f"{where} is {shown(name)}, expected {wanted}")
