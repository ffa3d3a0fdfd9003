"""R3: whether the paper's method finds better hardware than random search."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, judged, single


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """The paper's statement, if both methods are arms."""
    if not {"bo", "random"} <= set(table["method"]):
        return []
    return [_hardware_claim(table, budget)]


def _hardware_claim(table: pd.DataFrame, budget: paper.Spent) -> Claim:
    """The number of models on which the paper's method ends ahead of random search."""
    ends = table.pivot_table(index="model", columns="method", values="excess")
    ahead = int((ends["bo"] < ends["random"]).sum())
    return judged(
        "R3",
        f"models, of {len(ends)}, on which BO finds better hardware than random search",
        "all",
        single(ahead),
        ahead == len(ends),
        "medians over seeds of the least EDP found",
        budget,
    )
