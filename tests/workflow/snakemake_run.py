"""Runs the workflow in a folder of its own, as a user would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests import served

TINY = """\
name: tiny
seeds: 1
trials: {hardware: 3, mapping: 6}
mapper: random
models:
  DQN: {workload: config/workloads/dqn.yaml, baseline: eyeriss-168}
  Own: {workload: own.yaml, baseline: eyeriss-256}
map_spaces:
  gemmini: {hardware: gemmini, networks: [DQN]}
hardware_spaces:
  simba: {hardware: simba, networks: [Own], mapper: traffic}
  dram-4: {dram_words: 4, networks: [DQN]}
R1: {method: random}
R2: {methods: [random, tpe, bo]}
R3: {methods: [random, tpe, bo]}
R6: {multiples: [1, 10]}
R7: {draws: 200}
B5:
  trials: {hardware: 2, mapping: 5}
  technologies: []
  clusters: [1]
  workloads: {DQN: [dqn-2015]}
  budgets: [eyeriss-168]
  weak: [1, 3]
B6: {every: 500}
results: [R1, R2, R3, R6, R7, R8, B3, B4, B5, B6]
"""

OWN = """\
name: own
layers:
  - {name: product, type: gemm, M: 8, N: 16, K: 32}
"""


def lay_out(repository: Path, folder: Path) -> Path:
    """The workflow with a tiny config, without the sources: those are installed."""
    for name in ("workflow", "config", "profiles"):
        shutil.copytree(repository / name, folder / name)
    shutil.copy(repository / "Snakefile", folder)
    # Timeloop's answers, which B6 needs, where a clone has them.
    (folder / "tests").mkdir()
    (folder / "tests/reference").symlink_to(repository / "tests/reference")
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    (folder / "own.yaml").write_text(OWN, encoding="utf-8")
    return folder


def snakemake(
    folder: Path,
    *words: str,
    config: str = "tiny.yaml",
    source: Path | None = None,
    patience_s: float = 1200,
) -> subprocess.CompletedProcess[str]:
    """Runs `snakemake words…`; `source` takes the place of the installed sources."""
    environment = dict(os.environ)
    if source is not None:
        environment["PYTHONPATH"] = str(source)
    return served.run(
        "snakemake", *words, "--configfile", config,
        folder=folder, environment=environment, patience_s=patience_s,
    )  # fmt: skip


def planned(folder: Path, *words: str, **options: object) -> dict[str, int]:
    """How many jobs of which rule a dry run would run; stage and result targets left out."""
    answer = snakemake(folder, "--cores", "2", "--dry-run", *words, **options)  # type: ignore[arg-type]
    text = answer.stdout + answer.stderr
    assert answer.returncode == 0, text
    # With the reasons of every job, which pytest shows if a test fails.
    print(text)
    if "Nothing to be done" in text:
        return {}
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", text.partition("Job stats:")[2], re.MULTILINE))
    return {name: int(count) for name, count in jobs.items() if name not in ("total", "all")}


def tables(folder: Path) -> dict[str, bytes]:
    """Every Parquet that the DAG knows as data, by its path; times differ from run to run."""
    root = folder / "results"
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*.parquet"))
        if path.name != "timings.parquet"
    }
