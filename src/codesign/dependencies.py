"""Which modules of this package a module reaches by imports, found in their sources.

Modules are read, never imported. Compiled kernels are stored under a hash of the sources that
they reach (`compiled`). Every start of a command computes it, so imports are found by a pattern,
which is four times as fast as parsing. Stages of the study use `reach` as well
(`study.running.sources`). There the methods in use matter, and everything is parsed anyway.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

PACKAGE = "codesign"
SOURCE_FOLDER = Path(__file__).parents[1]

_IMPORT = re.compile(
    rf"^\s*(?:from|import) ({PACKAGE}\.[\w.]+)(?: import ([^\n(]+|\([^)]*\)))?", re.M
)


def reach(names: Iterable[str], mentions: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """`names` and all modules that they mention, directly or through others, sorted."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += mentions(name)
    return tuple(sorted(found))


def file_of(name: str) -> Path | None:
    """The source file of a module of this package, or None if there is no such module."""
    path = SOURCE_FOLDER.joinpath(*name.split("."))
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if file.is_file():
            return file
    return None


def reached_sources(name: str) -> list[str]:
    """The sources of a module and of all modules that it reaches, in the order of their names."""
    return [source(each) for each in reach([name], imports)]


@cache
def source(name: str) -> str:
    """The source of a module; the empty string if there is no such module."""
    file = file_of(name)
    return "" if file is None else file.read_text(encoding="utf-8")


def imports(name: str) -> list[str]:
    """The modules of this package that a module imports."""
    return [word for word in _imported(source(name)) if source(word)]


@cache
def _imported(text: str) -> tuple[str, ...]:
    """What a source imports from this package: modules, and names that may be modules."""
    found: list[str] = []
    for home, names in _IMPORT.findall(text):
        found += [home, *(f"{home}.{word}" for word in re.findall(r"\w+", names))]
    return tuple(dict.fromkeys(found))
