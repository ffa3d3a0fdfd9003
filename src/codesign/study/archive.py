"""The archive of a run: what is committed of it, with how it was made, and checksums."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from codesign.errors import InputError
from codesign.store.atomic import write_text
from codesign.store.table import read_table
from codesign.study.report.views import view

KEPT = ("config.json", "designs", "figures", "provenance.json", "report.html", "summary.parquet")
"""What is kept besides `tables`, as `.gitignore` has it; trials are not."""

REPEATABLE = ("designs", "figures", "summary.parquet", "tables")
"""What comes out the same, byte by byte, when the run is made again with the same packages."""

MOST_MB = 15.0

_TEXT = """\
# The run `{run}`, archived

Made by `snakemake archive` from [config.json](config.json), with all searches it needs; their
trials are not kept. [report.html](report.html) shows all of it and opens offline.

| | |
|---|---|
| command | `{command}` |
| code version | {code_version} |
| machine | {cores} cores, {processor}, {system} |
| wall time of that command | {wall} |
| computing time of all stages | {cpu} |
| versions | {versions} |

The same config and code give the same bytes: make it again in a clone, then compare. Tables bear
the version of the code; so go back to where these were committed.

```sh
git checkout $(git log -1 --format=%h -- results/{run}/SHA256SUMS)
snakemake archive --configfile {config}
(cd results/{run} && sha256sum --check SHA256SUMS)
```

## What it says

{summary}

## What took how long

{stages}

Wall time is summed up over jobs, some of which ran side by side.
"""


def archive(run: Path, config: str) -> tuple[str, str]:
    """The README and the checksums of a run's folder.

    Args:
        run: the folder, with report, provenance, summary, tables and figures in it.
        config: the config file by its name in the repository.

    Raises:
        InputError: something is missing, or all that is kept is larger than `MOST_MB`.
    """
    missing = [name for name in (*KEPT, "tables") if not (run / name).exists()]
    if missing:
        raise InputError(f"{run}: no {missing[0]}, expected a finished run")
    size = sum(path.stat().st_size for path in files(run, (*KEPT, "tables"))) / 1e6
    if size > MOST_MB:
        raise InputError(f"{run}: {size:.1f} MB are to be archived, expected {MOST_MB:g} at most")
    made: dict[str, Any] = json.loads((run / "provenance.json").read_text(encoding="utf-8"))
    text = _TEXT.format(
        run=made["run"],
        config=Path(config).name if Path(config).is_absolute() else config,
        command=made["command"],
        code_version=made["code_version"],
        **made["machine"],
        wall="unknown" if made["wall_s"] is None else _duration(made["wall_s"]),
        cpu=_duration(made["cpu_s"]),
        versions=", ".join(f"{name} {version}" for name, version in made["versions"].items()),
        summary=_summary(read_table(run / "summary.parquet")),
        stages=_markdown(
            ("stage", "jobs", "wall, s", "computing, s"),
            [tuple(str(value) for value in row.values()) for row in made["stages"]],
        ),
    )
    return text, _checksums(run)


def files(run: Path, names: Iterable[str]) -> list[Path]:
    """All files under `names` in a run's folder, sorted."""
    found = []
    for name in names:
        path = run / name
        found += [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sorted(found)


def _checksums(run: Path) -> str:
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(run).as_posix()}\n"
        for path in files(run, REPEATABLE)
    ]
    return "".join(lines)


def _summary(table: pd.DataFrame) -> str:
    shown = view("summary", table)
    return _markdown(shown.head, shown.rows)


def _markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    names = list(head)
    return "\n".join([line(names), "|" + "---|" * len(names), *map(line, rows)])


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--summary", type=Path, required=True, help="in the run's folder")
    parser.add_argument("--config", required=True, help="the config file")
    parser.add_argument("--checksums", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the README and the checksums."""
    text, checksums = archive(options.summary.parent, options.config)
    write_text(options.checksums, checksums)
    write_text(options.output, text)
