"""Every number of the paper beside ours, with a verdict and its reason."""

from __future__ import annotations

import argparse
import math
from collections.abc import Hashable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from codesign.store.table import read_table, write_table
from codesign.study import paper
from codesign.study.regret import NEAR_PERCENT

AGREE, DISAGREE, NOT_COMPARABLE = "agree", "disagree", "not comparable"

NEARLY_ALL = 0.8
"""The share of layers from which on we call it "nearly all"."""


@dataclass(frozen=True)
class Claim:
    """A number of the paper beside ours.

    Args:
        id: which result.
        quantity: what is compared, with its unit.
        paper: the paper's number or words.
        provenance: where we have it from, `[abs]` or `[rec]`.
        ours, low, high: our median and its interval; NaN where there is none.
        verdict, reason: `agree`, `disagree` or `not comparable`, and why.
    """

    id: str
    quantity: str
    paper: str
    provenance: str
    ours: float
    low: float
    high: float
    verdict: str
    reason: str


def improvement_claims(table: pd.DataFrame, budget: paper.Budget) -> list[Claim]:
    """R1, the reading that the searches minimise: against Eyeriss as searched, then at its best."""
    rows: list[dict[Hashable, Any]] = table[table["reading"] == "product"].to_dict("records")
    return [claim for row in rows for claim in _improvement_pair(row, budget)]


def _improvement_pair(row: dict[Hashable, Any], budget: paper.Budget) -> list[Claim]:
    searched = row["improvement"], row["low"], row["high"], row["headroom"]
    optimal = (
        *(row["improvement_optimal"], row["optimal_low"], row["optimal_high"]),
        row["headroom_optimal"],
    )
    name = f"R1 {row['model']}"
    quantity = "EDP saved against Eyeriss mapped"
    return [
        _improvement_claim(name, f"{quantity} by the same search, %", row, searched, budget),
        _improvement_claim(
            f"{name}, against optimal mapping", f"{quantity} optimally, %", row, optimal, budget
        ),
    ]


def _improvement_claim(
    name: str,
    quantity: str,
    row: dict[Hashable, Any],
    ours: tuple[float, float, float, float],
    budget: paper.Budget,
) -> Claim:
    """`ours` is median, low, high and headroom."""
    return Claim(
        name,
        quantity,
        f"{row['paper']:g}" if math.isfinite(row["paper"]) else "–",
        paper.IMPROVEMENT_SOURCE.get(row["model"], ""),
        *ours[:3],
        *_judge_improvement(row["paper"], *ours[1:], budget),
    )


def _judge_improvement(
    claimed: float, low: float, high: float, headroom: float, budget: paper.Budget
) -> tuple[str, str]:
    most = f"at most {headroom:.1f} % can be saved by any design of this budget"
    if math.isnan(claimed):
        return NOT_COMPARABLE, f"the paper has no such model; {most}"
    if budget.shortfall:
        return NOT_COMPARABLE, f"{budget.shortfall}; {most}"
    if low <= claimed <= high:
        return AGREE, f"within our interval; {most}"
    if claimed > headroom:
        return DISAGREE, f"beyond what the energy table leaves: {most}"
    side = "less" if high < claimed else "more"
    return DISAGREE, f"we save {side}; {most}"


def mapping_claim(table: pd.DataFrame, budget: paper.Budget) -> Claim:
    """R2: on how many layers the paper's method is best or tied."""
    won, layers = count_best(table, ["model", "layer"], "bo")
    verdict = AGREE if won >= NEARLY_ALL * layers else DISAGREE
    reason = "tied: the interval of its median reaches the best median; other arms than the paper's"
    if budget.shortfall:
        verdict, reason = NOT_COMPARABLE, budget.shortfall
    return Claim(
        "R2",
        f"layers, of {layers}, on which BO maps best or ties",
        "nearly all",
        paper.RECOLLECTION,
        *(float(won), math.nan, math.nan),
        verdict,
        reason,
    )


