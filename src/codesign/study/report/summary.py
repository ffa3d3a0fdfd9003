"""Every number of the paper beside ours, with a verdict and its reason."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from codesign.store.table import read_own, write_table
from codesign.study import paper
from codesign.study.registry import has_module, module_of
from codesign.study.report.claim import Claim


def summarise(tables: dict[str, pd.DataFrame], budget: paper.Budget) -> pd.DataFrame:
    """All claims that the results in `tables` (R1, R2, …) can be held against, in their order."""
    lines = [
        asdict(claim)
        for result, table in tables.items()
        if has_module(result, "claims")
        for claim in claims_of(result)(table, budget)
    ]
    return pd.DataFrame(lines, columns=list(Claim.__dataclass_fields__))


def claims_of(result: str) -> Callable[[pd.DataFrame, paper.Budget], list[Claim]]:
    """The function from a result's main table to its lines in the summary."""
    found: Callable[[pd.DataFrame, paper.Budget], list[Claim]] = importlib.import_module(
        module_of(result, "claims")
    ).claims
    return found


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
    budget = paper.Budget(options.hardware_trials, options.mapping_trials, options.seeds)
    write_table(summarise(tables, budget), options.output)
