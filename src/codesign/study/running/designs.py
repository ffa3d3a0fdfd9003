"""Files with the best designs of searches; without a design if nothing was feasible."""

from __future__ import annotations

from pathlib import Path

from codesign.store.atomic import write_text
from codesign.store.design import Design
from codesign.store.design_file import load_design, write_design


def write_best(design: Design | None, path: Path, nothing: str) -> None:
    """Writes a design, or, if it is None, a file with the comment `nothing`."""
    if design is None:
        write_text(path, f"# {nothing}\n")
    else:
        write_design(design, path)


def read_best(path: Path) -> Design | None:
    """Reads a file of `write_best`: the design, or None.

    Raises:
        InputError: the file is not a design.
    """
    if path.is_file() and path.read_text(encoding="utf-8").startswith("#"):
        return None
    return load_design(path)
