"""R6: whether Bayesian optimization beats Timeloop's mapper with as many or more evaluations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from codesign.study import paper
from codesign.study.duels import headline, seen_by_rival
from codesign.study.report.claim import Claim, compared, median_and_range, unclaimed
from codesign.study.spaces import ROW_STATIONARY
from codesign.study.verdict import superior


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """The paper's statement for every space and budget of the sampler; then the evaluations that it
    needs for the end of the method."""
    method = str(table["method"].iloc[0])
    sampled = table[table["method"] != method]
    ours = table[table["method"] == method]
    found = []
    for row in headline(sampled[sampled["pairs"].notna()]).to_dict("records"):
        own = seen_by_rival(row)
        times = int(row["multiple"])
        found.append(
            compared(
                f"R6 {row['space']}, {times} ×",
                f"EDP of {method} / EDP of Timeloop's mapper with {times} × the evaluations, "
                f"mapping search, {row['space']}",
                "better with at least as many",
                row,
                superior(own["outcome"], own["saturated"]),
                budget,
            )
        )
    tasks = sampled[sampled["evaluations"].notna()].drop_duplicates(["space", "model", "layer"])
    is_free = tasks["space"] != ROW_STATIONARY
    for name, part in (("row-stationary", tasks[~is_free]), ("free map-spaces", tasks[is_free])):
        if len(part):
            own_part = ours[ours["space"].isin(part["space"])]
            found.append(_evaluations(name, own_part, part))
    return found


def _evaluations(name: str, ours: pd.DataFrame, sampled: pd.DataFrame) -> Claim:
    """The evaluations that the sampler needs for the method's final EDP."""
    there = sampled[np.isfinite(sampled["reach"])]
    return unclaimed(
        f"R6 {name}, evaluations",
        "evaluations of Timeloop's mapper until it has BO's final median EDP, median and range "
        "over the layers where it gets there",
        median_and_range(there["reach"]),
        f"it does on {len(there)} of {len(sampled)} layers; BO itself has that EDP after "
        f"{ours['reach'].median():.0f} of its {int(ours['evaluations'].max())}, median over layers",
    )
