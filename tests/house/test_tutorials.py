"""Pages that teach: every block is run, in order, in one folder, as a reader would.

What a block prints is compared with the `text` block that follows it directly, if there is one.
There, `…` stands for any text in a line, and a line of it alone for any lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import codesign
from tests import served

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n?```text\n(.*?)^```)?", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# ([\w.-]+\.\w+)\n")
SHOWN = frozenset({"text"})
"""What is shown but not run: it needs what this project does not install."""

PAGES = [
    *("tutorial", "how-to", "api", "cli", "timeloop"),
    *(f"coming-from-{tool}" for tool in ("onnx", "timeloop", "accelforge", "zigzag")),
]

NOT_A_NUMBER = re.compile(r"(?<!\w)nan(?!\w)", re.IGNORECASE)


def run(language: str, text: str, folder: Path, environment: dict[str, str]) -> str:
    """Writes a block that begins with a file's name; runs any other and returns what it prints."""
    name = FILE.match(text)
    if name:
        (folder / name[1]).write_text(text, encoding="utf-8")
        return ""
    # What one block exports, the next ones see.
    for variable, value in re.findall(r"^export (\w+)=(\S+)$", text, re.MULTILINE):
        environment[variable] = value
    if language == "python":
        answer = served.run("-c", text, folder=folder, environment=environment, patience_s=300)
    else:
        answer = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    assert answer.returncode == 0, f"{text}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout


def is_shown(shown: str, printed: str) -> bool:
    """Whether a page's text block is what was printed, up to `…` and spaces at ends of lines."""
    pattern = ""
    for line in shown.rstrip().splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ ]*\n"
    return re.fullmatch(pattern, printed.rstrip() + "\n") is not None


def in_small(text: str) -> str:
    """Co-design with small budgets, where a page leaves them at the paper's."""
    small = "codesign search --hardware-trials 4 --mapping-trials 20"
    return re.sub(r"^codesign search(?!.*-trials)", small, text, flags=re.MULTILINE)


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of blocks. `codesign` is found first in a folder of its own."""
    programs = served.program(tmp_path_factory.mktemp("programs")).parent
    folders = (programs, Path(sys.executable).parent, os.environ["PATH"])
    return served.serving({**os.environ, "PATH": os.pathsep.join(map(str, folders))})


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_page_works(
    repository: Path, tmp_path: Path, environment: dict[str, str], page: str
) -> None:
    """With the commands of this environment, and what earlier blocks left behind."""
    blocks = BLOCK.findall((repository / f"docs/{page}.md").read_text("utf-8"))

    assert blocks
    for language, text, shown in blocks:
        if language not in SHOWN:
            printed = run(language, in_small(text), tmp_path, environment)
            assert not NOT_A_NUMBER.search(printed), f"{text}\n{printed}"
            assert not shown or is_shown(shown, printed), f"{text}\n{printed}\nexpected:\n{shown}"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_what_a_block_prints(repository: Path, page: str) -> None:
    """So that the test above has something to compare."""
    blocks = BLOCK.findall((repository / f"docs/{page}.md").read_text("utf-8"))

    assert any(shown for language, _, shown in blocks if language not in SHOWN)


def test_what_a_page_shows_is_compared() -> None:
    """Digits count, elided text does not; a line more than shown is a difference."""
    printed = "EDP 1.25e+11 after 0.31 s\n\nlayer  cycles\n    a      10\n    b      20\n"

    assert is_shown("EDP 1.25e+11 after … s\n\nlayer  cycles\n…\n", printed)
    assert is_shown("…\n    b      20\n", printed)
    assert not is_shown("EDP 1.26e+11 after … s\n…\n", printed)
    assert not is_shown("EDP 1.25e+11 after … s\n\nlayer  cycles\n    a      10\n", printed)
    assert not is_shown("…\n    b      2\n", printed)


@pytest.mark.parametrize("text", ["nan", "best EDP: nan pJ", "[1.0, NaN]", "edp=nan,"])
def test_nan_is_seen(text: str) -> None:
    assert NOT_A_NUMBER.search(text)
    assert not NOT_A_NUMBER.search("nano, banana, nan_count, design-nan1")


def test_the_commands_of_the_readme_work(
    repository: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    """The commands of `codesign`; `make` and Snakemake have their own tests."""
    blocks = BLOCK.findall((repository / "README.md").read_text("utf-8"))
    ours = [text for _, text, _ in blocks if text.startswith("codesign ")]

    assert ours
    for text in ours:
        run("sh", in_small(text), tmp_path, environment)


def test_the_optimizer_of_ones_own_is_short(repository: Path) -> None:
    """At most thirty lines, blank ones and imports included."""
    text = (repository / "docs/how-to.md").read_text("utf-8")
    (optimizer,) = (code for _, code, _ in BLOCK.findall(text) if code.startswith("# climber.py"))

    assert len(optimizer.splitlines()) <= 30


def test_the_reference_has_every_public_name(repository: Path) -> None:
    """And the package has every name of the reference."""
    text = (repository / "docs/api.md").read_text("utf-8")
    heads = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    told = {name for head in heads for name in re.findall(r"`(\w+)", head)}

    assert told == set(codesign.__all__) - {"__version__"}
