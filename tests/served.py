"""Runs commands in forks of one process that has imported what they use.

A process of its own would import for a second or two, which is longer than what most tests run.
Every test process has one such server. It is the stage server of the study, which also knows
`codesign`, `snakemake` and Python code. A command that the server refuses, for example because
its sources are others, runs in a process of its own.
"""

from __future__ import annotations

import atexit
import importlib
import os
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from codesign.study.running.client import (
    ONE_THREAD,
    SERVER,
    SERVES,
    STATUS,
    Request,
    code_in_use,
    send,
)
from codesign.study.serve import Server, main

ROOT = Path(__file__).parents[1]

SNAKEMAKE = ("snakemake.cli", "snakemake.report", "snakemake.persistence.file")
"""Modules of Snakemake that every run imports."""


class CommandServer(Server):
    """Runs `codesign …`, `codesign.study …`, `snakemake …` and `-c CODE …`, as well as stages."""

    def load(self) -> None:
        from codesign.cli import make_parser
        from codesign.study.running.sources import digest
        from codesign.study.stages import STAGES

        make_parser()
        for module in SNAKEMAKE:
            importlib.import_module(module)
        # Reads all sources, which a run of Snakemake would do otherwise.
        digest(*STAGES.values())
        digest(*STAGES.values(), methods=frozenset())
        super().load()

    def run(self, arguments: list[str]) -> int:
        program, *words = arguments
        if program == "codesign":
            from codesign.cli import main as codesign

            sys.argv[:] = arguments
            return codesign()
        if program == "snakemake":
            from snakemake.cli import main as snakemake

            sys.argv[:] = arguments
            snakemake(words)
            return 0
        if program == "-c":
            sys.argv[:] = [program, *words[1:]]
            exec(compile(words[0], "<string>", "exec"), {"__name__": "__main__"})
            return 0
        return super().run(words if program == "codesign.study" else arguments)


@cache
def address() -> str:
    """The socket of this process's server, which is started by the first call."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.served"],
        cwd=ROOT, env={**os.environ, **ONE_THREAD},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    # The server's command ends when its standard input does.
    atexit.register(process.communicate)
    assert process.stdout is not None
    return process.stdout.readline().strip()


def serving(environment: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment, or another, in which the server runs commands and stages."""
    given = os.environ if environment is None else environment
    return {**given, **ONE_THREAD, SERVER: address()}


def run(
    *words: object,
    folder: Path,
    environment: dict[str, str] | None = None,
    patience_s: float = 1200,
) -> subprocess.CompletedProcess[str]:
    """Runs `codesign …`, `codesign.study …`, `snakemake …` or `-c CODE …` in a folder."""
    arguments, variables = [str(word) for word in words], serving(environment)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = _served(arguments, folder, variables, (out.fileno(), err.fileno()), patience_s)
        if code is None:
            command = arguments if arguments[0] == "-c" else ["-m", *arguments]
            code = subprocess.run(
                [sys.executable, *command],
                cwd=folder, env=variables, stdout=out, stderr=err, check=False, timeout=patience_s,
            ).returncode  # fmt: skip
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode())
    return subprocess.CompletedProcess(arguments, code, *said)


def program(folder: Path) -> Path:
    """Writes a program `codesign` for shells, which the server runs as well."""
    text = f"""\
#!{sys.executable}
import sys
from codesign.study.running.client import run_on_server
code = run_on_server(["codesign", *sys.argv[1:]])
if code is None:
    from codesign.cli import main
    code = main()
sys.exit(code)
"""
    path = folder / "codesign"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def _served(
    arguments: list[str],
    folder: Path,
    environment: dict[str, str],
    files: tuple[int, int],
    patience_s: float,
) -> int | None:
    """The exit code; None if the server refuses the command."""
    path = [str(folder), *filter(None, sys.path)]
    request = Request(arguments, str(folder), 0o22, environment, path, code_in_use())
    with (
        socket.socket(socket.AF_UNIX) as connection,
        Path(os.devnull).open("rb") as nothing,
    ):
        connection.connect(address())
        connection.settimeout(patience_s)
        send(connection, request, (nothing.fileno(), *files))
        if connection.recv(1) != SERVES:
            return None
        answer = connection.recv(STATUS.size, socket.MSG_WAITALL)
    assert len(answer) == STATUS.size, "the server has ended"
    code: int = STATUS.unpack(answer)[0]
    return code


if __name__ == "__main__":
    sys.exit(main(["sh", "-c", f'echo "${SERVER}"; cat'], CommandServer))
