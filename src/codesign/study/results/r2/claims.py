"""R2: how well methods map, compared with each other and with the proven optimum."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.course import NEAR_PERCENT
from codesign.study.report.claim import (
    Claim,
    best_or_tied,
    judged,
    median_and_range,
    single,
    unclaimed,
)

NEARLY_ALL = 0.8
"""The least share of layers that counts as "nearly all"."""


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """The paper's statement on its method, if that is an arm; then the excess of every arm."""
    own = [_mapping_claim(table, budget)] if "bo" in set(table["method"]) else []
    return own + _excess_claims(table)


def _mapping_claim(table: pd.DataFrame, budget: paper.Spent) -> Claim:
    """The number of layers on which the paper's method is best or tied."""
    won, layers = best_or_tied(table, "bo")
    return judged(
        "R2",
        f"layers, of {layers}, on which BO maps best or ties",
        "nearly all",
        single(won),
        won >= NEARLY_ALL * layers,
        "tied: the interval of its median reaches the best median; other arms than the paper's",
        budget,
    )


def _excess_claims(table: pd.DataFrame) -> list[Claim]:
    """The excess of every method over the proven optimum, with the range over layers."""
    claims = []
    for method, ends in table.groupby("method", sort=False):
        near = int((ends["excess"] <= NEAR_PERCENT).sum())
        claims.append(
            unclaimed(
                f"R2 excess, {method}",
                f"EDP above the proven optimum after {ends['trials'].max()} mappings, %, "
                "median and range over layers",
                median_and_range(ends["excess"]),
                f"the paper proves no optimum; within {NEAR_PERCENT:g} % of it on {near} of "
                f"{len(ends)} layers",
            )
        )
    return claims
