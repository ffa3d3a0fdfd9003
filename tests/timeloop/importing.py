"""Imports of files that are one thing, and files as a user has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codesign.timeloop import import_files
from codesign.timeloop.matching import Content


def imported(paths: list[Path], name: str) -> Content:
    """What the files are; it is one thing, and all of them could be read."""
    read = import_files(paths, name)
    assert not read.refused, read.files
    (one,) = read.found
    return one.content


def write(folder: Path, **files: str) -> list[Path]:
    """Files by stem."""
    paths = []
    for name, text in files.items():
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def libconfig_text(settings: dict[str, Any]) -> str:
    """Settings as libconfig writes them."""
    return "".join(f"{name} = {_libconfig(value)};\n" for name, value in settings.items())


def _libconfig(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + libconfig_text(value) + "}"
    if isinstance(value, list):
        return "( " + ", ".join(map(_libconfig, value)) + " )"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
