"""Methods from users' files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codesign.errors import InputError
from codesign.search.plugins import VARIABLE, load_plugins

PLUGIN = """
from codesign.search.registry import make_optimizer, register

@register("{name}")
def build(space, rng, trials):
    return make_optimizer("random", space, rng, trials)
"""


NOTHING = """
from codesign.search.registry import register


@register("mine")
def build(space, rng, trials):
    pass
"""


def codesign(folder: Path, plugins: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "codesign", *arguments],
        cwd=folder,
        env={**os.environ, VARIABLE: plugins},
        capture_output=True,
        text=True,
    )


def search(folder: Path, plugins: str, method: str) -> subprocess.CompletedProcess[str]:
    arguments = ["--workload", "dqn", "--hardware", "eyeriss-168", "--trials", "5"]
    return codesign(folder, plugins, "map", *arguments, "--method", method, "--output", "out")


def test_methods_of_several_files_are_known(tmp_path: Path) -> None:
    """Separated as in PATH."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(PLUGIN.format(name=name))

    answer = search(tmp_path, os.pathsep.join(["one.py", "two.py"]), "two")

    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "out/design.yaml").is_file()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise KeyError('x')", "mine.py: KeyError: 'x'"),
        ("def", "mine.py: SyntaxError: invalid syntax"),
        (PLUGIN.format(name="tpe"), "mine.py: ValueError: there is a method 'tpe' already"),
        ("import sys\nsys.exit(3)", "mine.py: SystemExit: 3"),
        (None, f"{VARIABLE}: mine.py is not a file, expected Python code"),
    ],
)
def test_a_plugin_that_fails_is_told(tmp_path: Path, text: str | None, message: str) -> None:
    """In one sentence, by the command that wanted to search."""
    if text is not None:
        (tmp_path / "mine.py").write_text(text)

    answer = search(tmp_path, "mine.py", "mine")

    assert answer.returncode == 2
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_builder_that_returns_no_optimizer_is_told(tmp_path: Path) -> None:
    """By the method's name, with what it returned."""
    (tmp_path / "mine.py").write_text(NOTHING)

    answer = search(tmp_path, "mine.py", "mine")

    assert answer.returncode == 2
    expected = "method 'mine': its builder returned None, expected an optimizer with ask and tell"
    assert answer.stderr == f"codesign: error: {expected}\n"
    assert not (tmp_path / "out/design.yaml").exists()


def test_without_plugins_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable names no files."""
    monkeypatch.setenv(VARIABLE, os.pathsep)

    load_plugins()


def test_a_folder_is_no_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else that is not a file is refused too."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))

    with pytest.raises(InputError, match="is not a file"):
        load_plugins()
