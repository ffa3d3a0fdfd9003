"""Which modules of this package a module reaches by imports, from their sources alone.

Modules are read, never imported. Kernels name their machine code by what they reach (`compiled`),
which every start of a command has to work out: so imports are found by a pattern, four times as
fast as parsing. Stages of the study name their results by it (`study.running.sources`), where the
methods in use matter and everything is parsed anyway.
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
    """The source file of a module of this package, or None where there is no such module."""
    path = SOURCE_FOLDER.joinpath(*name.split("."))
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if file.is_file():
            return file
    return None


def reached_sources(name: str) -> list[str]:
    """The sources of a module and of all that it imports, in the order of their names."""
    return [source(each) for each in reach([name], imports)]


@cache
def source(name: str) -> str:
    """The source of a module; nothing where there is no such module."""
    file = file_of(name)
    return "" if file is None else file.read_text(encoding="utf-8")


def imports(name: str) -> list[str]:
    """The modules of this package that a module imports."""
    return [word for word in _imported(source(name)) if source(word)]


@cache
def _imported(text: str) -> tuple[str, ...]:
    """What a source imports of this package: modules, and names that may be modules."""
    found: list[str] = []
    for home, names in _IMPORT.findall(text):
        found += [home, *(f"{home}.{word}" for word in re.findall(r"\w+", names))]
    return tuple(dict.fromkeys(found))
