"""B6: whether this cost model agrees with the paper's, which is Timeloop."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, claim, single
from codesign.study.verdict import Verdict, without_exception

PUBLIC = "[src]"


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """One claim: the mappings with the same answer as Timeloop's. The budget is not used."""
    total = table[table["set"] == "all"].iloc[0]
    alike = total["outcomes_equal"] - (total["priced"] - total["cycles_equal"])
    judged = without_exception(int(alike), int(total["records"]), float(total["energy_pj_worst"]))
    return [
        claim(
            "B6",
            "mappings accepted or refused as by Timeloop, with equal cycles, %",
            "uses Timeloop",
            single(100 * alike / total["records"]),
            Verdict(
                judged.word,
                f"{judged.reason} mappings; energy differs by {total['energy_pj_worst']:.1e} "
                "at most, relatively",
            ),
            provenance=PUBLIC,
        )
    ]
