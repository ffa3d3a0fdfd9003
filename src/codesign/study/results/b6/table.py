"""B6: the cost model compared with Timeloop's own answers, for every record."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from codesign.cost.record_table import evaluate_records
from codesign.errors import InputError
from codesign.hardware.technology import PAT
from codesign.store.provenance import run_metadata
from codesign.store.table import read_table, write_table
from codesign.study.results.b6.agreement import OUTCOME, VALID, differences
from codesign.study.running.provenance import study_code

COSTS = ("energy_pj", "cycles")
WRONG = (
    "{folder}: no record sets, expected SET.jsonl.gz and SET.answers.parquet; they come with the "
    "repository (tests/reference), not with an installed package"
)


def record_sets(folder: Path) -> dict[str, tuple[Path, Path]]:
    """The record sets in a folder, by name: files of records and of Timeloop's answers.

    Raises:
        InputError: there are no sets, or a set has no answers.
    """
    sets = {
        path.name.removesuffix(".jsonl.gz"): (
            path,
            path.with_name(path.name.replace(".jsonl.gz", ".answers.parquet")),
        )
        for path in sorted(folder.glob("*.jsonl.gz"))
    }
    if not sets or not all(answers.is_file() for _, answers in sets.values()):
        raise InputError(WRONG.format(folder=folder))
    return sets


def compare(folder: Path, every: int = 1) -> pd.DataFrame:
    """The answers here and Timeloop's: one row per record, for every n-th record of every set.

    Columns: `set, id`; `outcome` (`valid`, or the broken rule: `fanout`, `capacity`), `energy_pj`
    and `cycles`; and these three with the prefix `timeloop_`. Costs are NaN if a mapping is not
    valid.
    """
    parts = []
    for name, (records, answers) in record_sets(folder).items():
        ours = _outcomes(evaluate_records([records], "timeloop", PAT, every=every))
        theirs = _outcomes(read_table(answers)).add_prefix("timeloop_")
        both = ours.merge(theirs, left_on="id", right_on="timeloop_id", how="left", validate="1:1")
        if both["timeloop_id"].isna().any():
            raise InputError(f"{answers}: it lacks answers to some records of {records.name}")
        parts.append(both.drop(columns="timeloop_id").assign(set=name))
    table = pd.concat(parts, ignore_index=True)
    return table[["set", *(column for column in table if column != "set")]]


def _outcomes(answers: pd.DataFrame) -> pd.DataFrame:
    outcome = answers["reason"].fillna(VALID)
    return answers[["id", *COSTS]].assign(outcome=outcome)


def table(records: pd.DataFrame) -> pd.DataFrame:
    """The agreement with Timeloop: one row per set, and one for all.

    Columns: `set, records`; `valid` in Timeloop; `outcomes_equal`, records with the same outcome in
    both; `priced`, valid in both; and of these, for `energy_pj` and `cycles`: `X_equal`, records
    with exactly equal numbers, and `X_worst`, the largest relative difference.
    """
    groups = [*records.groupby("set", sort=False), ("all", records)]
    return pd.DataFrame([{"set": name, **_agreement(group)} for name, group in groups])


def _agreement(group: pd.DataFrame) -> dict[str, int | float]:
    same = group[OUTCOME] == group[f"timeloop_{OUTCOME}"]
    row: dict[str, int | float] = {
        "records": len(group),
        "valid": int((group[f"timeloop_{OUTCOME}"] == VALID).sum()),
        "outcomes_equal": int(same.sum()),
        "priced": len(differences(group, "cycles")),
    }
    for cost in COSTS:
        relative = differences(group, cost)
        row[f"{cost}_equal"] = int((relative == 0).sum())
        row[f"{cost}_worst"] = float(relative.max()) if len(relative) else 0.0
    return row


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--folder", type=Path, required=True, help="of the record sets")
    parser.add_argument("--every", type=int, default=1, help="take every n-th record")
    parser.add_argument("--records", type=Path, required=True, help="output, one row per record")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the records with both answers, and the table.

    The answers are for Timeloop's built-in energy table, not for that of the study.
    """
    records = compare(options.folder, options.every)
    metadata = run_metadata({"stage": "b6", "every": options.every}, PAT, "timeloop")
    metadata["study_code"] = study_code()
    write_table(records, options.records, metadata)
    write_table(table(records), options.output, metadata)
