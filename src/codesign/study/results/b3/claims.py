"""B3: hardware or mapping freedom, which the paper does not separate."""

from __future__ import annotations

import math

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, unclaimed, with_interval
from codesign.study.results.b3.combinations import RESTRICTED


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """One claim per model: savings by the hardware alone, by free mapping alone, and by both."""
    rows = table[table["restricted"] == RESTRICTED[0]].to_dict("records")
    pinned = table[table["restricted"] == RESTRICTED[1]].set_index("model")["hardware"].to_dict()
    return [
        unclaimed(
            f"B3 {row['model']}",
            "EDP of Eyeriss over that of the found hardware, both row-stationary",
            with_interval(row, "hardware"),
            f"the paper does not separate them; with {RESTRICTED[1]} instead "
            f"{_factor(pinned.get(row['model'], math.nan))}, free mapping alone "
            f"{_factor(row['mapping'])}, both together {_factor(row['total'])}",
        )
        for row in rows
    ]


def _factor(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "not feasible"
