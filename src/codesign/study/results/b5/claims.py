"""B5: which assumption explains the paper's gains best; the paper does not state any."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.cells import each, number
from codesign.study.report.claim import Claim, median_and_range, unclaimed
from codesign.study.results.b5.ranking import AS_R1, ranking


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """The assumption that fits best; what other methods find; the price of one accelerator."""
    assumptions = _part(table, "sensitivity")
    found = [*_best(assumptions), *_methods(assumptions)]
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


def _best(assumptions: pd.DataFrame) -> list[Claim]:
    """The first assumption of the ranking, and the control."""
    ranked = ranking(assumptions)
    models = list(assumptions.loc[assumptions["paper"].notna(), "model"].unique())
    control = ranked[ranked["assumption"] == AS_R1]
    return [
        unclaimed(
            "B5 best fit",
            "mean distance of the gains from the paper's, points, under the assumption that fits "
            "best",
            (float(row["distance"]), float(row["low"]), float(row["high"])),
            f"{row['assumption']}: {each(models, [row[model] for model in models])} %; "
            f"of {len(ranked)} assumptions; {AS_R1} the distance is "
            f"{number(float(control['distance'].iloc[0]))}",
        )
        for _, row in ranked.head(1).iterrows()
    ]


def _methods(assumptions: pd.DataFrame) -> list[Claim]:
    """How far the gains that another method finds are from R1's."""
    gains = assumptions.pivot_table("improvement", "assumption", "model", sort=False)
    lines = []
    for name in gains.index[gains.index.str.startswith("found by ")]:
        away = (gains.loc[name] - gains.loc[AS_R1]).dropna()
        lines.append(
            unclaimed(
                f"B5 {name}",
                "gain of R1 minus that of this method, points, median and range over models",
                median_and_range(-away),
                f"gains: {each(away.index, gains.loc[name, away.index])} %",
            )
        )
    return lines
