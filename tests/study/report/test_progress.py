"""What is kept of searches: the trials that improve, and the last one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from codesign.store.table import read_table
from codesign.study.report.progress import progress
from codesign.study.stages import run_stage
from tests.study.courses import SPACE, trials

NAN = float("nan")


def test_improvements_and_the_last_trial_are_kept() -> None:
    """Of two searches, one of which finds nothing at first and one of which finds nothing."""
    table = trials(
        {
            ("x", "a", 0): [NAN, 9.0, 9.0, 7.0, 8.0],
            ("x", "b", 0): [NAN, NAN],
        }
    ).assign(space=SPACE)

    kept = progress(table, "mapping")

    assert kept["kind"].unique().tolist() == ["mapping"]
    rows = kept.set_index("method")[["trial", "failed"]]
    assert rows.loc["a"].to_numpy().tolist() == [[1, 1], [3, 1], [4, 1]]
    assert rows.loc[["b"]].to_numpy().tolist() == [[1, 2]]
    assert kept["best_edp"].tolist()[:3] == [9.0, 7.0, 7.0]
    assert kept["draws"].isna().all()


def test_the_best_after_any_number_of_trials_can_be_told() -> None:
    """From what is kept, whatever the order of the rows."""
    table = trials({("x", "a", seed): [5.0, 6.0, 3.0 - seed, 4.0] for seed in (0, 1)})
    whole = table.assign(space=SPACE)

    kept = progress(whole.sample(frac=1, random_state=1), "mapping")

    keys = ["seed", "trial"]
    filled = whole[keys].merge(kept[[*keys, "best_edp"]], how="left", on=keys)
    assert filled.groupby("seed")["best_edp"].ffill().tolist() == whole["best_edp"].tolist()


def test_accelerators_and_sampled_mappings_have_their_kinds() -> None:
    """Of a sampler, failures are unknown and draws are kept."""
    table = trials({("all", "a", 0): [5.0, 4.0]})
    sampled = table.drop(columns="feasible").assign(space=SPACE, draws=pd.Series([10, 90]))

    accelerators = progress(table.assign(space="hardware"), "hardware")
    drawn = progress(sampled, "sampled")

    assert accelerators["space"].unique().tolist() == ["hardware"]
    assert drawn["failed"].isna().all()
    assert drawn["draws"].tolist() == [10, 90]


def test_a_study_without_searches_has_an_empty_progress(tmp_path: Path) -> None:
    """Its results are made from other stages."""
    found, optima = tmp_path / "progress.parquet", tmp_path / "optima.parquet"
    assert run_stage(["progress", "--all-optima", str(optima), "--output", str(found)]) == 0
    assert len(read_table(found)) == len(read_table(optima)) == 0
