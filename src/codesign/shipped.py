"""Networks, chips and energy tables by name, and where their files are looked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from codesign.errors import InputError
from codesign.reading import closest

KINDS = ("workloads", "hardware", "technology")
"""The kinds of files that have names: networks, chips and their spaces, energy tables."""

VARIABLE = "CODESIGN_CONFIG"
"""The environment variable that names a folder like `config`, with a folder per kind."""

SHIPPED = "shipped"

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


class Named(NamedTuple):
    """A file that has a name.

    Args:
        name: what commands, configs and Python call it.
        path: the file.
        source: the place where it was found: `config`, `$CODESIGN_CONFIG` or `shipped`.
    """

    name: str
    path: Path
    source: str


def names(kind: str) -> list[Named]:
    """All names of a kind: the working directory's, then `$CODESIGN_CONFIG`'s, then the shipped.

    A name that stands in several places is listed once, with the file of the first place.

    Args:
        kind: one of `KINDS`.

    Raises:
        InputError: `CODESIGN_CONFIG` names no folder.
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
        InputError: there is no such name; the message lists the names and where they are.
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
    """The folders that are searched, in order, each with what it is called."""
    places = [("config", Path("config"))]
    override = os.environ.get(VARIABLE)
    if override:
        if not Path(override).is_dir():
            raise InputError(f"{VARIABLE} is {override!r}, expected a folder")
        places.append((f"${VARIABLE}", Path(override)))
    return [*places, (SHIPPED, _shipped())]


def _shipped() -> Path:
    """`config` as an installation has it, inside the package, or else the checkout's."""
    installed = Path(__file__).with_name("config")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "config"


def _told(known: dict[str, Named]) -> str:
    """The names, place by place."""
    places: dict[str, list[str]] = {}
    for entry in known.values():
        places.setdefault(entry.source, []).append(entry.name)
    return "; ".join(f"{', '.join(found)} ({place})" for place, found in places.items()) or "none"
