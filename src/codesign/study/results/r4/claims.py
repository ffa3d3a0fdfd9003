"""R4: whether a Gaussian process with a confidence bound is the best of four methods."""

from __future__ import annotations

from typing import Any

import pandas as pd

from codesign.study import paper
from codesign.study.comparison.table import OVERALL
from codesign.study.course import NEAR_PERCENT
from codesign.study.paper import REFERENCE
from codesign.study.report.claim import Claim, best_or_tied, judged, with_interval


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """The paper's statement, for each kind of search with the paper's method and others."""
    return [
        _claim(str(search), part, budget)
        for search, part in table.groupby("search", sort=False)
        if REFERENCE in set(part["method"]) and set(part["method"]) != {REFERENCE}
    ]


def _claim(search: str, part: pd.DataFrame, budget: paper.Spent) -> Claim:
    """The best other method relative to the paper's, with an interval over paired seeds."""
    together = part[part["model"] == OVERALL].set_index("method")
    rival = str(together.drop(REFERENCE)["ratio"].idxmin())
    best: Any = together.loc[rival]
    won, groups = best_or_tied(part[part["model"] != OVERALL], REFERENCE)
    is_best = not best["ratio_high"] < 1
    others = "none of the others is better beyond its interval" if is_best else f"{rival} is better"
    unit = "layers" if search == "mapping" else "models"
    reason = (
        f"{others}; GP with LCB is best or ties on {won} of {groups} {unit}, "
        f"{int(best['seeds'])} seeds"
    )
    if search == "mapping":
        counts = ", ".join(f"{method} {row['reach']:.0f}" for method, row in together.iterrows())
        reason += f"; trials to {NEAR_PERCENT:g} % of the optimum: {counts}"
    return judged(
        f"R4 {search}",
        f"EDP of the best other, {rival}, over that of GP with LCB, {search} search",
        "above 1: GP with LCB is best",
        with_interval(best, "ratio"),
        is_best,
        reason,
        budget,
    )
