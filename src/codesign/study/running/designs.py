"""The best designs of searches as files, of which some may be empty: nothing was feasible."""

from __future__ import annotations

from pathlib import Path

from codesign.store.atomic import write_text
from codesign.store.design import Design
from codesign.store.design_file import load_design, write_design


def write_best(design: Design | None, path: Path, nothing: str) -> None:
    """Writes a design; where there is none, a comment that says `nothing` was found."""
    if design is None:
        write_text(path, f"# {nothing}\n")
    else:
        write_design(design, path)


def read_best(path: Path) -> Design | None:
    """What `write_best` wrote; `InputError` when the file is no design."""
    if path.is_file() and path.read_text(encoding="utf-8").startswith("#"):
        return None
    return load_design(path)
