"""Short hashes of what results depend on: the configuration, the code and the energy table."""

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
"""The packages that results depend on; they do not depend on figures and commands."""

STAGE = "stage"
"""The key of the stage that wrote a table, in the metadata of the study's tables."""


def digest(content: object) -> str:
    """A hash, of 12 hex digits, of names, numbers, and lists and mappings of them."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@functools.cache
def code_version() -> str:
    """The version of the package, and a hash of the sources that results depend on."""
    modules = (path for folder in _MODEL for path in sorted((_PACKAGE / folder).rglob("*.py")))
    return f"{__version__}+{source_hash(modules)}"


def source_hash(modules: Iterable[Path]) -> str:
    """A hash, of 12 hex digits, of files of this package and their names, in the order given."""
    total = hashlib.sha256()
    for module in modules:
        total.update(module.relative_to(_PACKAGE).as_posix().encode())
        total.update(module.read_bytes())
    return total.hexdigest()[:12]


def run_metadata(
    config: Mapping[str, object], technology: Technology, accounting: str
) -> dict[str, str]:
    """The metadata of a result table; it does not depend on time or machine."""
    return {
        "config": json.dumps(config, sort_keys=True),
        "config_hash": digest(config),
        "code_version": code_version(),
        "technology": technology.name,
        "technology_hash": technology.digest,
        "area_hash": technology.area_digest,
        "accounting": accounting,
    }
