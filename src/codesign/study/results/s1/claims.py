"""S1: rank correlations between chips, which the paper does not have."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, median_and_range, unclaimed
from codesign.study.results.s1.table import POLICIES

NAMES = {"fixed": "own dataflow, one mapping per layer", "optimal": "mapped optimally, proven"}


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """Per policy of mapping: the correlations of energy and delay, and what a proxy costs."""
    made = []
    for policy in POLICIES:
        rows = table[table["policy"] == policy]
        for metric in ("energy", "delay"):
            made.append(
                unclaimed(
                    f"S1 {policy}, {metric}",
                    f"Spearman's rank correlation of {metric} between two chips, {NAMES[policy]}",
                    median_and_range(rows[f"spearman_{metric}"]),
                    "Lu et al. report about 1 at a fixed dataflow [rec]",
                )
            )
        made.append(
            unclaimed(
                f"S1 {policy}, loss",
                "worst loss of EDP if only the survivors of a proxy are searched, %",
                median_and_range(rows["worst_loss"]),
                f"a proxy spares {rows['spared'].min():.2f} to {rows['spared'].max():.2f} % of "
                f"{rows['networks'].max():,} networks",
            )
        )
    return made
