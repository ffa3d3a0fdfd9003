"""Claims: numbers of the paper beside those of this study, with a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from codesign.study import paper

AGREE, DISAGREE, NOT_COMPARABLE = "agree", "disagree", "not comparable"


@dataclass(frozen=True)
class Claim:
    """A number of the paper beside the number of this study.

    Args:
        id: the result.
        quantity: the compared quantity, with its unit.
        paper: the paper's number or words.
        provenance: the source of the paper's number, `[abs]` or `[rec]`.
        ours, low, high: the median of this study and its interval; NaN if there is none.
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
"""A median with its interval: median, low, high; NaN if there is none."""


def unclaimed(id: str, quantity: str, ours: Interval, reason: str, provenance: str = "") -> Claim:
    """The claim for a quantity for which the paper does not give a number."""
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
    """The claim for a statement of the paper, with a verdict.

    Args:
        id, quantity, reason, provenance: as in `Claim`.
        claimed: the paper's statement.
        ours: the median, low and high.
        is_met: whether this study agrees.
        budget: the budget of the run; if it is given and less than the paper's, the verdict is
            `not comparable`.
    """
    verdict = AGREE if is_met else DISAGREE
    if budget is not None and budget.shortfall:
        verdict, reason = NOT_COMPARABLE, f"{budget.shortfall}; {reason}"
    return Claim(id, quantity, claimed, provenance, *ours, verdict, reason)


def median_and_range(values: pd.Series) -> Interval:
    """Median and range of numbers of several layers or models."""
    return float(values.median()), float(values.min()), float(values.max())


def with_interval(row: Any, name: str) -> Interval:
    """A column of a row with its interval, `name_low` and `name_high`."""
    return float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"])


def single(value: float) -> Interval:
    """A number without an interval."""
    return float(value), math.nan, math.nan


def best_or_tied(table: pd.DataFrame, method: str) -> tuple[int, int]:
    """In how many layers or models a method is best, or tied with the best; and of how many.

    It is tied if its interval reaches the least median excess of all methods.
    """
    won = groups = 0
    for _, group in table.groupby(["model", "layer"], sort=False):
        own = group[group["method"] == method]
        if len(own):
            groups += 1
            won += bool(own["excess_low"].iloc[0] <= group["excess"].min())
    return won, groups
