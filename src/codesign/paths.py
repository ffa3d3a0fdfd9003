"""What is at a path that a user has given, whatever letters it has and however long it is."""

from __future__ import annotations

import stat
from pathlib import Path


def kind_of(path: Path) -> str | None:
    """What is at a path: "file", "folder", "other", or None if nothing is.

    It is None also for names that no file can have, for which the functions of `Path` raise.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"
