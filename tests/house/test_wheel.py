"""The wheel has what it needs: all examples of all helps run from it, in an empty folder."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from codesign.cli import COMMANDS
from tests.house.inputs import write_inputs
from tests.house.wheel import build_wheel, install_wheel, run

EXAMPLE = re.compile(r"^  (codesign (?:.*\\\n)*.*)$", re.MULTILINE)
SUBCOMMAND = re.compile(r"^    (\w[\w.-]*)(?: {2,}|$)", re.MULTILINE)
BUDGETS = {
    "map": {"--trials": "12"},
    "search": {"--hardware-trials": "4", "--mapping-trials": "12"},
}
"""Small ones, where an example leaves them at their defaults."""

ORDER = ("map", "search", "export")
"""What these write, the others read."""


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(repository, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_has_all_files_that_are_named(wheel: Path, repository: Path) -> None:
    """Networks, chips and energy tables, and no run of the study."""
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("codesign/config/")}
        content = {name: archive.read(name) for name in inside}

    expected = {f"codesign/{p.relative_to(repository)}" for p in repository.glob("config/*/*.yaml")}
    assert len(expected) > 20
    assert inside == expected
    assert all(
        text == (repository / name.removeprefix("codesign/")).read_bytes()
        for name, text in content.items()
    )


def test_the_wheel_has_all_sources_and_no_others(wheel: Path, repository: Path) -> None:
    """Modules and the data that lies beside them."""
    with zipfile.ZipFile(wheel) as archive:
        names = {n for n in archive.namelist() if n.startswith("codesign/")}
    source = repository / "src"
    files = {
        str(path.relative_to(source))
        for path in (source / "codesign").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert files <= names
    assert {n for n in names - files if not n.startswith("codesign/config/")} == set()


def examples(help_text: str) -> list[str]:
    """The commands that a help shows, each in one line."""
    return [text.replace("\\\n", " ") for text in EXAMPLE.findall(help_text)]


def in_small(command: str) -> str:
    """The same with small budgets."""
    words = command.split()
    for option, value in BUDGETS.get(words[1], {}).items():
        words += [] if option in words else [option, value]
    return " ".join(words)


@pytest.mark.slow
def test_every_example_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """In an environment without a checkout, and a folder with only a user's files."""
    python = install_wheel(wheel, tmp_path / "environment")
    folder = tmp_path / "empty"
    folder.mkdir()
    codesign = python.with_name("codesign")
    place = run(python, "-c", "import codesign; print(codesign.__file__)", folder=folder)
    assert Path(place.strip()).is_relative_to(tmp_path / "environment")
    # Kernels of the wheel are compiled like any others, into its own folder.
    texts = [run(codesign, "--help", folder=folder)]
    texts += [run(codesign, name, "--help", folder=folder) for name in COMMANDS]
    for source in SUBCOMMAND.findall(texts[1 + COMMANDS.index("import")]):
        texts.append(run(codesign, "import", source, "--help", folder=folder))
    commands = list(dict.fromkeys(in_small(c) for text in texts for c in examples(text)))
    write_inputs(folder)

    ranks = {name: rank for rank, name in enumerate(ORDER)}
    commands.sort(key=lambda command: ranks.get(command.split()[1], len(ORDER)))
    told = {command.split()[1] for command in commands}
    assert told >= set(COMMANDS)
    for command in commands:
        path = f"{python.parent}:/usr/bin:/bin"
        run("bash", "-euc", command, folder=folder, PATH=path)
