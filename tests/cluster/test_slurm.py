"""The workflow on a real Slurm gives the bytes it gives on one machine (`make test-slurm`)."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import slurm
from tests.workflow.snakemake_run import lay_out, snakemake, tables

pytestmark = [pytest.mark.workflow, pytest.mark.slow, pytest.mark.slurm]

PLUGIN = "snakemake_executor_plugin_slurm"
CONFIG = os.environ.get("CODESIGN_SLURM_CONFIG", "tiny.yaml")
"""`make test-slurm` asks for config/quick.yaml, `make test-all` is content with less."""

PATIENCE_S = 1800


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a running Slurm."""
    if importlib.util.find_spec(PLUGIN) is None:
        pytest.skip("Snakemake's Slurm plugin is not installed (make test-slurm installs it)")
    slurm.install()
    with slurm.running(tmp_path_factory.mktemp("slurm")) as environment:
        yield environment


@pytest.fixture(scope="module")
def alone(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The Parquet of a run on this machine, without Slurm."""
    folder = lay_out(repository, tmp_path_factory.mktemp("alone") / "study")
    answer = snakemake(folder, "--cores", "2", config=CONFIG, patience_s=PATIENCE_S)
    assert answer.returncode == 0, (answer.stdout + answer.stderr)[-3000:]
    return tables(folder)


def test_every_search_as_a_job_gives_the_same_bytes(
    cluster: dict[str, str], alone: dict[str, bytes], repository: Path, tmp_path: Path
) -> None:
    """The profile as it is shipped; only the waiting is shortened, and the jobs are counted."""
    folder = lay_out(repository, tmp_path / "study")
    words = ["--workflow-profile", "profiles/slurm", "--latency-wait", "10", "--retries", "0"]
    words += ["--slurm-init-seconds-before-status-checks", "2", "--slurm-keep-successful-logs"]

    answer = subprocess.run(
        [sys.executable, "-m", "snakemake", *words, "--configfile", CONFIG],
        cwd=folder, env=cluster, check=False, capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip

    assert answer.returncode == 0, (answer.stdout + answer.stderr)[-3000:]
    assert tables(folder) == alone
    logs = folder / ".snakemake/slurm_logs"
    searches = [*folder.glob("results/*/*/**/timings.parquet")]
    assert len(list(logs.rglob("*.log"))) >= len(searches) > 5


def test_one_allocation_gives_the_same_bytes(
    cluster: dict[str, str], alone: dict[str, bytes], repository: Path, tmp_path: Path
) -> None:
    """The whole study in one job, with a lock in its way that a killed run left behind."""
    folder = lay_out(repository, tmp_path / "study")
    locks = folder / ".snakemake/locks"
    locks.mkdir(parents=True)
    (locks / "0.output.lock").write_text(f"{folder}/results/tiny/report.html\n", encoding="utf-8")
    environment = {**cluster, "PATH": f"{Path(sys.executable).parent}:{cluster['PATH']}"}

    answer = subprocess.run(
        ["sbatch", "--wait", "--cpus-per-task=2", "profiles/slurm/one-allocation.sh",
         "--configfile", CONFIG],
        cwd=folder, env=environment, check=False, capture_output=True, text=True,
        timeout=PATIENCE_S,
    )  # fmt: skip

    said = "".join(path.read_text("utf-8") for path in folder.glob("slurm-codesign-*.log"))
    assert answer.returncode == 0, answer.stderr + said
    assert tables(folder) == alone


def test_a_job_that_dies_is_tried_again(
    cluster: dict[str, str], repository: Path, tmp_path: Path
) -> None:
    """As when its node goes down: Slurm ends it from outside, and the run recovers by itself."""
    whole = lay_out(repository, tmp_path / "whole")
    assert snakemake(whole, "mapping", "--cores", "2").returncode == 0
    folder = lay_out(repository, tmp_path / "study")
    rules = folder / "workflow/rules/mapping.smk"
    text = rules.read_text(encoding="utf-8")
    command = '"python -m codesign.study mapping'
    dying = '"test -e died || (touch died; scancel --signal KILL --full $SLURM_JOB_ID; sleep 60); "'
    assert text.count(command) == 1
    rules.write_text(text.replace(command, f"{dying}\n        {command}"), encoding="utf-8")
    words = ["--workflow-profile", "profiles/slurm", "--latency-wait", "10"]
    words += ["--slurm-init-seconds-before-status-checks", "2", "--configfile", "tiny.yaml"]

    answer = subprocess.run(
        [sys.executable, "-m", "snakemake", "mapping", *words],
        cwd=folder, env=cluster, check=False, capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip

    assert answer.returncode == 0, (answer.stdout + answer.stderr)[-3000:]
    assert (folder / "died").exists()
    assert tables(folder) == tables(whole)
