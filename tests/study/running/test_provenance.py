"""How a run was made: no path of a machine, times from logs; and its archive."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path

import pandas as pd
import pytest

from codesign.errors import InputError
from codesign.store.table import write_table
from codesign.study.__main__ import main
from codesign.study.report import archive
from codesign.study.report.claim import Claim
from codesign.study.running.provenance import (
    COMMAND,
    STARTED,
    machine,
    plain_command,
    provenance,
    stage_times,
    took,
)


def test_times_are_summed_up_by_stage(tmp_path: Path) -> None:
    """From whatever stands in the logs, in any folder; the longest stage first."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.log").write_text("a warning\n" + took("hardware", 12.0, 11.0) + "\n")
    (tmp_path / "a/y.log").write_text(took("hardware", 2.5, 2.0) + "\n")
    (tmp_path / "z.log").write_text(took("r1", 1.0, 0.5) + "\n")
    (tmp_path / "failed.log").write_text("codesign: something is missing\n")

    assert stage_times(tmp_path) == [
        {"stage": "hardware", "jobs": 2, "wall_s": 14.5, "cpu_s": 13.0},
        {"stage": "r1", "jobs": 1, "wall_s": 1.0, "cpu_s": 0.5},
    ]


def test_a_command_has_no_paths_of_the_machine() -> None:
    """Neither the interpreter's nor the working folder's; spaces stay quoted."""
    words = ["/opt/env/bin/snakemake", "R1", "--configfile", "/mnt/study/my own.yaml"]

    assert plain_command(words, Path("/mnt/study")) == ("snakemake R1 --configfile 'my own.yaml'")
    assert plain_command(["snakemake", "--config", "/x/y.yaml"], Path("/mnt")) == (
        "snakemake --config y.yaml"
    )


def test_the_machine_has_no_name() -> None:
    """What kind it is, and how many cores."""
    found = machine()

    assert found["cores"] >= 1
    assert socket.gethostname() not in " ".join(map(str, found.values())).split()


def test_whoever_starts_the_stages_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the environment; without, the command is unknown."""
    monkeypatch.setenv(COMMAND, "snakemake R1")
    monkeypatch.setenv(STARTED, "0")
    told = provenance({"name": "x"}, tmp_path)
    monkeypatch.delenv(COMMAND)
    monkeypatch.delenv(STARTED)
    untold = provenance({"name": "x"}, tmp_path)

    assert (told["command"], untold["command"]) == ("snakemake R1", "unknown")
    assert told["wall_s"] > 1e9
    assert untold["wall_s"] is None
    assert "numpy" in told["versions"]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a finished run."""
    for name in ("designs", "figures", "tables"):
        (tmp_path / name).mkdir()
    nothing = [float("nan")] * 5
    claim = ("R3", "models | all", "all", "[rec]", 3.0, *nothing, "better", "agree", "x")
    columns = list(Claim.__dataclass_fields__)
    write_table(pd.DataFrame([claim], columns=columns), tmp_path / "summary.parquet")
    (tmp_path / "tables/R1.parquet").write_bytes(b"table")
    for name in ("progress", "optima"):
        (tmp_path / f"{name}.parquet").write_bytes(name.encode())
    (tmp_path / "report.html").write_text("page")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "hardware").mkdir()
    (tmp_path / "hardware/trials.parquet").write_bytes(b"trials")
    made = provenance({"name": "paper"}, tmp_path) | {"wall_s": 5400.0}
    (tmp_path / "provenance.json").write_text(json.dumps(made))
    return tmp_path


def test_the_archive_says_how_it_was_made(run: Path) -> None:
    """Command, versions, wall time, the summary, and what to compare."""
    texts = archive.archive(run, "config/paper.yaml")
    text, checksums = texts["README.md"], texts["SHA256SUMS"]

    assert "| wall time of that command | 1 h 30 min |" in text
    assert "numpy" in text
    assert "| R3 | models \\| all |" in text
    assert "--configfile config/paper.yaml" in text
    lines = dict(reversed(line.split("  ")) for line in checksums.splitlines())
    kept = {"optima.parquet", "progress.parquet", "summary.parquet", "tables/R1.parquet"}
    assert set(lines) == kept
    assert lines["tables/R1.parquet"] == hashlib.sha256(b"table").hexdigest()


def test_every_claim_has_its_command_and_its_tables(run: Path) -> None:
    """In `CLAIMS.md`, by results, with how often every verdict was given."""
    text = archive.archive(run, "config/paper.yaml")["CLAIMS.md"]

    assert "1 claims: 1 of verdict “agree”." in text
    assert "## R3: Hardware search\n" in text
    assert "`snakemake R3 --configfile config/paper.yaml` makes [R3](tables/R3.parquet)" in text
    assert "| R3 | models \\| all | all | 3 | agree |" in text
    assert "## R1" not in text


def test_an_archive_takes_the_place_of_the_one_before(run: Path, tmp_path: Path) -> None:
    """It holds what is kept, and nothing is left beside it or of the one before."""
    folder = tmp_path / "results/archive/paper"
    (folder / "tables").mkdir(parents=True)
    (folder / "tables/old.parquet").write_bytes(b"old")
    words = ["--summary", str(run / "summary.parquet"), "--config", "config/paper.yaml"]

    assert main(["archive", *words, "--folder", str(folder), "--output", str(run / "sums")]) == 0

    for name, text in archive.archive(run, "config/paper.yaml").items():
        assert (folder / name).read_text("utf-8") == text
    assert (folder / "SHA256SUMS").read_text("utf-8") == (run / "sums").read_text("utf-8")
    assert [path.name for path in (folder / "tables").iterdir()] == ["R1.parquet"]
    assert not (folder / "hardware").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["paper"]


def test_the_archive_before_stays_where_the_new_one_cannot(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder before is back when the disk refuses the new one."""
    folder = tmp_path / "results/archive/paper"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("before")
    replace = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError("disk full")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(InputError, match="disk full"):
        archive.keep(run, folder, {"README.md": "after"})
    assert [path.name for path in folder.parent.iterdir()] == ["paper"]
    assert (folder / "README.md").read_text("utf-8") == "before"


def test_only_what_is_small_is_archived(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And only what is finished."""
    monkeypatch.setattr(archive, "MOST_MB", 1e-6)
    with pytest.raises(InputError, match="MB to archive"):
        archive.archive(run, "config/paper.yaml")
    (run / "report.html").unlink()
    with pytest.raises(InputError, match=r"no report\.html, expected a finished run"):
        archive.archive(run, "config/paper.yaml")
