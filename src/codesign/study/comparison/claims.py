"""Claims for arms that the paper does not have, each relative to the paper's method."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from codesign.study import paper
from codesign.study.comparison.table import OVERALL
from codesign.study.paper import REFERENCE
from codesign.study.report.claim import Claim, unclaimed, with_interval
from codesign.study.result import Result


def claims(table: pd.DataFrame, budget: paper.Spent, result: Result) -> list[Claim]:
    """One claim per search and method, for all layers or models together."""
    together = table[table["model"] == OVERALL]
    own = together[together["method"] == REFERENCE].set_index("search")
    others = together[(together["method"] != REFERENCE) & together["search"].isin(own.index)]
    return [_claim(result.id, row, own.loc[row["search"]]) for _, row in others.iterrows()]


def _claim(result: str, row: Any, own: Any) -> Claim:
    """The claim of one row; its interval is over paired seeds."""
    found = "" if math.isfinite(row["excess"]) else "its median search finds nothing feasible; "
    return unclaimed(
        f"{result} {row['search']}, {row['method']}",
        f"EDP relative to that of {REFERENCE} with the same seed, {row['search']} search",
        with_interval(row, "ratio"),
        f"the paper has no such arm; {found}{row['failed']:.0f} % of its trials fail, "
        f"{own['failed']:.0f} % of those of {REFERENCE}; it is ahead with "
        f"{100 * row['wins']:.0f} % of {int(row['seeds'])} seeds",
    )
