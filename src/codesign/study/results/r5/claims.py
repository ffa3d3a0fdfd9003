"""R5: whether λ hardly matters, except at its extremes."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.comparison.table import OVERALL
from codesign.study.course import NEAR_PERCENT
from codesign.study.paper import REFERENCE
from codesign.study.report.claim import Claim, Interval, judged, with_interval

FLAT_PERCENT = 1.0
"""EDPs that differ by less, in %, count as equal."""


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """The paper's statement, for each kind of search with λ at both extremes and between."""
    return [
        _claim(str(search), part.sort_values("weight", kind="stable"), budget)
        for search, part in table[table["model"] == OVERALL].groupby("search", sort=False)
        if REFERENCE in set(part["method"]) and len(part) >= 4
    ]


def _claim(search: str, part: pd.DataFrame, budget: paper.Spent) -> Claim:
    """The largest difference from λ = 1 between the extremes in %, and those at the extremes."""
    inner = part.iloc[1:-1]
    inner = inner[inner["method"] != REFERENCE]
    far = inner.iloc[int((inner["ratio"] - 1).abs().argmax())]
    is_flat = not any(_differs(row) for _, row in inner.iterrows())
    ends = [part.iloc[0], part.iloc[-1]]
    worse = [row for row in ends if _differs(row) and row["ratio"] > 1]
    at_ends = " and ".join(f"λ = {row['weight']:g} {_change(row)} %" for row in ends)
    reason = f"between them λ {'hardly matters' if is_flat else 'matters'}; EDP at {at_ends}"
    if is_flat and not worse:
        reason += ": flat at the extremes too"
    counts = ", ".join(
        f"{row['reach']:.0f} with λ = {row['weight']:g}" for _, row in part.iterrows()
    )
    if search == "mapping":
        reason += f"; trials to {NEAR_PERCENT:g} % of the optimum: {counts}"
    return judged(
        f"R5 {search}",
        f"EDP relative to λ = 1 where it differs most between the extremes "
        f"(λ = {far['weight']:g}), {search} search, %",
        "about 0: flat except at the extremes",
        _in_percent(with_interval(far, "ratio")),
        bool(is_flat and worse),
        reason,
        budget,
    )


def _in_percent(ratios: Interval) -> Interval:
    """How far ratios are above 1, in %."""
    median, low, high = ratios
    return 100 * (median - 1), 100 * (low - 1), 100 * (high - 1)


def _differs(row: pd.Series) -> bool:
    """Whether EDP differs from that at λ = 1: by its interval, and by more than `FLAT_PERCENT`."""
    is_apart = row["ratio_low"] > 1 or row["ratio_high"] < 1
    return bool(is_apart and abs(row["ratio"] - 1) > FLAT_PERCENT / 100)


def _change(row: pd.Series) -> str:
    return f"{100 * (row['ratio'] - 1):+.2g}"
