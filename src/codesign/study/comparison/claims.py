"""Claims of comparisons: the paper's method against each of the others."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import pandas as pd

from codesign.study import paper
from codesign.study.duels import headline, parts_of, seen_by_rival
from codesign.study.paper import REFERENCE
from codesign.study.report.claim import Claim, compared
from codesign.study.result import Result
from codesign.study.spaces import is_hardware, is_of_paper, title
from codesign.study.verdict import no_statement, superior

Row = dict[Hashable, Any]


def claims(table: pd.DataFrame, budget: paper.Spent, result: Result) -> list[Claim]:
    """One claim per space and method, where the paper's method is an arm.

    The verdict is on the paper's statement, if the declaration of the arms says that the paper has
    one on this method, and the paper searches this space. The reason has the outcomes of single
    models and spaces.
    """
    rows = headline(table[table["pairs"].notna()])
    rows = rows[rows["method"] != REFERENCE]
    ends = table.set_index(["space", "model", "layer", "method"])["excess"]
    return [_claim(table, ends, row, budget, result) for row in rows.to_dict("records")]


def _claim(
    table: pd.DataFrame, ends: pd.Series, row: Row, budget: paper.Spent, result: Result
) -> Claim:
    assert result.arms is not None
    method, space = str(row["method"]), str(row["space"])
    own = seen_by_rival(row)
    is_claimed = method in result.arms.rivals and is_of_paper(space)
    if is_claimed:
        verdict = superior(own["outcome"], own["saturated"])
    elif is_of_paper(space):
        verdict = no_statement("the paper has no such arm")
    else:
        verdict = no_statement("the paper does not search this space")
    place = row["space"], row["model"], row["layer"]
    reasons = [verdict.reason, *_by_part(parts_of(table, row))]
    reasons.append(_ends(float(ends[(*place, REFERENCE)]), float(row["excess"]), method, space))
    if row["failed"]:
        failed = f"{row['failed']:.0f} % of the trials of {method} fail"
        reasons.append(f"{failed}, {_failed(table, place):.0f} % of those of {REFERENCE}")
    return compared(
        f"{result.id} {space}, {method}",
        f"EDP of {REFERENCE} / EDP of {method}, {_what(space)}",
        result.arms.claimed if is_claimed else "–",
        row,
        type(verdict)(verdict.word, "; ".join(reasons)),
        budget if is_claimed else None,
    )


def _what(space: str) -> str:
    if is_hardware(space):
        return title(space)
    return f"mapping search, {space}"


def _by_part(rows: pd.DataFrame) -> list[str]:
    """The outcomes for parts of a group as texts: "better on A, B"."""
    found: dict[str, list[str]] = {}
    for row in rows.to_dict("records"):
        own = seen_by_rival(row)
        word = "saturated" if own["saturated"] else str(own["outcome"])
        found.setdefault(word, []).append(str(row["part"]))
    return [f"{word} on {', '.join(names)}" for word, names in found.items()]


def _ends(own: float, other: float, method: str, space: str) -> str:
    what = "the best found" if is_hardware(space) else "the optimum"
    texts = [
        f"{name} {f'{value:.2g} %' if math.isfinite(value) else 'nothing feasible'}"
        for name, value in ((REFERENCE, own), (method, other))
    ]
    return f"median search above {what}: {', '.join(texts)}"


def _failed(table: pd.DataFrame, place: tuple[Any, ...]) -> float:
    same = table[(table["method"] == REFERENCE)].set_index(["space", "model", "layer"])
    return float(same.loc[place, "failed"])
