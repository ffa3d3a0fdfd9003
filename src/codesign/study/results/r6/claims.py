"""R6: whether Bayesian optimization beats Timeloop's mapper with as many or more evaluations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import (
    Claim,
    judged,
    median_and_range,
    single,
    unclaimed,
)
from codesign.study.results.r2.claims import NEARLY_ALL

TIE_PERCENT = 0.1
"""Excess EDP that differs by less, in percentage points, is a tie."""


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """The paper's statement for every budget of the sampler; then the evaluations that it needs."""
    method = str(table["method"].iloc[0])
    sampled = table[table["method"] != method]
    ours = table[table["method"] == method].set_index(["model", "layer"])
    found = [
        _claim(int(str(multiple)), ours, part.set_index(["model", "layer"]), budget)
        for multiple, part in sampled.groupby("multiple", sort=False)
    ]
    return [*found, _evaluations(ours, sampled.drop_duplicates(["model", "layer"]))]


def _claim(multiple: int, ours: pd.DataFrame, theirs: pd.DataFrame, budget: paper.Spent) -> Claim:
    ahead = theirs["excess"] - ours["excess"].reindex(theirs.index)
    better, worse = int((ahead > TIE_PERCENT).sum()), int((ahead < -TIE_PERCENT).sum())
    tied = len(ahead) - better - worse
    return judged(
        f"R6, {multiple} ×",
        f"layers, of {len(ahead)}, on which BO maps better than Timeloop's mapper or ties with it, "
        f"which has {multiple} × the evaluations",
        "better with at least as many",
        single(better + tied),
        better + tied >= NEARLY_ALL * len(ahead) and better > 0,
        f"better on {better}, within {TIE_PERCENT:g} % on {tied}, worse on {worse}",
        budget,
    )


def _evaluations(ours: pd.DataFrame, sampled: pd.DataFrame) -> Claim:
    """The evaluations that the sampler needs for the method's final EDP."""
    there = sampled[np.isfinite(sampled["reach"])]
    return unclaimed(
        "R6 evaluations",
        "evaluations of Timeloop's mapper until it has BO's final median EDP, median and range "
        "over the layers where it gets there",
        median_and_range(there["reach"]),
        f"it does on {len(there)} of {len(sampled)} layers; BO itself has that EDP after "
        f"{ours['reach'].median():.0f} of its {int(ours['evaluations'].max())}, median over layers",
    )
