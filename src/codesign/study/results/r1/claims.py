"""R1: the savings by co-design, relative to Eyeriss as searched and as mapped optimally."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import AGREE, DISAGREE, NOT_COMPARABLE, Claim


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
    return Claim(
        name,
        quantity,
        f"{row['paper']:g}" if math.isfinite(row["paper"]) else "–",
        paper.IMPROVEMENT_SOURCE.get(row["model"], ""),
        *ours[:3],
        *_judge_improvement(row["paper"], *ours[1:], row["bound_excess"], budget),
    )


def _judge_improvement(
    claimed: float, low: float, high: float, headroom: float, excess: float, budget: paper.Spent
) -> tuple[str, str]:
    """Verdict and reason. `excess` is that of the co-designed EDP over the proven bound, in %."""
    most = (
        f"any design of this budget saves at most {headroom:.1f} %; our EDP is {excess:.1f} % "
        "above that bound"
    )
    if math.isnan(claimed):
        return NOT_COMPARABLE, f"the paper has no such model; {most}"
    if budget.shortfall:
        return NOT_COMPARABLE, f"{budget.shortfall}; {most}"
    if low <= claimed <= high:
        return AGREE, f"within our interval; {most}"
    if claimed > headroom:
        return DISAGREE, f"beyond what the energy table leaves: {most}"
    side = "less" if high < claimed else "more"
    return DISAGREE, f"we save {side}; {most}"
