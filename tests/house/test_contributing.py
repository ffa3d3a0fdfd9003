"""The page for contributors is followed, block by block, in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.copies import adopt_kernels

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"(?:#|\.\.) ([\w./-]+\.\w+)\n")
LEFT_OUT = {"results", ".git", ".venv", ".snakemake", "logs", "reference", ".mypy_cache"}
SHOWN = "text"
"""Blocks that are not run: they build the environment, or take too long."""


@pytest.fixture(scope="module")
def copy(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository without results, with the kernels that are compiled already."""
    folder = tmp_path_factory.mktemp("contributing") / "codesign"
    # Dates are copied as well: Numba compares them with those of its compiled kernels.
    shutil.copytree(
        repository,
        folder,
        ignore=lambda _, names: LEFT_OUT & set(names),
        copy_function=shutil.copy2,
        symlinks=True,
    )
    adopt_kernels(repository, folder)
    return folder


def follow(language: str, text: str, folder: Path) -> None:
    """Writes a block that begins with a file's name; runs any other."""
    name = FILE.match(text)
    if name:
        path = folder / name[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    assert language == "sh", text
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(folder / "src")}
    answer = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert answer.returncode == 0, f"{text}\n{answer.stdout}\n{answer.stderr}"


def parts(repository: Path) -> dict[str, list[tuple[str, str]]]:
    """By heading, the blocks of the page that are to be followed."""
    page = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    headed = {section.split("\n")[0]: section for section in page.split("\n## ")[1:]}
    found = {
        heading: [
            (language, text) for language, text in BLOCK.findall(section) if language != SHOWN
        ]
        for heading, section in headed.items()
    }
    return {heading: blocks for heading, blocks in found.items() if blocks}


ADDED = ("Add a chip", "Add a constraint", "Add an energy table", "Add an optimizer")

ELSEWHERE = {"Add a result": "tests/workflow/test_adding.py"}
"""Parts that another test follows: to build a result, it runs the workflow."""


@pytest.mark.parametrize("heading", ADDED)
def test_what_is_added_is_added_in_one_place(repository: Path, copy: Path, heading: str) -> None:
    """Its files are new ones, and commands find it by its name."""
    blocks = parts(repository)[heading]
    written = [name[1] for _, text in blocks if (name := FILE.match(text))]

    assert written
    assert not [name for name in written if (repository / name).exists()]
    for language, text in blocks:
        follow(language, text, copy)


def test_every_part_is_followed(repository: Path) -> None:
    """No block is left out because its heading has changed."""
    assert set(parts(repository)) == {*ADDED, *ELSEWHERE}
    for heading, test in ELSEWHERE.items():
        assert f'"## {heading}\\n"' in (repository / test).read_text(encoding="utf-8")
