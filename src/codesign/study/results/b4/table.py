"""B4: which methods win, how often, and with which significance, from R2's and R3's searches."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.study.comparison.table import COLUMNS, hardware_course, joined, mapping_course
from codesign.study.course import Course
from codesign.study.duels import TIE, tournament
from codesign.study.running.stage import read_tables, write
from codesign.study.spaces import TASK

Floats = NDArray[np.float64]


def ranks(searches: Course) -> pd.DataFrame:
    """The expected rank of every method at the end, by space: one row per method, best first.

    It is the mean rank if each method makes one search per task, and ties share ranks; 1 is best.
    Every search of one method is ranked with every search of the others. Columns: `space, method,
    tasks, rank`; `rank_low, rank_high`, the least and the greatest rank on any task; and `best`,
    the share of searches below which the median search of no other method ends.
    """
    ends = searches.at()
    logs = ends.assign(log=np.log1p(ends["excess"] / 100), trial=0)
    rows = []
    for space, part in logs.groupby("space", sort=False):
        found: dict[str, list[tuple[float, float]]] = {}
        for methods, values in _by_task(part):
            expected = _expected_ranks(values)[:, 0]
            medians = np.array([np.median(own[:, 0]) for own in values])
            for number, method in enumerate(methods):
                others = np.delete(medians, number).min(initial=np.inf)
                best = float(np.mean(values[number][:, 0] <= others + TIE))
                found.setdefault(method, []).append((float(expected[number]), best))
        for method, numbers in found.items():
            rank, best_shares = np.array(numbers).T
            row: dict[str, Any] = {"space": space, "method": method, "tasks": len(numbers)}
            row |= {"rank": rank.mean(), "rank_low": rank.min(), "rank_high": rank.max()}
            rows.append(row | {"best": best_shares.mean()})
    table = pd.DataFrame(rows)
    order = table.groupby("space", sort=False).ngroup()
    return table.iloc[np.lexsort([table["rank"], order])].reset_index(drop=True)


def anytime(searches: Course) -> pd.DataFrame:
    """The expected rank of every method after every trial, as a mean over tasks.

    Columns: `space, method, trial` (from 1), `rank`. It ends with the shortest search.
    """
    logs = searches.table.assign(log=np.log1p(searches.table["excess"] / 100))
    parts = []
    for space, part in logs.groupby("space", sort=False):
        most = int(part.groupby("method")["trial"].max().min()) + 1
        names: list[str] = []
        total, tasks = np.zeros(0), 0
        for methods, values in _by_task(part[part["trial"] < most]):
            expected = _expected_ranks(values)
            if expected.shape[1] < most:
                continue
            names, tasks = methods, tasks + 1
            total = expected if tasks == 1 else total + expected
        for method, ranked in zip(names, total / max(tasks, 1), strict=True):
            trial = np.arange(1, most + 1)
            made = {"space": space, "method": method, "trial": trial, "rank": ranked}
            parts.append(pd.DataFrame(made))
    return pd.concat(parts, ignore_index=True)


def _by_task(part: pd.DataFrame) -> Iterator[tuple[list[str], list[Floats]]]:
    """For each task that all methods have: the methods, and log(EDP / least) [seeds, trials]."""
    methods = list(dict.fromkeys(part["method"]))
    for _, task in part.groupby(TASK, sort=False):
        tables = {
            str(method): own.pivot_table(
                "log", "seed", "trial", aggfunc="first", dropna=False
            ).to_numpy(np.float64)
            for method, own in task.groupby("method", sort=False)
        }
        if len(tables) == len(methods):
            shortest = min(table.shape[1] for table in tables.values())
            yield methods, [tables[method][:, :shortest] for method in methods]


def _expected_ranks(values: Sequence[Floats]) -> Floats:
    """[methods, trials], 1 plus the chances that the others are below, where a tie is a half."""
    found = np.ones((len(values), values[0].shape[1]))
    for one, own in enumerate(values):
        for other, rival in enumerate(values):
            if one != other:
                with np.errstate(invalid="ignore"):
                    ahead = own[:, None] - rival[None, :]
                ahead[np.isnan(ahead)] = 0.0
                below = (ahead > TIE).mean(axis=(0, 1))
                found[one] += below + (np.abs(ahead) <= TIE).mean(axis=(0, 1)) / 2
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--mapping", type=Path, nargs="+", required=True, help="its trials")
    parser.add_argument(
        "--optima", type=Path, nargs="+", required=True, help="one per space, model"
    )
    parser.add_argument("--hardware", type=Path, nargs="+", required=True, help="its trials")
    parser.add_argument("--ranks", type=Path, required=True, help="output, one row per method")
    parser.add_argument("--anytime", type=Path, required=True, help="output, one row per trial")
    parser.add_argument("--output", type=Path, required=True, help="output, one row per duel")


def run(options: argparse.Namespace) -> None:
    """Writes duels, ranks, and ranks after every trial, for both kinds of searches."""
    mapping = read_tables(options.mapping, "mapping", COLUMNS)
    hardware = read_tables(options.hardware, "hardware", COLUMNS)
    optima = read_tables(options.optima, "optima")
    searches = joined([mapping_course(mapping, optima), hardware_course(hardware)])
    for table, path in (
        (tournament(searches.at()), options.output),
        (ranks(searches), options.ranks),
        (anytime(searches), options.anytime),
    ):
        write(table, path, options, __name__, options.mapping)
