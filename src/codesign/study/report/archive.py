"""The archive of a run: the files to commit, their provenance, and checksums."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from codesign.errors import InputError
from codesign.store.atomic import as_input_error, output_folder, write_text
from codesign.store.table import read_table
from codesign.study.report.claims_list import claims_list
from codesign.study.report.markdown import table as markdown
from codesign.study.report.summary_view import view as summary_view

KEPT = (
    *("config.json", "designs", "figures", "optima.parquet", "progress.parquet"),
    *("provenance.json", "report.html", "summary.parquet", "tables"),
)
"""The files of a run that are archived; of the trials, only the progress is."""

REPEATABLE = (
    *("designs", "figures", "optima.parquet", "progress.parquet", "summary.parquet", "tables"),
)
"""The files with the same bytes whenever the run is made again with the same packages."""

MOST_MB = 15.0

_TEXT = """\
# The run `{run}`, archived

Made by `snakemake archive` from [config.json](config.json).
[report.html](report.html) shows the whole run and opens offline.
`progress.parquet` has every trial that improved on those before it, of all searches that are
compared, and `optima.parquet` the proven optima. `python tests/recompute.py FOLDER` computes the
numbers of the summary again from them and from the tables, by code of its own.
[CLAIMS.md](CLAIMS.md) has the command and the tables behind every claim.

| | |
|---|---|
| command | `{command}` |
| code version | {code_version} |
| machine | {cores} cores, {processor}, {system} |
| wall time of that command | {wall} |
| computing time of all stages | {cpu} |
| versions | {versions} |

The same config and code give the same bytes. To check this, make the run again in a clone. Tables
contain the version of the code, so check out the commit of the archive first.

```sh
git checkout $(git log -1 --format=%h -- results/archive/{run}/SHA256SUMS)
snakemake report figures --configfile {config}
(cd results/{run} && sha256sum --check ../archive/{run}/SHA256SUMS)
```

## Summary

{summary}

## Time by stage

{stages}

Wall time is the sum over jobs, which may have run in parallel.
"""


def archive(run: Path, config: str) -> dict[str, str]:
    """The texts of a run's archive by their names: README, claims and checksums.

    Args:
        run: the folder of the run, with report, provenance, summary, tables and figures.
        config: the path of the config file in the repository.

    Raises:
        InputError: a file is missing, or the archive would be larger than `MOST_MB`.
    """
    missing = [name for name in KEPT if not (run / name).exists()]
    if missing:
        raise InputError(f"{run}: no {missing[0]}, expected a finished run")
    size = sum(path.stat().st_size for path in files(run, KEPT)) / 1e6
    if size > MOST_MB:
        raise InputError(f"{run}: {size:.1f} MB to archive, expected at most {MOST_MB:g}")
    made: dict[str, Any] = json.loads((run / "provenance.json").read_text(encoding="utf-8"))
    config = Path(config).name if Path(config).is_absolute() else config
    summary = read_table(run / "summary.parquet")
    text = _TEXT.format(
        run=made["run"],
        config=config,
        command=made["command"],
        code_version=made["code_version"],
        **made["machine"],
        wall="unknown" if made["wall_s"] is None else _duration(made["wall_s"]),
        cpu=_duration(made["cpu_s"]),
        versions=", ".join(f"{name} {version}" for name, version in made["versions"].items()),
        summary=_summary(summary),
        stages=markdown(
            ("stage", "jobs", "wall, s", "computing, s"),
            [tuple(str(value) for value in row.values()) for row in made["stages"]],
        ),
    )
    return {
        "README.md": text,
        "CLAIMS.md": claims_list(made["run"], config, summary),
        "SHA256SUMS": _checksums(run),
    }


def keep(run: Path, into: Path, extra: Mapping[str, str]) -> None:
    """Copies the files to archive into the folder `into`, in place of its content.

    Args:
        run: the folder of the run.
        into: the folder of the archive.
        extra: names and texts of further files.
    """
    beside = into.parent
    with (
        output_folder(beside),
        as_input_error(into),
        TemporaryDirectory(prefix=f".{into.name}.", dir=beside) as place,
    ):
        draft, old = Path(place, "new"), Path(place, "old")
        for path in files(run, KEPT):
            copy = draft / path.relative_to(run)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        for name, text in extra.items():
            (draft / name).write_text(text, encoding="utf-8")
        if into.exists():
            into.replace(old)
        try:
            draft.replace(into)
        except OSError:
            if old.exists():
                old.replace(into)
            raise


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
    shown = summary_view(table)
    return markdown(shown.head, shown.rows)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--summary", type=Path, required=True, help="in the run's folder")
    parser.add_argument("--config", required=True, help="the config file")
    parser.add_argument("--folder", type=Path, required=True, help="the archive; is replaced")
    parser.add_argument("--output", type=Path, required=True, help="checksums, in the run's folder")


def run(options: argparse.Namespace) -> None:
    """Makes the archive, and writes the checksums."""
    place = options.summary.parent
    texts = archive(place, options.config)
    keep(place, options.folder, texts)
    write_text(options.output, texts["SHA256SUMS"])
