"""R5: whether λ hardly matters, except at its extremes."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.course import NEAR_PERCENT
from codesign.study.duels import headline
from codesign.study.paper import REFERENCE
from codesign.study.report.claim import Claim, Interval, claim, with_interval
from codesign.study.spaces import is_of_paper
from codesign.study.verdict import Verdict, flat_between, no_statement


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """The paper's statement, for each kind of search with λ at both extremes and between."""
    rows = headline(table)
    return [
        _claim(str(space), part.sort_values("weight", kind="stable"), budget)
        for space, part in rows.groupby("space", sort=False)
        if REFERENCE in set(part["method"]) and len(_inner(part))
    ]


def _inner(part: pd.DataFrame) -> pd.DataFrame:
    """The rows between the extremes, without λ = 1."""
    inner = part.sort_values("weight", kind="stable").iloc[1:-1]
    return inner[inner["method"] != REFERENCE]


def _claim(space: str, part: pd.DataFrame, budget: paper.Spent) -> Claim:
    """The largest difference from λ = 1 between the extremes in %."""
    inner, ends = _inner(part), part.iloc[[0, -1]]
    others = part[part["method"] != REFERENCE]
    far = inner.iloc[int((inner["ratio"] - 1).abs().argmax())]
    verdict = (
        flat_between(
            inner["outcome"].tolist(), ends["outcome"].tolist(), bool(others["saturated"].all())
        )
        if is_of_paper(space)
        else no_statement("the paper does not search this space")
    )
    at_each = ", ".join(
        f"λ = {row['weight']:g} {100 * (row['ratio'] - 1):+.2g} % ({row['outcome']})"
        for _, row in others.iterrows()
    )
    near = ", ".join(f"{row['reach']:.0f} with λ = {row['weight']:g}" for _, row in part.iterrows())
    reason = (
        f"{verdict.reason}; EDP at {at_each}; trials to {NEAR_PERCENT:g} % of the least: {near}"
    )
    return claim(
        f"R5 {space}",
        f"EDP relative to λ = 1 where it differs most between the extremes "
        f"(λ = {far['weight']:g}), {space}, %",
        "about 0: flat except at the extremes" if is_of_paper(space) else "–",
        _in_percent(with_interval(far, "ratio")),
        Verdict(verdict.word, reason),
        budget if is_of_paper(space) else None,
    )


def _in_percent(ratios: Interval) -> Interval:
    """How far ratios are above 1, in %."""
    median, low, high = ratios
    return 100 * (median - 1), 100 * (low - 1), 100 * (high - 1)
