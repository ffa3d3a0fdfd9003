"""A full disk and a read-only folder: one sentence, and no partial file, for commands and stages.

Both are real: a file system of a few hundred kB in memory, which takes the superuser to mount.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesign.errors import InputError
from codesign.store.design_file import load_design
from codesign.store.table import write_table
from codesign.study.searches.workloads import layer_table
from codesign.timeloop import export_design
from codesign.workload import load_workload
from tests import served
from tests.fuzz.targets import found_design

SIZE_KB = 256
SETTING = ["--hardware", "eyeriss-168", "--technology", "timeloop-pat-public"]


def mounted(folder: Path, options: str) -> bool:
    """Mounts a small file system; whether that is allowed here."""
    answer = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    return answer.returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a few small files."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small file system takes the superuser on Linux")
    if not mounted(folder, f"size={SIZE_KB}k"):
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    """The table of a network's layers."""
    path = tmp_path / "layers.parquet"
    write_table(layer_table(load_workload("dqn"), "DQN"), path, {"stage": "workloads"})
    return path


def leave(folder: Path, free_kb: int) -> None:
    """Fills a disk except for so many kB."""
    with (folder / "filling").open("wb") as file:
        file.write(b"\0" * 1024 * (SIZE_KB - free_kb))


def seen(folder: Path) -> dict[str, int]:
    return {p.name: p.stat().st_size for p in folder.rglob("*") if p.is_file()}


def run(*words: str | Path) -> tuple[int, str]:
    answer = served.run(*words, folder=Path.cwd())
    return answer.returncode, answer.stderr


def stage(folder: Path, layers: Path, trials: int = 30) -> list[str | Path]:
    """A mapping search of the study."""
    words: list[str | Path] = ["codesign.study", "mapping", "--layers", layers, *SETTING]
    words += ["--method", "random", "--trials", str(trials), "--seeds", "0"]
    return [*words, "--output", folder / "trials.parquet", "--timings", folder / "t.parquet"]


def command(folder: Path, trials: int = 30) -> list[str | Path]:
    """A search of the command line."""
    words: list[str | Path] = ["codesign", "search", "--workload", "dqn"]
    words += ["--hardware-space", "eyeriss-168", "--method", "random", "--inner-method", "random"]
    words += ["--hardware-trials", "3", "--mapping-trials", str(trials), "--output", folder]
    return words


@pytest.mark.parametrize("free_kb", [0, 4, 12])
def test_a_stage_on_a_full_disk(disk: Path, layers: Path, free_kb: int) -> None:
    """Wherever the space runs out: the journal, or the table itself."""
    leave(disk, free_kb)

    code, said = run(*stage(disk, layers, trials=2000))

    assert code == 1
    assert said.count("\n") == 1, said
    assert "cannot be written: No space left on device" in said
    assert {*seen(disk)} <= {"filling", ".trials.parquet.journal"}


@pytest.mark.parametrize("free_kb", [0, 4, 12])
def test_a_command_on_a_full_disk(disk: Path, free_kb: int) -> None:
    """The folder is made, or not; nothing that could pass for a result is in it."""
    leave(disk, free_kb)

    code, said = run(*command(disk / "found", trials=2000))

    assert code == 2
    assert "cannot be written: No space left on device" in said.splitlines()[-1]
    assert "Traceback" not in said
    assert {*seen(disk)} <= {"filling", ".trials.parquet.journal"}


@pytest.mark.parametrize("free_kb", [16, 24, 32, 64])
def test_a_command_leaves_all_its_files_or_none(disk: Path, free_kb: int) -> None:
    """A folder with trials and without their design would pass for a search that found nothing."""
    leave(disk, free_kb)

    code, _ = run(*command(disk, trials=30))

    results = {"design.yaml", "summary.json", "timings.parquet", "trials.parquet"}
    found = {*seen(disk)} - {"filling", ".trials.parquet.journal"}
    assert found == (results if code == 0 else set())


def test_when_there_is_room_again_the_search_goes_on(disk: Path, layers: Path) -> None:
    """What was finished before is kept; the result is what it would have been."""
    leave(disk, 24)
    assert run(*stage(disk, layers, trials=400))[0] == 1
    (disk / "filling").unlink()
    other = layers.parent / "other"
    other.mkdir()

    code, said = run(*stage(disk, layers, trials=400))

    assert code == 0, said
    assert run(*stage(other, layers, trials=400))[0] == 0
    assert (disk / "trials.parquet").read_bytes() == (other / "trials.parquet").read_bytes()
    assert {*seen(disk)} == {"trials.parquet", "t.parquet"}


def test_a_read_only_folder(disk: Path, layers: Path) -> None:
    """Told before or after the search, in a sentence; what is there stays as it is."""
    (disk / "design.yaml").write_text("old", encoding="utf-8")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    for words in stage(disk, layers), command(disk), command(disk / "found"):
        code, said = run(*words)
        assert code in (1, 2)
        assert re.search(r"cannot be written: (Read-only|Permission)", said.splitlines()[-1]), said
        assert "Traceback" not in said
    assert seen(disk) == {"design.yaml": 3}


@pytest.mark.parametrize("free_kb", [4, 8, 12])
def test_an_export_leaves_all_its_files_or_none(disk: Path, tmp_path: Path, free_kb: int) -> None:
    """An architecture without the problem beside it would pass for an export."""
    (tmp_path / "design.yaml").write_bytes(found_design())
    design = load_design(tmp_path / "design.yaml")
    leave(disk, free_kb)

    with pytest.raises(InputError, match="cannot be written: No space left on device"):
        export_design(design, disk / "exported")

    assert not (disk / "exported").exists()
    (disk / "filling").unlink()
    export_design(design, disk / "exported")
    assert len([*(disk / "exported").rglob("*.yaml")]) == 4
