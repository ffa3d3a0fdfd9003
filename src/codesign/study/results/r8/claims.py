"""R8: the costs of found designs relative to Eyeriss, for which the paper has no numbers."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, unclaimed, with_interval


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """One claim per model: the EDP of its best found design, with parameters and costs."""
    lines = []
    for model, group in table.groupby("model", sort=False):
        designs = {str(row["design"]): row for _, row in group.iterrows()}
        if {"Eyeriss", "found"} - set(designs):
            continue
        eyeriss, found = designs["Eyeriss"], designs["found"]
        edp, (best, low, high) = float(eyeriss["edp"]), with_interval(found, "edp")
        ratios = {name: found[name] / eyeriss[name] for name in ("energy_pj", "cycles")}
        lines.append(
            unclaimed(
                f"R8 {model}",
                "EDP of the best found design over that of Eyeriss, best and range over seeds",
                (best / edp, low / edp, high / edp),
                f"the paper discusses designs, we know no numbers; {found['H1']} × {found['H2']} "
                f"PEs for {eyeriss['H1']} × {eyeriss['H2']}, energy × {ratios['energy_pj']:.3f}, "
                f"delay × {ratios['cycles']:.3f}",
                paper.RECOLLECTION,
            )
        )
    return lines
