"""The container recipes copy what they need, and call what there is; building needs a daemon."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import served
from tests.house.test_house import makefile_rules, repository_files

IMAGE = "python:3.11-bookworm"


def of_docker(text: str) -> dict[str, str]:
    """What a Dockerfile copies: every source with its target."""
    copied = {}
    for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE):
        *sources, target = line.split()
        for source in sources:
            copied[source] = source if target == "./" else target
    return copied


def of_apptainer(text: str) -> dict[str, str]:
    """What an Apptainer recipe copies, with targets below its folder."""
    section = re.search(r"^%files\n((?: .*\n)+)", text, re.MULTILINE)
    assert section is not None
    pairs = [line.split() for line in section[1].splitlines()]
    return {source: target.removeprefix("/codesign/") for source, target in pairs}


RECIPES = {"Dockerfile": of_docker, "codesign.def": of_apptainer}


@pytest.fixture(params=RECIPES)
def recipe(request: pytest.FixtureRequest, repository: Path) -> tuple[str, dict[str, str]]:
    """A recipe's text, and what it copies."""
    text = (repository / "containers" / request.param).read_text(encoding="utf-8")
    return text, RECIPES[request.param](text)


def test_what_is_copied_is_in_the_repository(
    recipe: tuple[str, dict[str, str]], repository: Path
) -> None:
    _, copied = recipe
    tracked = {str(path.relative_to(repository)) for path in repository_files(repository)}

    assert len(copied) > 10
    for source, target in copied.items():
        assert source == target
        assert any(name == source or name.startswith(f"{source}/") for name in tracked), source


def test_the_image_is_the_workflows(recipe: tuple[str, dict[str, str]], repository: Path) -> None:
    text, _ = recipe

    assert re.search(rf"^(?:FROM|From:) {re.escape(IMAGE)}$", text, re.MULTILINE)
    assert f'container: "docker://{IMAGE}"' in (repository / "Snakefile").read_text("utf-8")


def test_targets_of_make_are_there(recipe: tuple[str, dict[str, str]], repository: Path) -> None:
    text, _ = recipe
    called = set(re.findall(r"\bmake[\", ]+([a-z]\w*)", text)) - {"env"}

    assert re.search(r"^(?:RUN|   ) ?make env$", text, re.MULTILINE)
    assert called <= makefile_rules(repository).keys()
    assert "env" in makefile_rules(repository)


@pytest.mark.slow
def test_what_is_copied_is_enough(
    recipe: tuple[str, dict[str, str]], repository: Path, tmp_path: Path
) -> None:
    """The study can be planned from it, and the environment installed and the package built."""
    _, copied = recipe
    for source, target in copied.items():
        there = tmp_path / target
        there.parent.mkdir(parents=True, exist_ok=True)
        if (repository / source).is_dir():
            leftovers = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(repository / source, there, ignore=leftovers)
        else:
            shutil.copy(repository / source, there)
    plan = ["snakemake", "quick", "--dry-run", "--quiet", "all"]
    answers = [
        served.run(*plan, "--configfile", "config/quick.yaml", folder=tmp_path),
        *(
            subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300)
            for words in (
                ["make", "--dry-run", "env"],
                [sys.executable, "setup.py", "--quiet", "build"],
            )
        ),
    ]

    for answer in answers:
        assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "build/lib/codesign/config/hardware/eyeriss-168.yaml").is_file()
