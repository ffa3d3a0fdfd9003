"""A finished run of the workflow, which many tests look at."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from tests.workflow.snakemake_run import lay_out, snakemake


@pytest.fixture(scope="session")
def finished(repository: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A finished run. Tests only look at it, or copy it; parallel workers share one."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    folder = shared / "finished"
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            answer = snakemake(lay_out(repository, folder), "--cores", "2")
            assert answer.returncode == 0, answer.stdout + answer.stderr
            (folder / "done").touch()
    return folder
