"""The command line as a whole: help, errors, exit codes, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import codesign as package
from codesign import cli
from codesign.errors import InputError
from tests.cli.conftest import Command


def test_help_lists_the_commands(codesign: Command) -> None:
    """Each with a line on what it does."""
    answer = codesign("--help")

    assert answer.code == 0
    for command in cli.COMMANDS:
        assert f"    {command} " in answer.out


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_help_teaches_by_example(codesign: Command, command: str) -> None:
    """The help of a command ends with calls of it that its own parser accepts."""
    answer = codesign(command, "--help")

    assert answer.code == 0
    _, examples = answer.out.split("examples:\n")
    assert examples.count(f"codesign {command} ") >= 2


def test_help_tells_defaults(codesign: Command) -> None:
    """A reader knows what happens if an option is left out."""
    search = codesign("search", "--help").out

    assert "(default: 50)" in search
    assert "(default: 250)" in search
    assert "(default: None)" not in search


def test_version(codesign: Command) -> None:
    """The version of the package."""
    assert codesign("--version").out == f"codesign {package.__version__}\n"


LONG = "x" * 300
"""No file system that is common has names as long."""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "COMMAND"),
        (["mapp"], "'mapp'"),
        (["evaluate"], "either a design or --records"),
        (["evaluate", "d.yaml", "--records", "r.jsonl"], "not both"),
        (["evaluate", "--records", "r.jsonl"], "--output is missing"),
        (["evaluate", "d.yaml", "--detail", "x.parquet"], "--detail is for --records"),
        (["evaluate", "d.yaml", "--accounting", "exakt"], "'exakt'"),
        (["evaluate", "none.yaml"], "none.yaml: No such file or directory"),
        (["show", "none.yaml"], "none.yaml: No such file or directory"),
        (["show", "none.yaml", "--picture", "x.jpg"], "x.jpg: unknown format of a drawing"),
        (["map", "--workload", "dqn", "--hardware", "eyeriss-168"], "--output"),
        (["map", "--trials", "0"], "--trials is '0', expected a whole number from 1 to 999999999"),
        (["map", "--trials", "1000000000"], "expected a whole number from 1 to 999999999"),
        (["map", "--trials", "9" * 5000], "...', expected a whole number from 1 to"),
        (["map", "--seed", "-1"], "--seed is '-1', expected a whole number from 0 to"),
        (["search", "--hardware-trials", "many"], "--hardware-trials is 'many', expected a whole"),
        (["search", "--max-area", "nan"], "--max-area is 'nan', expected a number above 0"),
        (["search", "--weight", "2"], "--weight is '2', expected a workload and its weight"),
        (["search", "--objective", "EDP"], "expected one of edp, energy, delay, pareto (did you"),
        (["search", "--unknown"], "--workload"),
        (
            ["show", "d.yaml", "--pictur", "x"],
            "argument --pictur (did you mean '--picture'?)",
        ),
        (["show", "d.yaml", "e.yaml"], "unknown argument e.yaml (see 'codesign show --help')"),
        (["show", "a\0b"], "an argument is 'a\\x00b', expected a text without NUL"),
        (["map", "--output", "a\0b"], "--output is 'a\\x00b', expected a text without NUL"),
        *(
            ([*command, LONG], f"{LONG}: File name too long")
            for command in (
                ["show"],
                ["evaluate"],
                ["check"],
                ["import", "timeloop", "--output", "x"],
            )
        ),
        (["show", "a\ud800.yaml"], "'a\\ud800.yaml': letters that no name of a file has"),
        (["evaluate", "--records", "a**b", "--output", "x.parquet"], "a**b: no file matches this"),
    ],
)
def test_bad_arguments_are_one_sentence(
    codesign: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    expected: str,
) -> None:
    """On stderr, with exit code 2 and nothing else."""
    monkeypatch.chdir(tmp_path)

    answer = codesign(*arguments)

    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("codesign: error: ")
    assert answer.err.count("\n") == 1
    assert expected in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (
            InputError("x is 1,\n  expected 2\x1b[0m"),
            2,
            "codesign: error: x is 1, expected 2\\x1b[0m\n",
        ),
        (OSError(28, "No space left on device"), 2, "codesign: error: No space left on device\n"),
        (OSError(13, "Permission denied", "x"), 2, "codesign: error: x: Permission denied\n"),
        (MemoryError(), 2, "codesign: error: out of memory\n"),
        (KeyboardInterrupt(), 130, "codesign: interrupted\n"),
        (BrokenPipeError(), 141, ""),
    ],
)
def test_whatever_happens_is_told_shortly(
    codesign: Command,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    told: str,
) -> None:
    """Errors and interrupts are one line that no terminal takes for commands."""

    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_run", fail)

    answer = codesign("show", "x")

    assert (answer.code, answer.err) == (code, told)


def test_the_module_is_the_command() -> None:
    """`python -m codesign` refuses what `codesign` refuses."""
    answer = subprocess.run(
        [sys.executable, "-m", "codesign", "evaluate", "--records", "none.jsonl", "--output", "x"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert answer.returncode == 2
    assert answer.stderr == "codesign: error: none.jsonl: No such file or directory\n"


def test_help_imports_nothing_heavy() -> None:
    """It is there at once, since arrays, tables and kernels are imported when a command runs."""
    heavy = ("numpy", "pandas", "pyarrow", "numba", "matplotlib", "yaml", "scipy")
    program = (
        "import sys\n"
        "from codesign.cli import main\n"
        "try:\n    main(['map', '--help'])\n"
        f"finally:\n    print('heavy', *(name for name in {heavy} if name in sys.modules))\n"
    )

    answer = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert answer.stdout.splitlines()[-1] == "heavy"


def test_a_closed_pipe_is_quiet() -> None:
    """As in `codesign show … | head`."""
    program = (
        "import sys\n"
        "from codesign import cli\n"
        "cli._run = lambda _: print('many lines\\n' * 100_000) or 0\n"
        "sys.exit(cli.main([]))\n"
    )
    reader, writer = os.pipe()
    os.close(reader)

    answer = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)

    assert answer.stderr == ""
    assert answer.returncode == cli.PIPE_CLOSED


def test_termination_removes_drafts(tmp_path: Path) -> None:
    """A scheduler that stops a job leaves no half-written file."""
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from codesign import cli\n"
        "from codesign.store.atomic import replacing\n"
        "def run(_):\n"
        "    with replacing(Path(sys.argv[1])) as draft:\n"
        "        draft.write_text('half')\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        signal.pause()\n"
        "cli._run = run\n"
        "sys.exit(cli.main([]))\n"
    )

    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "x")],
        check=False,
        capture_output=True,
        timeout=60,
    )

    assert answer.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_letters_that_the_output_lacks_are_written_otherwise() -> None:
    """As on a terminal that knows ASCII alone."""
    program = (
        "import sys\n"
        "from codesign import cli\n"
        "cli._run = lambda _: print('6 mm², 2 × 3 → └─ \u4e2d') or 0\n"
        "sys.exit(cli.main([]))\n"
    )

    answer = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )

    assert answer.stderr == ""
    assert answer.stdout == "6 mm^2, 2 x 3 -> `- \\u4e2d\n"
