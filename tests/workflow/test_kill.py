"""Killed at any moment, the same command goes on, and ends with what it would have ended with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from codesign.store.journal import Journal, identity, journal_path
from codesign.study.searches import workloads
from tests.workflow.snakemake_run import lay_out, snakemake, tables

pytestmark = pytest.mark.workflow

KILLS = 24


@pytest.fixture(scope="module")
def whole(layers: Path) -> Path:
    """The result of the search that is not killed."""
    folder = layers.parent / "whole"
    assert start_search(layers, folder).wait() == 0
    return folder


@pytest.fixture(scope="module")
def layers(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network as the table that searches read."""
    folder = tmp_path_factory.mktemp("layers")
    source = repository / "config/workloads/dqn.yaml"
    answer = subprocess.run(
        [sys.executable, "-m", "codesign.study", workloads.__name__.rpartition(".")[2], "--model",
         "DQN", "--workload", source, "--output", folder / "layers.parquet"],
        check=True,
    )  # fmt: skip
    assert answer.returncode == 0
    return folder / "layers.parquet"


def start_search(layers: Path, folder: Path) -> subprocess.Popen[bytes]:
    """A hardware search of sixty mapping searches or so, which take a second or two."""
    folder.mkdir(exist_ok=True)
    words = ["--layers", layers, "--hardware", "eyeriss-168", "--technology", "timeloop-pat-public"]
    words += ["--method", "tpe", "--trials", "30", "--mapper", "tpe", "--mapping-trials", "60"]
    words += ["--seed", "0", "--output", folder / "trials.parquet"]
    words += ["--timings", folder / "timings.parquet", "--design", folder / "design.yaml"]
    return subprocess.Popen([sys.executable, "-m", "codesign.study", "hardware", *map(str, words)])


def finished_searches(folder: Path) -> int:
    """The number of mapping searches in the journal, in which none may occur twice."""
    path = journal_path(folder / "trials.parquet")
    journal = Journal(path, identity())
    journal.close()
    whole = [line for line in path.read_bytes().split(b"\n")[:-1] if line] if path.exists() else []
    keys = [line.split()[1] for line in whole if len(line.split()) == 3]
    assert len(set(keys)) == len(keys) >= len(journal)
    return len(journal)


def kill_after(search: subprocess.Popen[bytes], folder: Path, entries: int) -> None:
    """Ends a search without a word once its journal has so many entries."""
    while finished_searches(folder) < entries:
        assert search.poll() is None, "the search ended before it was killed"
        time.sleep(0.002)
    search.kill()
    search.wait()


def test_a_killed_search_goes_on(layers: Path, whole: Path, tmp_path: Path) -> None:
    """Killed twice from outside, in the middle of whatever it did."""
    killed = tmp_path / "killed"
    before = 0
    for more in (1, 11):
        kill_after(start_search(layers, killed), killed, before + more)
        found = finished_searches(killed)
        assert found >= before + more
        before = found
        assert not (killed / "trials.parquet").exists()

    assert start_search(layers, killed).wait() == 0

    for name in ("trials.parquet", "design.yaml"):
        assert (killed / name).read_bytes() == (whole / name).read_bytes()
    names = sorted(path.name for path in killed.iterdir())
    assert names == ["design.yaml", "timings.parquet", "trials.parquet"]


def test_a_stale_journal_is_no_obstacle(layers: Path, whole: Path, tmp_path: Path) -> None:
    """Neither other code's entries nor rubbish; both go when the result is written."""
    other = tmp_path / "other"
    other.mkdir()
    path = journal_path(other / "trials.parquet")
    stale = Journal(path, "older code")
    stale["a"] = b"rubbish"
    stale.close()
    with path.open("ab") as file:
        file.write(b"\x00torn")

    assert start_search(layers, other).wait() == 0

    assert (other / "trials.parquet").read_bytes() == (whole / "trials.parquet").read_bytes()
    assert not path.exists()


# Below, Snakemake runs, and what is killed is Snakemake, a rule's process, or all of them.


def start_snakemake(folder: Path) -> subprocess.Popen[bytes]:
    """The study, in a process group of its own."""
    with (folder / "said.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "tiny.yaml"],
            cwd=folder, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def children(group: int) -> Iterator[int]:
    """The processes of a group that run a stage of the study."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if b"codesign.study" in words and os.getpgid(int(entry.name)) == group:
                    yield int(entry.name)
            except OSError:
                continue  # it has ended meanwhile


def kill(run: subprocess.Popen[bytes], victim: str) -> bool:
    """Kills the victim; whether there was one."""
    if run.poll() is not None:
        return False
    if victim == "scheduler":
        run.kill()
    elif victim == "all":
        os.killpg(run.pid, signal.SIGKILL)
    else:
        searches = list(children(run.pid))
        if not searches:
            return False
        os.kill(searches[0], signal.SIGKILL)
    run.wait(300)
    return True


def test_a_killed_scheduler_leaves_no_lock(repository: Path, tmp_path: Path) -> None:
    """Plain `snakemake` goes on, without `--unlock`; a lock whose owner lives stays."""
    folder = lay_out(repository, tmp_path / "study")
    locks = folder / ".snakemake/locks"
    run = start_snakemake(folder)
    while not any(locks.glob("*.lock")):
        assert run.poll() is None
        time.sleep(0.02)

    refused = snakemake(folder, "--cores", "1", "workloads")
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert any(locks.glob("*.lock"))
    answer = snakemake(folder, "--cores", "2", "workloads")

    assert refused.returncode != 0
    assert "locked" in refused.stderr
    assert answer.returncode == 0, answer.stderr[-3000:]


@pytest.mark.slow
def test_a_lock_of_another_machine_stays(repository: Path, tmp_path: Path) -> None:
    """Whether that one lives cannot be seen from here."""
    folder = lay_out(repository, tmp_path / "study")
    run = start_snakemake(folder)
    while not any((folder / ".snakemake/locks").glob("*.lock")):
        assert run.poll() is None
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    (folder / ".snakemake/running").write_text("elsewhere", encoding="utf-8")

    answer = snakemake(folder, "--cores", "1", "workloads")

    assert answer.returncode != 0
    assert "locked" in answer.stderr


@pytest.mark.slow
def test_kills_at_random_moments_change_nothing(repository: Path, tmp_path: Path) -> None:
    """Of Snakemake, of a search inside a rule, or of everything at once."""
    whole = lay_out(repository, tmp_path / "whole")
    answer = snakemake(whole, "--cores", "2")
    assert answer.returncode == 0, answer.stderr[-3000:]
    rng = np.random.default_rng(int(os.environ.get("CODESIGN_KILL_SEED", "0")))
    killed: dict[str, int] = {"scheduler": 0, "search": 0, "all": 0}
    studies = 0
    while sum(killed.values()) < KILLS:
        folder = lay_out(repository, tmp_path / f"study-{studies}")
        studies += 1
        run = start_snakemake(folder)
        while run.poll() is None and sum(killed.values()) < KILLS:
            time.sleep(rng.uniform(2.0, 7.0))
            victim = str(rng.choice(list(killed)))
            if kill(run, victim):
                killed[victim] += 1
                run = start_snakemake(folder)
        run.wait(300)

        answer = snakemake(folder, "--cores", "2")

        assert answer.returncode == 0, answer.stderr[-3000:]
        assert tables(folder) == tables(whole)
        assert not list(folder.rglob("*.journal"))
    assert min(killed.values()) >= 3
