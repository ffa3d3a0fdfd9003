"""B2: how far searches end from the best accelerator, which the paper does not say."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, unclaimed, with_interval


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """One claim per model and method: the excess over the proven bound, and the bound's gap."""
    return [
        unclaimed(
            f"B2 {row['model']}, {row['method']}",
            "EDP above the proven bound of all accelerators of the budget, %",
            with_interval(row, "excess"),
            f"the paper proves no optimum; {_what_is_known(row)}",
        )
        for _, row in table.iterrows()
    ]


def _what_is_known(row: pd.Series) -> str:
    if row["certificate"] == "optimal":
        return "the bound is the optimum"
    return f"the best accelerator known is {row['best']:.1f} % above the bound"
