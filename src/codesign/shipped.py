"""Networks, chips and energy tables by name, and the folders that have their files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from codesign.errors import InputError
from codesign.paths import kind_of
from codesign.reading import closest

KINDS = ("workloads", "hardware", "technology")
"""The kinds of files that have names: networks, chips, and energy tables."""

VARIABLE = "CODESIGN_CONFIG"
"""The environment variable that names a folder like `config`, with one subfolder per kind."""

SHIPPED = "shipped"

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


class Named(NamedTuple):
    """A file that commands find by its name.

    Args:
        name: its name in commands, in configs and in Python.
        path: the file.
        source: the place where it was found: `config`, `$CODESIGN_CONFIG` or `shipped`.
    """

    name: str
    path: Path
    source: str


def names(kind: str) -> list[Named]:
    """All names of a kind: from the working directory, `$CODESIGN_CONFIG`, and as shipped.

    A name that occurs in several places is listed once, with the file of the first place.

    Args:
        kind: one of `KINDS`.

    Raises:
        InputError: `CODESIGN_CONFIG` does not name a folder.
    """
    found: dict[str, Named] = {}
    for source, folder in _places():
        for path in sorted((folder / kind).glob("*.yaml"), key=lambda path: path.stem):
            if path.stem not in found and path.is_file():
                found[path.stem] = Named(path.stem, path, source)
    return list(found.values())


def find(kind: str, source: str | Path) -> Path:
    """The file that `source` stands for: a path to a YAML file, or one of `names(kind)`.

    Raises:
        InputError: there is no such name. The message lists the names and their places.
    """
    if Path(source).suffix in _SUFFIXES:
        return Path(source)
    known = {entry.name: entry for entry in names(kind)}
    if str(source) not in known:
        hint = closest(str(source), list(known))
        raise InputError(
            f"{kind}: no {str(source)!r}{hint}; expected a YAML file or one of: {_told(known)}"
        )
    return known[str(source)].path


def _places() -> list[tuple[str, Path]]:
    """The folders to look in, in order, each with its name for messages."""
    places = [("config", Path("config"))]
    override = os.environ.get(VARIABLE)
    if override:
        if kind_of(Path(override)) != "folder":
            raise InputError(f"{VARIABLE} is {override!r}, expected a folder")
        places.append((f"${VARIABLE}", Path(override)))
    return [*places, (SHIPPED, _shipped())]


def _shipped() -> Path:
    """The shipped `config`: inside the package if it is installed, else that of the checkout."""
    installed = Path(__file__).with_name("config")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "config"


def _told(known: dict[str, Named]) -> str:
    """The names for a message, grouped by place."""
    places: dict[str, list[str]] = {}
    for entry in known.values():
        places.setdefault(entry.source, []).append(entry.name)
    return "; ".join(f"{', '.join(found)} ({place})" for place, found in places.items()) or "none"
