"""A stage server runs stages as they run without it, and leaves the others to their clients."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import codesign
from codesign.study.running.client import ONE_THREAD, SERVER, Request, code_in_use, run_on_server
from codesign.study.running.provenance import stage_times
from codesign.study.serve import Server

# A client that tells whether the server ran the stage: then it has not imported NumPy itself.
CLIENT = """
import sys
from codesign.study.__main__ import main
code = main(sys.argv[1:])
print("alone" if "numpy" in sys.modules else "served")
sys.exit(code)
"""

# The command of the server: it tells the address, and ends when its standard input does.
COMMAND = f'echo "${SERVER}"; cat; exit 7'

PATIENCE_S = 120.0


class Running(NamedTuple):
    process: subprocess.Popen[str]
    environment: dict[str, str]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A server with the environment of its clients. At its end, it has its command's exit code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "codesign.study.serve", "sh", "-c", COMMAND],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    try:
        yield Running(process, {**os.environ, **ONE_THREAD, SERVER: address})
    finally:
        process.communicate()
    assert process.returncode == 7
    assert not Path(address).parent.exists()


def start(
    words: list[str | Path], folder: Path, environment: dict[str, str]
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, *map(str, words)], cwd=folder, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(words: list[str | Path], folder: Path, environment: dict[str, str]) -> tuple[int, str, str]:
    """The exit code, who ran the stage, and everything else that was printed."""
    client = start(words, folder, environment)
    out, err = client.communicate()
    *printed, who = out.splitlines() or [""]
    return client.returncode, who, "\n".join(printed) + err


def network(layers: str) -> list[str | Path]:
    """The words for the table of a network in the file `network.yaml`."""
    Path("network.yaml").write_text(f"name: a\nlayers: [{{name: x, {layers}}}]")
    words = ["workloads", "--model", "A", "--workload", "network.yaml"]
    return [*words, "--output", "layers.parquet"]


def mapping(trials: int, folder: str) -> list[str | Path]:
    """The words for a mapping search of the network in `layers.parquet`."""
    Path(folder).mkdir()
    words = ["mapping", "--layers", "layers.parquet", "--hardware", "eyeriss-168"]
    words += ["--technology", "timeloop-pat-public", "--method", "tpe", "--trials", str(trials)]
    words += ["--seeds", "0", "--output", f"{folder}/trials.parquet"]
    return [*words, "--timings", f"{folder}/timings.parquet"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory, which is not the server's."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_search_gives_the_same_bytes(server: Running, folder: Path) -> None:
    """Folder, arguments and output are the client's, and so are the times that are printed."""
    assert run(network("P: 8, C: 4, K: 4"), folder, server.environment)[:2] == (0, "served")

    code, who, printed = run(mapping(20, "served"), folder, server.environment)
    assert (code, who) == (0, "served")
    alone = {name: value for name, value in server.environment.items() if name != SERVER}
    assert run(mapping(20, "alone"), folder, alone)[:2] == (0, "alone")

    trials = [(folder / who / "trials.parquet").read_bytes() for who in ("served", "alone")]
    assert trials[0] == trials[1]
    (folder / "one.log").write_text(printed)
    # The CPU time of the server itself is some seconds.
    assert stage_times(folder)[0]["cpu_s"] < 2


def test_an_error_arrives(server: Running, folder: Path) -> None:
    code, _, printed = run(network("P: 0"), folder, server.environment)
    assert code == 1
    assert printed.strip().startswith("codesign: ")
    assert "P is 0, expected a whole number" in printed
    assert "Traceback" not in printed

    code, _, printed = run(["workloads", "--nonsense"], folder, server.environment)
    assert code == 2
    assert "the following arguments are required" in printed


def test_a_stage_has_the_environment_of_its_client(server: Running, folder: Path) -> None:
    (folder / "mine/workloads").mkdir(parents=True)
    words = [*network("P: 8")[:-3], "own", "--output", "layers.parquet"]
    (folder / "network.yaml").rename(folder / "mine/workloads/own.yaml")

    code, _, printed = run(words, folder, server.environment)
    assert code == 1
    assert "no 'own'" in printed

    mine = {**server.environment, "CODESIGN_CONFIG": str(folder / "mine")}
    assert run(words, folder, mine)[:2] == (0, "served")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_stage_ends_with_its_client(server: Running, folder: Path, number: int) -> None:
    """Two stages run at once. When the client of one is ended, so is the stage."""
    run(network("P: 8, C: 64, K: 64"), folder, server.environment)
    search = start(mapping(10**6, "long"), folder, server.environment)
    until(lambda: len(stages_of(server)) == 1)
    assert run(network("P: 8"), folder, server.environment)[:2] == (0, "served")

    search.send_signal(number)
    _, err = search.communicate(timeout=PATIENCE_S)

    assert search.returncode == -number
    until(lambda: not stages_of(server))
    assert not (folder / "long/trials.parquet").exists()
    assert ("KeyboardInterrupt" in err) == (number == signal.SIGINT)


def stages_of(server: Running) -> list[str]:
    """The processes of stages that are running: forks, which have the server's command line."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "ppid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    parent = str(server.process.pid)
    return [row[2] for row in rows if row[0] == parent and "codesign.study.serve" in row[2]]


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_nobody_listens(server: Running, folder: Path) -> None:
    nobody = {**server.environment, SERVER: str(folder / "nobody")}
    assert run(network("P: 8"), folder, nobody)[:2] == (0, "alone")


@pytest.mark.parametrize(
    "variable", ["NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "CODESIGN_PLUGINS", "PYTHONHASHSEED"]
)
def test_another_start_is_not_served(
    server: Running, folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """What a process reads when it starts is fixed in the server."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    assert run_on_server(network("P: 8")) == 0
    (folder / "layers.parquet").unlink()

    monkeypatch.setenv(variable, "2")
    assert run_on_server(network("P: 8")) is None
    assert not (folder / "layers.parquet").exists()


def test_edited_sources_are_not_served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit during a run counts for the stages that start later, as without a server."""
    for name, value in ONE_THREAD.items():
        monkeypatch.setenv(name, value)
    (folder / "__init__.py").write_text("")
    monkeypatch.setattr(codesign, "__file__", str(folder / "__init__.py"))
    with socket.socket(socket.AF_UNIX) as listener:
        server = Server(listener)
    request = Request([], str(folder), 0o22, dict(os.environ), sys.path, code_in_use())
    assert server.can_run(request)

    (folder / "new.py").write_text("")
    assert not server.can_run(request)


def test_a_missing_command_is_told() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "codesign.study.serve", "no-such-command"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 127
    assert answer.stderr == "codesign: no-such-command: No such file or directory\n"
