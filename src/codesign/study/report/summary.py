"""The stage that makes the summary: all claims of a run's results."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from codesign.store.table import read_own, write_table
from codesign.study import paper
from codesign.study.registry import function_of
from codesign.study.report.claim import Claim


def summarise(tables: dict[str, pd.DataFrame], budget: paper.Spent) -> pd.DataFrame:
    """One row per claim of the results in `tables` (by id), in their order."""
    lines = []
    for result, table in tables.items():
        claims = function_of(result, "claims", "claims")
        lines += [asdict(claim) for claim in claims(table, budget)] if claims else []
    return pd.DataFrame(lines, columns=list(Claim.__dataclass_fields__))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--tables", type=Path, nargs="+", required=True, help="R1.parquet, …")
    parser.add_argument("--hardware-trials", type=int, required=True)
    parser.add_argument("--mapping-trials", type=int, required=True)
    parser.add_argument("--seeds", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the summary."""
    tables = {path.stem: read_own(path) for path in options.tables}
    budget = paper.Spent(options.hardware_trials, options.mapping_trials, options.seeds)
    write_table(summarise(tables, budget), options.output)
