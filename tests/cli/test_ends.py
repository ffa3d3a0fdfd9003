"""How searches end, are stopped, and go on: what the reader is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codesign.compilation import Compilation
from codesign.search import mapper, parallel, resume
from codesign.search.mapper import MappingRun
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from tests.cli.conftest import Command

INNER = ("--inner-method", "random", "--mapping-trials", 20)


def stop_after(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Interrupts the search after some mapping searches."""
    done = []

    def map_layer(task: MappingTask, search: Search) -> MappingRun:
        if len(done) == count:
            raise KeyboardInterrupt
        done.append(task)
        return mapper.map_layer(task, search)

    for module in (parallel, resume):
        monkeypatch.setattr(module, "map_layer", map_layer)


def test_an_interrupted_search_says_how_to_go_on(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line; the next run says that it goes on, from which trial, and finds the same."""
    files = ("--workload", workload, "--hardware-space", chip)
    arguments = ("search", *files, "--hardware-trials", 6, *INNER, "--method", "random")
    with monkeypatch.context() as patch:
        stop_after(patch, 5)
        stopped = codesign(*arguments, "--output", tmp_path / "run")

    again = codesign(*arguments, "--output", tmp_path / "run")
    whole = codesign(*arguments, "--output", tmp_path / "whole")

    assert (stopped.code, stopped.out) == (130, "")
    assert stopped.err == (
        f"codesign: interrupted; 5 finished mapping searches kept in {tmp_path / 'run'}: "
        "the same command continues from there\n"
    )
    assert "continues an earlier run, which left 5 finished mapping searches\n" in again.err
    assert "\nresumed from trial 2 of 6\n" in again.out
    assert "resumed" not in whole.out + whole.err
    for name in ("trials.parquet", "design.yaml"):
        one, other = (tmp_path / folder / name for folder in ("run", "whole"))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupted_map_goes_on(
    codesign: Command,
    workload: Path,
    chip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    jobs: int,
) -> None:
    """A finished layer is not searched again."""
    arguments = ("map", "--workload", workload, "--hardware", chip, "--trials", 20, "--method")
    arguments = (*arguments, "random")
    with monkeypatch.context() as patch:
        stop_after(patch, 1)
        stopped = codesign(*arguments, "--output", tmp_path / "run")

    again = codesign(*arguments, "--output", tmp_path / "run", "--jobs", jobs)
    codesign(*arguments, "--output", tmp_path / "whole")

    assert stopped.code == 130
    assert "1 finished mapping search kept in" in stopped.err
    assert "resumed: 1 of 2 layers were mapped by an earlier run\n" in again.out
    for name in ("trials.parquet", "design.yaml"):
        one, other = (tmp_path / folder / name for folder in ("run", "whole"))
        assert one.read_bytes() == other.read_bytes()


def test_nothing_is_kept_where_nothing_was_finished(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the folder goes, too."""
    stop_after(monkeypatch, 0)

    answer = codesign(
        "map", "--workload", workload, "--hardware", chip, "--output", tmp_path / "run"
    )

    assert answer.err == (
        "codesign: interrupted; no mapping search was finished yet, and nothing is kept\n"
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_processes_end_without_tracebacks(workload: Path, tmp_path: Path) -> None:
    """^C goes to all of them, and one line tells."""
    program = [sys.executable, "-m", "codesign", "map", "--workload", "resnet", "--jobs", "2"]
    options = ["--hardware", "eyeriss-168", "--trials", "100000", "--output", str(tmp_path / "run")]
    with subprocess.Popen(
        [*program, *options], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if len(children.read_text(encoding="utf-8").split()) >= 2:
                break
            time.sleep(0.2)
        # The processes have to be past their start.
        time.sleep(10)
        os.killpg(running.pid, signal.SIGINT)
        _, told = running.communicate(timeout=60)

    assert running.returncode == 130
    assert told == (
        "codesign: interrupted; no mapping search was finished yet, and nothing is kept\n"
    )


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_signals_wait_for_the_kernel_that_compiles(
    number: signal.Signals, code: int, word: str, tmp_path: Path
) -> None:
    """An exception inside LLVM's callbacks would be printed and lost."""
    kernels = tmp_path / "kernels"
    program = [sys.executable, "-m", "codesign", "map", "--workload", "dqn", "--trials", "1"]
    options = ["--hardware", "eyeriss-168", "--method", "random", "--output", str(tmp_path / "run")]
    with subprocess.Popen(
        [*program, *options],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(kernels)},
        # A shell's job in the background ignores ^C, and so would this process.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as running:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not any(kernels.rglob("*.nbc")):
            time.sleep(0.05)
        running.send_signal(number)
        _, told = running.communicate(timeout=60)

    assert running.returncode == code
    assert told == f"codesign: {word}; no mapping search was finished yet, and nothing is kept\n"


def test_compilation_is_told_once_and_signals_wait_for_its_end() -> None:
    """Of a kernel within another one, the inner one's end is enough."""
    told: list[str] = []
    compilation = Compilation(announce=lambda: told.append("compiling"))

    for _ in range(2):
        compilation.begin()
        compilation.tell()
    compilation.wait(lambda: told.append("stopped"))
    assert told == ["compiling"]
    compilation.end()
    assert told == ["compiling", "stopped"]
    compilation.end()
    compilation.wait(lambda: told.append("at once"))

    assert told == ["compiling", "stopped", "at once"]


@pytest.fixture
def poor(chip: Path) -> Path:
    """A chip of the same space that others beat."""
    text = chip.read_text(encoding="utf-8")
    worse = text.replace(
        "H1: 4, H2: 2, H3: 12, H4: 32, H5: 16", "H1: 1, H2: 8, H3: 16, H4: 40, H5: 8"
    )
    assert worse != text
    chip.write_text(worse, encoding="utf-8")
    return chip


def test_a_search_says_what_it_saved_and_what_to_type_next(
    codesign: Command, workload: Path, poor: Path, tmp_path: Path
) -> None:
    """Against the chip that it began with; shares and commands can be used as they stand."""
    folder = tmp_path / "my runs"
    files = ("--workload", workload, "--hardware-space", poor, "--output", folder)

    answer = codesign("search", *files, "--hardware-trials", 16, *INNER, "--method", "random")

    assert answer.code == 0, answer.err
    assert "\nfeasible: " in answer.out
    assert " of 16 trials (" in answer.out
    assert "% of the EDP of small, with which the search began: " in answer.out
    assert answer.out.endswith(f"results: {folder}\nnext: codesign show '{folder}'\n")


def test_a_search_that_saves_nothing_says_so(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """As when the chip itself is its only trial."""
    files = ("--workload", workload, "--hardware-space", chip, "--output", tmp_path / "run")

    answer = codesign("search", *files, "--hardware-trials", 1, *INNER)

    assert "no trial has less EDP than small, the first trial\n" in answer.out


def test_a_front_can_be_compared(
    codesign: Command, workload: Path, poor: Path, tmp_path: Path
) -> None:
    """The next command names its designs."""
    files = ("--workload", workload, "--hardware-space", poor, "--output", tmp_path / "run")
    budget = ("--hardware-trials", 40, *INNER, "--method", "random")

    answer = codesign("search", *files, *budget, "--objective", "pareto")

    front = sorted((tmp_path / "run/front").glob("*.yaml"))
    assert len(front) > 1
    assert f"next: codesign compare {tmp_path / 'run'}/front/*.yaml\n" in answer.out
    assert codesign("compare", *front).code == 0


def test_a_proof_is_told_and_can_be_checked(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """The last line is the command for it."""
    files = ("--workload", workload, "--hardware", chip, "--output", tmp_path / "run")

    answer = codesign("map", *files, "--layer", "head", "--method", "exact")

    assert "proved: no mapping costs less\n" in answer.out
    assert answer.out.endswith(f"next: codesign check {tmp_path / 'run'}/certificate.json\n")


def test_the_bar_never_says_nan(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is feasible there is no best."""
    told: list[str] = []

    class Bar:
        n = 0

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def update(self, by: int) -> None:
            self.n += by

        def set_postfix_str(self, text: str) -> None:
            told.append(text)

    monkeypatch.setattr("codesign.commands.search.progress_bar", lambda *_: Bar())
    monkeypatch.setattr("codesign.search.joint.JointCost.value", lambda *_: float("nan"))
    monkeypatch.setattr("codesign.commands.found._explain", lambda _: "nothing")
    files = ("--workload", workload, "--hardware-space", chip, "--output", tmp_path / "run")

    codesign("search", *files, "--hardware-trials", 3, *INNER)

    assert told == ["none feasible yet"] * 3
