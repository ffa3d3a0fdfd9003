"""B5: assumptions under which the paper's gains are possible; the paper does not state them."""

from __future__ import annotations

import re

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import NOT_COMPARABLE, Claim, median_and_range, unclaimed

WEAK = re.compile(r"Eyeriss with (?P<trials>\d+) (?P<kind>.+) mappings?")
"""The names that `b5.table.weak_name` gives to assumptions."""


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
    reached = rows[rows["improvement"] >= wanted]["assumption"]
    possible = rows[(rows["headroom"] >= wanted) & (rows["improvement"] < wanted)]["assumption"]
    reason = f"Closest: {best['assumption']}. Reached under: {_listed(reached)}"
    if len(possible):
        reason += f". Possible but not found under: {_listed(possible)}"
    return Claim(
        f"B5 {model}",
        "EDP saved under the assumption that comes closest to the paper, %",
        f"{wanted:g}",
        paper.IMPROVEMENT_SOURCE.get(model, ""),
        float(best["improvement"]),
        float(best["low"]),
        float(best["high"]),
        NOT_COMPARABLE,
        reason,
    )


def _listed(names: pd.Series) -> str:
    """The names as a text. Names that differ only in a number of mappings are joined into one."""
    numbers: dict[str, list[str]] = {}
    for name in names:
        found = WEAK.fullmatch(name)
        kind, trials = (found["kind"], [found["trials"]]) if found else (name, [])
        numbers.setdefault(kind, []).extend(trials)
    words = (
        f"Eyeriss with {_either(some)} {kind} mapping{'s' * (some != ['1'])}" if some else kind
        for kind, some in numbers.items()
    )
    return "; ".join(words) or "none"


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
