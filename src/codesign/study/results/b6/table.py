"""B6: the cost model against Timeloop's own answers, record by record."""

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
    """The sets in a folder, by name: records and Timeloop's answers.

    Raises:
        InputError: there are none, or a set has no answers.
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
    """Our answers beside Timeloop's: one row a record, every n-th of every set.

    Columns: `set, id`, `outcome` (`valid`, or the rule that is broken: `fanout`, `capacity`),
    `energy_pj`, `cycles`, and the same with `timeloop_` in front; costs are NaN where a mapping
    is not valid.
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
    """Agreement by set, and of all: one row each.

    Columns: `set, records, valid` (Timeloop's), `outcomes_equal` (records that we accept, or
    refuse by the same rule, as Timeloop does), `priced` (valid for both), and of these, for
    `energy_pj` and `cycles`: `X_equal`, the records where ours is the same number to the last
    bit, and `X_worst`, the largest relative difference.
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
    parser.add_argument("--records", type=Path, required=True, help="output, one row a record")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the records with both answers, and the table.

    The answers are Timeloop's with its built-in energy table, whatever the study's is.
    """
    records = compare(options.folder, options.every)
    metadata = run_metadata({"stage": "b6", "every": options.every}, PAT, "timeloop")
    metadata["study_code"] = study_code()
    write_table(records, options.records, metadata)
    write_table(table(records), options.output, metadata)
