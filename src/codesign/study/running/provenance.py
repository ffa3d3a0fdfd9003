"""The provenance of a run: command, versions, machine, and the time of every stage."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from codesign import __version__
from codesign.store.provenance import code_version, digest, source_hash

COMMAND, STARTED = "CODESIGN_COMMAND", "CODESIGN_STARTED"
"""Environment variables with the command that started the stages, and its time in s since 1970.

They are not arguments, because a result must not be made again if they change."""

PACKAGES = (
    *("numpy", "numba", "scipy", "pandas", "pyarrow", "hyperopt", "matplotlib", "seaborn"),
    *("scikit-learn", "xgboost", "torch", "snakemake"),
)
"""Packages that results or figures may depend on. Only installed ones are recorded."""

_TOOK = re.compile(r"^codesign: stage (\S+) took ([\d.]+) s, ([\d.]+) s of them computing$", re.M)


@functools.cache
def study_code() -> str:
    """A hash of all sources of the study, which its outputs may depend on."""
    return source_hash(sorted(Path(__file__).parents[1].rglob("*.py")))


def took(stage: str, wall_s: float, cpu_s: float) -> str:
    """The line with the times of a stage in its log, which `stage_times` reads."""
    return f"codesign: stage {stage} took {wall_s:.2f} s, {cpu_s:.2f} s of them computing"


def stage_times(logs: Path) -> list[dict[str, Any]]:
    """Time by stage, from the logs of a run: `stage, jobs, wall_s, cpu_s`, longest first.

    Wall time is the sum over jobs, which may have run in parallel.
    """
    sums: dict[str, list[float]] = {}
    for path in sorted(logs.rglob("*.log")):
        for stage, wall, cpu in _TOOK.findall(path.read_text("utf-8", errors="replace")):
            total = sums.setdefault(stage, [0, 0.0, 0.0])
            for at, value in enumerate((1, float(wall), float(cpu))):
                total[at] += value
    rows = [
        {"stage": stage, "jobs": int(jobs), "wall_s": round(wall, 1), "cpu_s": round(cpu, 1)}
        for stage, (jobs, wall, cpu) in sums.items()
    ]
    return sorted(rows, key=lambda row: (-row["wall_s"], row["stage"]))


def machine() -> dict[str, str | int]:
    """Processor, cores and system of this machine, without its name."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.M)
    return found[1].strip() if found else platform.machine()


def _versions() -> Iterator[tuple[str, str]]:
    yield "python", platform.python_version()
    for package in PACKAGES:
        try:
            yield package, importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue


def provenance(config: dict[str, Any], logs: Path) -> dict[str, Any]:
    """The provenance of a run, for `provenance.json` and the report.

    `wall_s` is the time since the last command began; None if its start is unknown. That command
    may have made only a part of the run. `stages` has all jobs with a log.
    """
    started = os.environ.get(STARTED)
    stages = stage_times(logs)
    return {
        "run": config["name"],
        "command": os.environ.get(COMMAND, "unknown"),
        "codesign": __version__,
        "code_version": code_version(),
        "config_hash": digest(config),
        "versions": dict(_versions()),
        "machine": machine(),
        "wall_s": None if started is None else round(time.time() - float(started), 1),
        "cpu_s": round(sum(row["cpu_s"] for row in stages), 1),
        "stages": stages,
    }


def plain_command(words: list[str], folder: Path) -> str:
    """A command line without paths of this machine."""
    program, *plain = [word.replace(f"{folder}/", "") for word in words]
    if Path(program).name == "__main__.py":  # python -m snakemake
        program = Path(program).parent.name
    return shlex.join(
        Path(word).name if word.startswith("/") else word for word in (program, *plain)
    )
