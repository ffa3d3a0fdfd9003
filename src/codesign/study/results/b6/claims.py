"""B6: whether this cost model agrees with the paper's, which is Timeloop."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, judged, single

PUBLIC = "[src]"
ROUNDING = 1e-12
"""Relative differences below this are due to rounding."""


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """One claim: the mappings with the same answer as Timeloop's. The budget is not used."""
    total = table[table["set"] == "all"].iloc[0]
    alike = total["outcomes_equal"] - (total["priced"] - total["cycles_equal"])
    is_exact = alike == total["records"] and total["energy_pj_worst"] <= ROUNDING
    return [
        judged(
            "B6",
            "mappings accepted or refused as by Timeloop, with equal cycles, %",
            "uses Timeloop",
            single(100 * alike / total["records"]),
            is_exact,
            f"{total['records']:,} mappings; energy differs by {total['energy_pj_worst']:.1e} "
            "at most, relatively",
            provenance=PUBLIC,
        )
    ]
