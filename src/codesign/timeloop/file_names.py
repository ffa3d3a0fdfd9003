"""Names of files and folders for layers and for what is read, as far as file systems allow."""

from __future__ import annotations

import re

LONGEST = 80
_SPECIAL = re.compile(r"[^\w.+-]+")


def plain(label: str) -> str:
    """A label with `_` in place of letters that not all file systems have."""
    return _SPECIAL.sub("_", label)


def distinct(names: list[str]) -> list[str]:
    """The names, of which a repeated one gets a number: `a`, `a~2`."""
    found: list[str] = []
    for name in names:
        twins = sum(other == name or other.startswith(f"{name}~") for other in found)
        found.append(f"{name}~{twins + 1}" if twins else name)
    return found
