"""A number of the paper beside ours, and how the two are judged."""

from __future__ import annotations

import math
from dataclasses import dataclass

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


def unclaimed(id: str, quantity: str, ours: tuple[float, float, float], reason: str) -> Claim:
    """A result that the paper has no counterpart of; `ours` is the median, low and high."""
    return Claim(id, quantity, "–", "", *ours, NOT_COMPARABLE, reason)


def median_and_range(values: pd.Series) -> tuple[float, float, float]:
    """Of numbers that differ in more than their seed: layers, models."""
    return float(values.median()), float(values.min()), float(values.max())


def within_budget(verdict: str, reason: str, budget: paper.Budget) -> tuple[str, str]:
    """The verdict and its reason; with less than the paper's budget there is no verdict."""
    if budget.shortfall:
        return NOT_COMPARABLE, f"{budget.shortfall}; {reason}"
    return verdict, reason


def single(value: float) -> tuple[float, float, float]:
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
