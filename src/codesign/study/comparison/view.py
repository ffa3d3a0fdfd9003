"""The view of a comparison: one row per group of tasks and method."""

from __future__ import annotations

import pandas as pd

from codesign.study.course import NEAR_PERCENT
from codesign.study.duels import headline
from codesign.study.paper import REFERENCE
from codesign.study.report.cells import (
    NONE,
    Column,
    Row,
    View,
    each,
    number,
    numeric,
    tabulate,
    text,
    with_span,
)
from codesign.study.result import Result
from codesign.study.spaces import ALL, is_hardware


def view(table: pd.DataFrame, result: Result) -> View:
    """Excess with its interval, and the duel with the paper's method, for models and spaces.

    Single layers are left out where their model has a row. `result` is not used: the view is the
    same for all results.
    """
    summed = set(table.loc[table["layer"] == ALL, ["space", "model"]].itertuples(index=False))
    places = table[["space", "model"]].itertuples(index=False)
    is_shown = [
        layer == ALL or place not in summed
        for layer, place in zip(table["layer"], places, strict=True)
    ]
    return tabulate(table[is_shown], *columns(table))


def answer(table: pd.DataFrame, result: Result) -> str:
    """The ends of all methods, for each kind of search; `result` is not used."""
    return ends_in_words(table)


def ends_in_words(table: pd.DataFrame) -> str:
    """The excess of every method at the end, for all tasks of a kind of search together, and
    which hardware searches end no better than their chip."""
    lines = []
    for space, rows in headline(table).groupby("space", sort=False):
        ordered = rows.sort_values("excess", kind="stable")
        note = " (saturated)" if rows["saturated"].eq(True).any() else ""
        lines.append(f"{space}{note}: {each(ordered['method'], ordered['excess'], 2)}")
    if not lines:
        return ""
    sentence = f"EDP above the least, %, for all together: {'; '.join(lines)}."
    return " ".join([sentence, *_no_better(table)])


def _no_better(table: pd.DataFrame) -> list[str]:
    """Which hardware searches end no better than the chip with which they began, as a sentence."""
    rows = headline(table)
    rows = rows[rows["space"].map(is_hardware) & rows["no_better"].notna()]
    if rows.empty:
        return []
    failing = rows[rows["no_better"] > 0]
    if failing.empty:
        return ["Every hardware search ends better than the chip that it began with."]
    lines = [
        f"{space}: {each(part['method'], part['no_better'], 2)}"
        for space, part in failing.groupby("space", sort=False)
    ]
    return [f"Hardware searches that end no better than their chip, %: {'; '.join(lines)}."]


def columns(table: pd.DataFrame) -> list[Column]:
    """The columns of the view; those of duels and failures only if there are any."""
    found: list[Column] = [
        ("space", text("space")),
        ("model", _place),
        ("method", text("method")),
        ("seeds", text("seeds")),
        ("EDP above least, %", with_span("excess", digits=2)),
        (f"trials to {NEAR_PERCENT:g} %", numeric("reach")),
    ]
    if bool((table["failed_high"] > 0).any()):
        found.append(("trials failed, %", numeric("failed", digits=2)))
    if bool((table["no_better"] > 0).any()):
        found.append(("no better than its chip, % of searches", numeric("no_better", digits=2)))
    if bool(table["pairs"].notna().any()):
        found += duel_columns(REFERENCE)
    return found


def duel_columns(rival: str) -> list[Column]:
    """The columns of duels against `rival`."""
    return [
        (f"EDP / {rival}'s", _ratio),
        (f"below / equal / above {rival}, % of pairs", _shares),
        ("p", numeric("p", digits=2)),
        ("it is", _outcome),
    ]


def _place(row: Row) -> str:
    if row["model"] == ALL:
        return "all"
    return str(row["layer"] if row["layer"] != ALL else row["model"])


def _ratio(row: Row) -> str:
    ends = (number(row[name], 4) for name in ("ratio", "ratio_low", "ratio_high"))
    return "{} [{} … {}]".format(*ends)


def _shares(row: Row) -> str:
    if pd.isna(row["pairs"]):
        return NONE
    return " / ".join(number(100 * row[n] / row["pairs"]) for n in ("wins", "ties", "losses"))


def _outcome(row: Row) -> str:
    if pd.isna(row["pairs"]):
        return NONE
    return f"{row['outcome']}, saturated" if row["saturated"] else str(row["outcome"])
