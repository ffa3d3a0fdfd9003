"""A local Slurm on this machine: Debian's packages, our configuration, gone after the test."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

TEMPLATE = Path(__file__).with_name("slurm.conf.in")
DAEMONS = ("munged", "slurmctld", "slurmd")
COMMANDS = ("sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo")
PATIENCE_S = 60


def install() -> None:
    """Debian's Slurm, where it is not there yet; skips the test where that cannot be."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if os.geteuid() != 0:
        pytest.skip("starting Slurm's daemons takes the superuser")
    if all(map(shutil.which, [*DAEMONS, *COMMANDS])):
        return
    if shutil.which("apt-get") is None:
        pytest.skip("there is neither Slurm nor apt-get to install it")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in ["update"], ["install", "-y", "--no-install-recommends", "slurm-wlm", "munge"]:
        answer = subprocess.run(
            ["apt-get", "-qq", *words], env=environment, check=False, capture_output=True, text=True
        )
        if answer.returncode != 0:
            pytest.skip(f"apt-get {words[0]} failed: {answer.stderr.strip()[-200:]}")


@contextlib.contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which Slurm's commands find a controller and a node that is idle.

    Daemons run in the foreground as our children, and the kernel ends them should we be killed.
    """
    for name in ("state", "spool", "logs", "bin"):
        (folder / name).mkdir(parents=True)
    (folder / "slurm.conf").write_text(_configuration(folder), encoding="utf-8")
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    configuration = folder / "slurm.conf"
    _wrap_commands(folder / "bin", configuration)
    environment = {**os.environ, "SLURM_CONF": str(configuration)}
    environment["PATH"] = f"{folder / 'bin'}:{environment['PATH']}"
    munge = [
        f"--socket={folder}/munge.socket",
        f"--key-file={key}",
        f"--pid-file={folder}/munge.pid",
        f"--log-file={folder}/logs/munged",
        f"--seed-file={folder}/munge.seed",
        "--num-threads=2",
    ]
    commands = [
        ["munged", "--foreground", "--force", *munge],
        ["slurmctld", "-D"],
        ["slurmd", "-D"],
    ]
    daemons: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            daemons.append(_start(command, folder, environment))
            if command[0] == "munged":
                _wait((folder / "munge.socket").exists, "munged made no socket", folder)
        _wait(lambda: _is_idle(environment), "the node did not become idle", folder)
        yield environment
    finally:
        with contextlib.suppress(subprocess.SubprocessError):
            subprocess.run(
                ["scancel", "--user", "root"], env=environment, check=False, timeout=20,
                capture_output=True,
            )  # fmt: skip
            _wait(lambda: not _queue(environment), "jobs would not end", folder, patience_s=20)
        for daemon in reversed(daemons):
            _stop(daemon)


def _wrap_commands(folder: Path, configuration: Path) -> None:
    """Slurm's commands as programs that know our configuration.

    The environment does not do: Snakemake's plugin clears what Slurm sets there within a job.
    """
    for name in COMMANDS:
        program = folder / name
        text = f'#!/bin/sh\nSLURM_CONF={configuration} exec {shutil.which(name)} "$@"\n'
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)


def _configuration(folder: Path) -> str:
    memory_kb = int(Path("/proc/meminfo").read_text().split()[1])
    values = {
        "HOST": socket.gethostname().partition(".")[0],
        "CPUS": str(os.cpu_count()),
        "MEMORY": str(int(memory_kb / 1024 * 0.9)),
        "FOLDER": str(folder),
        "CTLD_PORT": str(_free_port()),
        "D_PORT": str(_free_port()),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _start(
    command: list[str], folder: Path, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    with (folder / "logs" / f"{command[0]}.out").open("wb") as log:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],
            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip


def _stop(daemon: subprocess.Popen[bytes]) -> None:
    daemon.send_signal(signal.SIGTERM)
    try:
        daemon.wait(20)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


def _ask(words: list[str], environment: dict[str, str]) -> str:
    answer = subprocess.run(
        words, env=environment, check=False, capture_output=True, text=True, timeout=20
    )
    return answer.stdout.strip()


def _is_idle(environment: dict[str, str]) -> bool:
    return _ask(["sinfo", "--noheader", "--format=%T"], environment) == "idle"


def _queue(environment: dict[str, str]) -> str:
    states = "pending,running,completing"
    return _ask(["squeue", "--noheader", "--states", states, "--format=%i"], environment)


def _wait(condition, problem: str, folder: Path, patience_s: float = PATIENCE_S) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            logs = "\n".join(f"{path.name}: {_tail(path)}" for path in (folder / "logs").iterdir())
            raise RuntimeError(f"{problem}\n{logs}")
        time.sleep(0.1)


def _tail(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")[-2000:]
