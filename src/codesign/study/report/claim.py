"""A number of the paper beside ours, and how the two are judged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from codesign.study import paper

AGREE, DISAGREE, NOT_COMPARABLE = "agree", "disagree", "not comparable"


@dataclass(frozen=True)
class Claim:
    """A number of the paper beside ours.

    Args:
        id: which result.
        quantity: what is compared, with its unit.
        paper: the paper's number or words.
        provenance: where we have it from, `[abs]` or `[rec]`.
        ours, low, high: our median and its interval; NaN where there is none.
        verdict, reason: `agree`, `disagree` or `not comparable`, and why.
    """

    id: str
    quantity: str
    paper: str
    provenance: str
    ours: float
    low: float
    high: float
    verdict: str
    reason: str


Interval = tuple[float, float, float]
"""The median of ours with its interval; NaN where there is none."""


def unclaimed(id: str, quantity: str, ours: Interval, reason: str, provenance: str = "") -> Claim:
    """A result of which the paper has no number."""
    return Claim(id, quantity, "–", provenance, *ours, NOT_COMPARABLE, reason)


def judged(
    id: str,
    quantity: str,
    claimed: str,
    ours: Interval,
    is_met: bool,
    reason: str,
    budget: paper.Spent | None = None,
    provenance: str = paper.RECOLLECTION,
) -> Claim:
    """Words of the paper that a result meets or does not.

    Args:
        id, quantity, reason, provenance: see `Claim`.
        claimed: the paper's words.
        ours: the median, low and high.
        is_met: whether they agree.
        budget: the run's, where less than the paper's leaves the question open.
    """
    verdict = AGREE if is_met else DISAGREE
    if budget is not None and budget.shortfall:
        verdict, reason = NOT_COMPARABLE, f"{budget.shortfall}; {reason}"
    return Claim(id, quantity, claimed, provenance, *ours, verdict, reason)


def median_and_range(values: pd.Series) -> Interval:
    """Of numbers that differ in more than their seed: layers, models."""
    return float(values.median()), float(values.min()), float(values.max())


def with_interval(row: Any, name: str) -> Interval:
    """A column of a row with its interval, `name_low` and `name_high`."""
    return float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"])


def single(value: float) -> Interval:
    """A number without an interval."""
    return float(value), math.nan, math.nan


def best_or_tied(table: pd.DataFrame, method: str) -> tuple[int, int]:
    """In how many layers or models the interval of `method` reaches the least median excess.

    And how many of them `method` has searched.
    """
    won = groups = 0
    for _, group in table.groupby(["model", "layer"], sort=False):
        own = group[group["method"] == method]
        if len(own):
            groups += 1
            won += bool(own["excess_low"].iloc[0] <= group["excess"].min())
    return won, groups
