"""`codesign completion`: what a shell offers, asked of the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codesign.cli import COMMANDS, make_parser
from codesign.commands.completion import SHELLS, candidates
from codesign.commands.options import method_names
from codesign.search.registry import METHODS
from tests.cli.conftest import Command

CHIPS = ["eyeriss-168", "eyeriss-256", "gemmini", "nvdla", "simba"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", sorted(COMMANDS)),
        ("m", ["map"]),
        ("map --work", ["--workload"]),
        ("map --workload dq", ["dqn", "dqn-2015"]),
        ("map --workload=dq", ["--workload=dqn", "--workload=dqn-2015"]),
        ("map --workload = dq", ["dqn", "dqn-2015"]),
        ("map --workload dqn --hardware ", CHIPS),
        ("map --workload dqn --hardware simba --objective ", ["edp", "energy", "delay"]),
        ("search --workload dqn mlp resnet5", ["resnet50"]),
        ("search --workload dqn --hardware-space gem", ["gemmini"]),
        ("search --json --inner-method exac", ["exact"]),
        ("import ", ["onnx", "timeloop"]),
        ("import onnx --si", ["--size"]),
        ("show --notation ", ["codesign", "timeloop"]),
        ("show results/", []),
        ("show --json results/", []),
        ("completion z", ["zsh"]),
        ("nothing --of the kind", []),
        ("map --trials ", []),
    ],
)
def test_candidates(line: str, expected: list[str]) -> None:
    """Commands, options, names, choices; nothing where files or numbers are expected."""
    found = candidates(make_parser(), line.split(" "))

    assert sorted(name for name in found if name != "--help") == sorted(expected)


def test_methods_are_completed() -> None:
    """All that map, and of these all that search hardware."""
    parser = make_parser()

    assert candidates(parser, ["map", "--method", ""]) == sorted(METHODS)
    assert candidates(parser, ["search", "--inner-method", ""]) == sorted(METHODS)
    assert candidates(parser, ["search", "--method", ""]) == sorted(method_names()[1])
    assert "bo" in method_names()[1]
    assert "timeloop-random" not in method_names()[1]


def test_names_of_the_users_own_are_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever names are looked up."""
    (tmp_path / "workloads").mkdir()
    (tmp_path / "workloads" / "dq-mine.yaml").write_text("name: mine\n", encoding="utf-8")
    monkeypatch.setenv("CODESIGN_CONFIG", str(tmp_path))

    assert "dq-mine" in candidates(make_parser(), ["map", "--workload", "dq"])


BARE = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}
"""Options of shells that read no file of the user's."""


def ask(shell: str, script: str, folder: Path) -> list[str]:
    """What a shell prints, with `codesign` on its path."""
    program = folder / "codesign"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m codesign "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    answer = subprocess.run(
        [
            shell,
            *(["--no-config"] if shell == "fish" else ["-f"] if shell == "zsh" else []),
            "-c",
            script,
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


BASH = """
source <(codesign completion bash)
COMP_WORDS=(codesign map --workload "dq"); COMP_CWORD=3
_codesign; printf '%s\\n' "${COMPREPLY[@]}"
complete -p codesign >/dev/null
"""

ZSH = """
compdef() { :; }
compadd() { shift; print -l -- "$@"; }
_files() { print files; }
source <(codesign completion zsh)
words=(codesign map --workload dq); CURRENT=4
_codesign
words=(codesign show ""); CURRENT=3
_codesign
"""

FISH = """
codesign completion fish | source
complete -C 'codesign map --workload dq'
"""


@pytest.mark.parametrize(
    ("shell", "script", "expected"),
    [
        ("bash", BASH, ["dqn", "dqn-2015"]),
        ("zsh", ZSH, ["dqn", "dqn-2015", "files"]),
        ("fish", FISH, ["dqn", "dqn-2015"]),
    ],
)
def test_shells_complete(shell: str, script: str, expected: list[str], tmp_path: Path) -> None:
    """By what the command prints for them."""
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")

    assert ask(shell, script, tmp_path) == expected


@pytest.mark.parametrize("arguments", [(), ("tcsh",)])
def test_other_shells_are_refused(codesign: Command, arguments: tuple[str, ...]) -> None:
    """With those that are known."""
    answer = codesign("completion", *arguments)

    assert answer.code == 2
    assert f"expected one of {', '.join(SHELLS)}" in answer.err
