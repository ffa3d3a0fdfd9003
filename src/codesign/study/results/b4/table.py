"""B4: which methods win, how often, and with which significance, from R2's and R3's searches."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import friedmanchisquare, wilcoxon

from codesign.study.course import Course, course
from codesign.study.running.stage import read_tables, write
from codesign.study.statistics import median_interval

SEARCHES = {"mapping": ("model", "layer"), "hardware": ("model",)}
"""The kinds of searches, with the columns that identify a task."""

TIE = 1e-9
"""Costs with a smaller relative difference are equal."""

MOST = 300.0
"""If only one method has found something, it is ahead by this logarithm of a factor."""

Floats = NDArray[np.float64]


def blocks(ends: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The log of the least EDP found: one row per task and seed, one column per method.

    It is infinite if a search has found nothing.

    Args:
        ends: one row per search, in the order of the methods: `by`, `seed`, `method`, `best_edp`.
        by: the columns that identify a task.
    """
    logs = ends.assign(log=np.log(ends["best_edp"]).fillna(np.inf))
    wide = logs.pivot_table(
        index=[*by, "seed"], columns="method", values="log", aggfunc="first", sort=False
    )
    # Methods in the order of the rows, and only tasks and seeds that all methods have.
    return wide[list(ends["method"].unique())].dropna()


def duels(searches: Course, seed: int) -> pd.DataFrame:
    """Every method against every other one, paired by task and seed: two rows per pair.

    Columns: `method, rival, pairs`, `wins, ties, losses` (of `method`), `win_rate` (ties count
    half), `ratio, low, high` (EDP of the rival / that of the method at the end, median over pairs
    with bootstrap interval over pairs), `p` (Wilcoxon's signed-rank test of the logarithms, Pratt's
    zeros) and `p_holm`, corrected over all pairs of methods. Tasks are fixed and seeds are random,
    so the tests are valid only for these tasks.
    """
    ends = blocks(searches.at(), searches.by)
    pairs = list(combinations(ends.columns, 2))
    found = [_duel(ends[a].to_numpy(), ends[b].to_numpy()) for a, b in pairs]
    corrected = holm(np.array([p for _, p in found]))
    rows = []
    for number, ((a, b), (logs, p), p_holm) in enumerate(zip(pairs, found, corrected, strict=True)):
        middle = np.exp(median_interval(logs, np.random.default_rng([seed, number])))
        wins, losses = int((logs > TIE).sum()), int((logs < -TIE).sum())
        ties = len(logs) - wins - losses
        for method, rival, won, lost, ratio in (
            (a, b, wins, losses, middle),
            (b, a, losses, wins, 1 / middle[[0, 2, 1]]),
        ):
            rows.append(
                {
                    "method": method,
                    "rival": rival,
                    "pairs": len(logs),
                    "wins": won,
                    "ties": ties,
                    "losses": lost,
                    "win_rate": (won + ties / 2) / len(logs) if len(logs) else float("nan"),
                    "ratio": float(ratio[0]),
                    "low": float(ratio[1]),
                    "high": float(ratio[2]),
                    "p": p,
                    "p_holm": float(p_holm),
                }
            )
    return pd.DataFrame(rows)


def _duel(own: Floats, rival: Floats) -> tuple[Floats, float]:
    """log(EDP of the rival / own) of every pair, and the p of the test (1 without differences)."""
    both = ~(np.isinf(own) & np.isinf(rival))
    with np.errstate(invalid="ignore"):
        logs = np.clip(np.where(both, rival - own, 0.0), -MOST, MOST)
    logs = np.where(np.abs(logs) <= TIE, 0.0, logs)
    p = float(wilcoxon(logs, zero_method="pratt").pvalue) if np.any(logs) else 1.0
    return logs, p


def holm(p: Floats) -> Floats:
    """Holm's step-down correction: p-values to compare with the level of the whole family."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


def ranks(searches: Course, seed: int) -> pd.DataFrame:
    """The mean rank of every method at the end, where 1 is best: one row per method, best first.

    Columns: `method, blocks` (tasks × seeds), `rank, low, high` (mean with bootstrap interval over
    blocks), `best` (share of blocks where no method is better), `friedman_p` (of the test whether
    methods differ at all, equal in all rows; NaN for fewer than three methods).
    """
    ends = blocks(searches.at(), searches.by)
    ranked = _ranked(ends)
    differ = float("nan")
    if ranked.shape[1] >= 3 and len(ranked):
        is_tied = bool((ranked.max(axis=1) == ranked.min(axis=1)).all())
        differ = 1.0 if is_tied else float(friedmanchisquare(*ranked.to_numpy().T).pvalue)
    rng = np.random.default_rng([seed, len(ranked)])
    draws = rng.integers(len(ranked), size=(2000, len(ranked))) if len(ranked) else None
    rows = []
    for method in ranked:
        values = ranked[method].to_numpy(np.float64)
        low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
        rows.append(
            {
                "method": method,
                "blocks": len(ranked),
                "rank": float(values.mean()),
                "low": float(low),
                "high": float(high),
                "best": float((ends[method] <= ends.min(axis=1) + TIE).mean()),
                "friedman_p": differ,
            }
        )
    return pd.DataFrame(rows).sort_values("rank", kind="stable", ignore_index=True)


def _ranked(ends: pd.DataFrame) -> pd.DataFrame:
    """Ranks within every block. Methods that differ by less than `TIE` have equal ranks."""
    rounded = ends.replace(np.inf, 1e6).round(9)
    return rounded.rank(axis=1, method="average")


def anytime(searches: Course) -> pd.DataFrame:
    """The mean rank of every method after every trial: `method, trial` (from 1), `rank`."""
    trials = searches.table
    budget = int(trials.groupby("method")["trial"].max().min()) + 1
    parts = []
    by_trial = trials.groupby("trial")
    for trial in range(budget):
        means = _ranked(blocks(by_trial.get_group(trial), searches.by)).mean()
        parts.append(
            pd.DataFrame({"method": means.index, "trial": trial + 1, "rank": means.to_numpy()})
        )
    return pd.concat(parts, ignore_index=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    for search in SEARCHES:
        parser.add_argument(f"--{search}", type=Path, nargs="+", required=True, help="its trials")
    parser.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    parser.add_argument("--ranks", type=Path, required=True, help="output, one row per method")
    parser.add_argument("--anytime", type=Path, required=True, help="output, one row per trial")
    parser.add_argument("--output", type=Path, required=True, help="output, one row per duel")


def run(options: argparse.Namespace) -> None:
    """Writes duels, ranks, and ranks after every trial, for both kinds of searches."""
    made: dict[str, list[pd.DataFrame]] = {"output": [], "ranks": [], "anytime": []}
    for search, by in SEARCHES.items():
        columns = [*by, "seed", "method", "trial", "best_edp"]
        searches = course(read_tables(getattr(options, search), search, columns), by)
        for name, content in (
            ("output", duels(searches, options.seed)),
            ("ranks", ranks(searches, options.seed)),
            ("anytime", anytime(searches)),
        ):
            content.insert(0, "search", search)
            made[name].append(content)
    for name, parts in made.items():
        table = pd.concat(parts, ignore_index=True)
        write(table, getattr(options, name), options, __name__, options.mapping)
