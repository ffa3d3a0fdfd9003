"""Where results come from: the configuration, the code and the energy table, as short hashes."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from codesign import __version__
from codesign.hardware.technology import Technology

_PACKAGE = Path(__file__).parents[1]

_MODEL = ("workload", "hardware", "mapping", "cost", "space", "search")
"""The packages that results depend on; figures and commands are none of them."""

STAGE = "stage"
"""Key in the metadata of a study's table: the stage that wrote it."""


def digest(content: object) -> str:
    """A hash of what a run was asked for: names, numbers, lists and mappings of them."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@functools.cache
def code_version() -> str:
    """The version of the package, and a hash of the sources that decide on results."""
    modules = (path for folder in _MODEL for path in sorted((_PACKAGE / folder).rglob("*.py")))
    return f"{__version__}+{source_hash(modules)}"


def source_hash(modules: Iterable[Path]) -> str:
    """A hash of files of this package and of their names, in the order given."""
    total = hashlib.sha256()
    for module in modules:
        total.update(module.relative_to(_PACKAGE).as_posix().encode())
        total.update(module.read_bytes())
    return total.hexdigest()[:12]


def run_metadata(
    config: Mapping[str, object], technology: Technology, accounting: str
) -> dict[str, str]:
    """The metadata of a result table; nothing in it depends on when or where it was made."""
    return {
        "config": json.dumps(config, sort_keys=True),
        "config_hash": digest(config),
        "code_version": code_version(),
        "technology": technology.name,
        "technology_hash": technology.digest,
        "area_hash": technology.area_digest,
        "accounting": accounting,
    }