def regret_claims(table: pd.DataFrame) -> list[Claim]:
    """R2: how far every method ends from the proven optimum; the range is that over layers."""
    claims = []
    for method, ends in table.groupby("method", sort=False):
        near = int((ends["regret"] <= NEAR_PERCENT).sum())
        claims.append(
            Claim(
                f"R2 regret, {method}",
                f"EDP above the proven optimum after {ends['trials'].max()} mappings, %, "
                "median and range over layers",
                "–",
                "",
                *_median_and_range(ends["regret"]),
                NOT_COMPARABLE,
                f"the paper proves no optimum; within {NEAR_PERCENT:g} % of it on {near} of "
                f"{len(ends)} layers",
            )
        )
    return claims


def count_best(table: pd.DataFrame, by: list[str], method: str) -> tuple[int, int]:
    """In how many groups `method` is best or tied, and how many groups there are."""
    won = groups = 0
    for _, group in table.groupby(by, sort=False):
        own = group[group["method"] == method]
        if len(own):
            groups += 1
            won += bool(own["high"].iloc[0] >= group["median"].max())
    return won, groups


def hardware_claim(table: pd.DataFrame, budget: paper.Budget) -> Claim:
    """R3: on how many models the paper's method ends ahead of random search."""
    ends = table.pivot_table(index="model", columns="method", values="median")
    ahead = int((ends["bo"] > ends["random"]).sum())
    verdict = AGREE if ahead == len(ends) else DISAGREE
    reason = "medians over seeds of the least EDP found"
    if budget.shortfall:
        verdict, reason = NOT_COMPARABLE, budget.shortfall
    return Claim(
        "R3",
        f"models, of {len(ends)}, on which BO finds better hardware than random search",
        "all",
        paper.RECOLLECTION,
        *(float(ahead), math.nan, math.nan),
        verdict,
        reason,
    )


def feasibility_claims(table: pd.DataFrame) -> list[Claim]:
    """R7: shares of valid raw draws; the range is that over models or layers."""
    hardware = 100 * table[table["sampler"] == "derived"]["share"]
    mapping = 100 * table[table["sampler"] == "free"]["share"]
    most = 100 * paper.VALID_MAPPING_SHARE_MOST
    about = 100 * paper.VALID_HARDWARE_SHARE
    is_about = about / 2 <= hardware.median() <= 2 * about
    is_below = bool(mapping.max() < most)
    return [
        Claim(
            "R7 hardware",
            "valid hardware points among raw draws (H2, H6 derived), %",
            f"≈ {about:g}",
            paper.RECOLLECTION,
            *_median_and_range(hardware),
            AGREE if is_about else DISAGREE,
            "within a factor of two" if is_about else "depends on the domains drawn from",
        ),
        Claim(
            "R7 mapping",
            "valid mappings among raw draws, %, median and range over layers",
            f"< {most:g}",
            paper.RECOLLECTION,
            *_median_and_range(mapping),
            AGREE if is_below else DISAGREE,
            f"{int((mapping < most).sum())} of {len(mapping)} layers are below",
        ),
    ]


def _median_and_range(values: pd.Series) -> tuple[float, float, float]:
    return float(values.median()), float(values.min()), float(values.max())


def summarise(tables: dict[str, pd.DataFrame], budget: paper.Budget) -> pd.DataFrame:
    """All claims that the results in `tables` (R1, R2, …) can be held against."""
    claims: list[Claim] = []
    if "R1" in tables:
        claims += improvement_claims(tables["R1"], budget)
    if "R2" in tables and "bo" in set(tables["R2"]["method"]):
        claims.append(mapping_claim(tables["R2"], budget))
    if "R2" in tables:
        claims += regret_claims(tables["R2"])
    if "R3" in tables and {"bo", "random"} <= set(tables["R3"]["method"]):
        claims.append(hardware_claim(tables["R3"], budget))
    if "R7" in tables:
        claims += feasibility_claims(tables["R7"])
    columns = list(Claim.__dataclass_fields__)
    return pd.DataFrame([asdict(claim) for claim in claims], columns=columns)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--tables", type=Path, nargs="+", required=True, help="R1.parquet, …")
    parser.add_argument("--hardware-trials", type=int, required=True)
    parser.add_argument("--mapping-trials", type=int, required=True)
    parser.add_argument("--seeds", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the summary."""
    tables = {path.stem: read_table(path) for path in options.tables}
    budget = paper.Budget(options.hardware_trials, options.mapping_trials, options.seeds)
    write_table(summarise(tables, budget), options.output)
