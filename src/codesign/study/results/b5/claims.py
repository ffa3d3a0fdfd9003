"""B5: assumptions under which the paper's gains are possible; the paper does not state them."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, claim, median_and_range, unclaimed
from codesign.study.verdict import no_statement


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """Per model the assumption closest to the paper; then the price of one accelerator for all."""
    found = [
        _assumption_claim(str(model), rows)
        for model, rows in _part(table, "sensitivity").groupby("model", sort=False)
        if rows["paper"].notna().all()
    ]
    shared = _part(table, "generality")
    for found_for, words in ("joint", "found for all models"), ("others", "found for the others"):
        for hardware, rows in shared[shared["found_for"] == found_for].groupby("hardware"):
            found.append(
                unclaimed(
                    f"B5 {found_for}, {hardware}",
                    f"EDP above that on an accelerator of its own, on one {words}, %, "
                    "median and range over models",
                    median_and_range(rows["price"]),
                    "the paper has one accelerator per model",
                )
            )
    return found


def _part(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["part"] == name]


def _assumption_claim(model: str, rows: pd.DataFrame) -> Claim:
    wanted = float(rows["paper"].iloc[0])
    best = rows.iloc[int((rows["improvement"] - wanted).abs().argmin())]
    reason = f"the paper does not state it. Closest: {best['assumption']}"
    ours = float(best["improvement"]), float(best["low"]), float(best["high"])
    return claim(
        f"B5 {model}",
        "EDP saved under the assumption that comes closest to the paper, %",
        f"{wanted:g}",
        ours,
        no_statement(reason),
        provenance=paper.IMPROVEMENT_SOURCE.get(model, ""),
    )
