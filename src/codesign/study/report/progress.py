"""The stage that keeps the progress of all searches: every trial that improved on those before.

Runs keep all trials, archives do not. The progress is small, and all numbers of results that
compare searches can be computed from it: the best EDP after any number of trials, and the failures
so far.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from codesign.hardware.technology import PAT
from codesign.study.running.stage import read_result, read_tables, write

KINDS = ("mapping", "sampled", "hardware")
"""What was searched: mappings; mappings by R6's sampler, with its larger budget; accelerators."""

SEARCH = ["kind", "space", "model", "layer", "method", "seed"]
"""The columns that identify a search."""


def progress(trials: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The trials that improve on all trials before, and the last trial of each search.

    Columns: `SEARCH`, `trial` (from 0), `best_edp`, the least EDP so far in pJ·cycles (missing
    before the first feasible trial), `failed`, the number of failed trials so far, and `draws`, the
    raw draws so far, if the method counts them.

    Args:
        trials: one row per trial of one or more searches; those without an improvement may be left
            out, and then `failed` is missing.
        kind: one of `KINDS`.
    """
    table = trials.assign(kind=kind)
    table = table.sort_values([*SEARCH, "trial"], kind="stable", ignore_index=True)
    searches = table.groupby(SEARCH, sort=False)
    before = searches["best_edp"].shift()
    is_better = table["best_edp"].notna() & ~(table["best_edp"] >= before)
    is_last = table["trial"] == searches["trial"].transform("max")
    if kind == "sampled":
        failed = pd.Series(pd.NA, index=table.index, dtype="Int64")
    else:
        of_search = [table[name] for name in SEARCH]
        failed = (~table["feasible"]).groupby(of_search, sort=False).cumsum().astype("Int64")
    drawn = table["draws"] if "draws" in table else pd.Series(pd.NA, index=table.index)
    made = table.assign(failed=failed, draws=drawn.astype("Int64"))
    kept = made[is_better | is_last]
    return kept[[*SEARCH, "trial", "best_edp", "failed", "draws"]].reset_index(drop=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    for kind in KINDS:
        parser.add_argument(f"--{kind}", type=Path, nargs="*", default=[], help="tables of trials")
    parser.add_argument("--optima", type=Path, nargs="*", default=[], help="proven optima")
    # Searches name these themselves; a study may have none.
    parser.add_argument("--technology", default=PAT.name, help="the energy table")
    parser.add_argument("--accounting", default="timeloop", help="the accounting")
    parser.add_argument("--all-optima", type=Path, required=True, help="output, joined")
    parser.add_argument("--output", type=Path, required=True, help="output, the progress")


def run(options: argparse.Namespace) -> None:
    """Writes the progress of all searches, and all optima."""
    parts: list[pd.DataFrame] = []
    sources: list[Path] = []
    for kind in KINDS:
        paths: Sequence[Path] = getattr(options, kind)
        stage = "hardware" if kind == "hardware" else "mapping"
        parts += [progress(read_result(path, stage), kind) for path in paths]
        sources += paths
    columns = [*SEARCH, "trial", "best_edp", "failed", "draws"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    optima = read_tables(options.optima, "optima") if options.optima else pd.DataFrame()
    write(table, options.output, options, __name__, sources)
    write(optima, options.all_optima, options, __name__, options.optima)
