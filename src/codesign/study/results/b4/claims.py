"""B4: whether the paper's method beats random search more often than by chance."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, judged, single
from codesign.study.statistics import SIGNIFICANT

TASKS = {"mapping": "layers", "hardware": "models"}


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """One claim per kind of search that has both methods."""
    rows = table[(table["method"] == "bo") & (table["rival"] == "random")].to_dict("records")
    lines = []
    for row in rows:
        is_ahead = row["ratio"] >= 1 and row["win_rate"] > 0.5 and row["p_holm"] < SIGNIFICANT
        tasks = TASKS.get(str(row["search"]), "tasks")
        lines.append(
            judged(
                f"B4 {row['search']}",
                f"runs in which BO ends below random search, %, over {tasks} and seeds",
                "BO ahead",
                single(100 * row["win_rate"]),
                is_ahead,
                f"p = {row['p_holm']:.2g} after Holm's correction",
                budget,
            )
        )
    return lines
