"""The numbers of the summary, computed again by other code, for a finished run and the archive."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from tests.recompute import Run, is_same, recomputed

pytestmark = pytest.mark.workflow

MOST_MB = 5.0


def test_the_summary_of_a_run_is_recomputed(finished: Path) -> None:
    """Every claim, every number of it."""
    run = Run(finished / "results" / "tiny")

    numbers = list(recomputed(run))

    assert [row for row in numbers if not is_same(*row[2:])] == []
    claims = run.table("summary")["id"].str.split().str[0]
    found = Counter(claim.split()[0] for claim in {claim for claim, *_ in numbers})
    assert found == claims.value_counts().to_dict()


def test_a_wrong_number_is_seen(finished: Path, tmp_path: Path) -> None:
    """A percent more or less in one claim."""
    run = finished / "results" / "tiny"
    for name in ("progress", "optima"):
        (tmp_path / f"{name}.parquet").symlink_to(run / f"{name}.parquet")
    (tmp_path / "config.json").symlink_to(run / "config.json")
    (tmp_path / "tables").symlink_to(run / "tables")
    summary = pd.read_parquet(run / "summary.parquet")
    at = summary.index[summary["id"].str.startswith("R2")][0]
    summary.loc[at, "ours"] *= 1.01
    summary.to_parquet(tmp_path / "summary.parquet")

    wrong = [row for row in recomputed(Run(tmp_path)) if not is_same(*row[2:])]

    assert [(claim, name) for claim, name, *_ in wrong] == [(summary.loc[at, "id"], "ours")]


def test_the_archive_is_recomputed(repository: Path) -> None:
    """Where the archived run has its progress; it is small."""
    folder = repository / "results/archive/paper"
    if not (folder / "progress.parquet").is_file():
        pytest.skip("the archived run was made before runs had their progress")

    assert (folder / "progress.parquet").stat().st_size < MOST_MB * 1e6
    assert [row for row in recomputed(Run(folder)) if not is_same(*row[2:])] == []
