"""Claims: numbers of the paper beside those of this study, with a verdict from `study.verdict`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from codesign.study import paper
from codesign.study.duels import seen_by_rival
from codesign.study.verdict import Verdict, no_statement, within_budget


def result_of(claim_id: str) -> str:
    """The result that a claim belongs to: R3c for `R3c hardware, bo-drop`."""
    return claim_id.split()[0].rstrip(",")


Interval = tuple[float, float, float]
"""A median with its interval: median, low, high; NaN if there is none."""


@dataclass(frozen=True)
class Claim:
    """A number of the paper beside the number of this study.

    Args:
        id: the result.
        quantity: the compared quantity, with its unit.
        paper: the paper's number or words.
        provenance: the source of the paper's number, `[abs]` or `[rec]`.
        ours, low, high: the median of this study and its interval; NaN if there is none.
        below, equal, above: where two arms are compared, the share of pairs of searches in which
            the first one ends below, level with, or above the other, in %; otherwise NaN.
        outcome: where two arms are compared, how the first one does (`study.verdict`); otherwise
            empty.
        verdict, reason: one of `verdict.VERDICTS`, and why.
    """

    id: str
    quantity: str
    paper: str
    provenance: str
    ours: float
    low: float
    high: float
    below: float
    equal: float
    above: float
    outcome: str
    verdict: str
    reason: str


def claim(
    id: str,
    quantity: str,
    claimed: str,
    ours: Interval,
    verdict: Verdict,
    budget: paper.Spent | None = None,
    provenance: str = paper.RECOLLECTION,
) -> Claim:
    """The claim for a statement of the paper.

    Args:
        id, quantity, provenance: as in `Claim`.
        claimed: the paper's statement.
        ours: the median, low and high.
        verdict: the verdict, which a function of `study.verdict` has made.
        budget: the budget of the run, if the verdict depends on it.
    """
    final = within_budget(verdict, budget.shortfall if budget else "")
    nothing = (math.nan, math.nan, math.nan)
    return Claim(id, quantity, claimed, provenance, *ours, *nothing, "", final.word, final.reason)


def unclaimed(id: str, quantity: str, ours: Interval, reason: str, provenance: str = "") -> Claim:
    """The claim for a quantity for which the paper does not give a number."""
    return claim(id, quantity, "–", ours, no_statement(reason), provenance=provenance)


def compared(
    id: str,
    quantity: str,
    claimed: str,
    row: Any,
    verdict: Verdict,
    budget: paper.Spent | None = None,
) -> Claim:
    """The claim for the paper's method against another one.

    Args:
        id, quantity, claimed, verdict, budget: as in `claim`.
        row: a row of `duels.against`, whose rival is the paper's method. `ours` is the EDP of the
            paper's method divided by that of the method of the row.
    """
    own = seen_by_rival(row)
    made = claim(
        id, quantity, claimed, (own["ratio"], own["ratio_low"], own["ratio_high"]), verdict, budget,
        paper.RECOLLECTION if claimed != "–" else "",
    )  # fmt: skip
    shares = (100 * own[name] / own["pairs"] for name in ("wins", "ties", "losses"))
    below, equal, above = shares
    return Claim(
        **{
            **made.__dict__,
            "below": below,
            "equal": equal,
            "above": above,
            "outcome": "saturated" if own["saturated"] else own["outcome"],
        }
    )


def median_and_range(values: pd.Series) -> Interval:
    """Median and range of numbers of several layers or models."""
    return float(values.median()), float(values.min()), float(values.max())


def with_interval(row: Any, name: str) -> Interval:
    """A column of a row with its interval, `name_low` and `name_high`."""
    return float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"])


def single(value: float) -> Interval:
    """A number without an interval."""
    return float(value), math.nan, math.nan
