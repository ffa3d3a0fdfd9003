"""R1: the savings by co-design, relative to Eyeriss as searched and as mapped optimally."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, claim
from codesign.study.verdict import Verdict, number


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """Two claims per model, for the reading of EDP that searches minimise: relative to Eyeriss as
    searched, and as mapped optimally."""
    rows: list[dict[Hashable, Any]] = table[table["reading"] == "product"].to_dict("records")
    return [claim for row in rows for claim in _improvement_pair(row, budget)]


def _improvement_pair(row: dict[Hashable, Any], budget: paper.Spent) -> list[Claim]:
    searched = row["improvement"], row["low"], row["high"], row["headroom"]
    optimal = (
        *(row["improvement_optimal"], row["optimal_low"], row["optimal_high"]),
        row["headroom_optimal"],
    )
    name = f"R1 {row['model']}"
    quantity = "EDP saved against Eyeriss mapped"
    return [
        _improvement_claim(name, f"{quantity} by the same search, %", row, searched, budget),
        _improvement_claim(
            f"{name}, against optimal mapping", f"{quantity} optimally, %", row, optimal, budget
        ),
    ]


def _improvement_claim(
    name: str,
    quantity: str,
    row: dict[Hashable, Any],
    ours: tuple[float, float, float, float],
    budget: paper.Spent,
) -> Claim:
    """One claim, where `ours` is median, low, high and headroom."""
    headroom, claimed = ours[3], float(row["paper"])
    judged = number(claimed, *ours[1:])
    most = (
        f"any design of this budget saves at most {headroom:.1f} %; our EDP is "
        f"{row['bound_excess']:.1f} % above that bound"
    )
    is_claimed = math.isfinite(claimed)
    return claim(
        name,
        quantity,
        f"{claimed:g}" if is_claimed else "–",
        ours[:3],
        Verdict(judged.word, f"{judged.reason}; {most}"),
        budget if is_claimed else None,
        paper.IMPROVEMENT_SOURCE.get(row["model"], ""),
    )
