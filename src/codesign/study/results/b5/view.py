"""B5: one row per assumption and model, per price, or per hypervolume."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import Row, View, each, interval, number, records

FOUND_FOR = {"own": "itself", "joint": "all models", "others": "all other models"}


def view(table: pd.DataFrame) -> View:
    """All parts of the table, with intervals. Only savings have `possible` and `paper`."""
    head = ("", "model", "seeds", "what", "%", "95 % interval", "possible, %", "paper, %")
    return View(head, tuple(_line(row) for row in records(table)))


def _line(row: Row) -> tuple[str, ...]:
    seeds = str(int(row["seeds"]))
    ends = interval(row["low"], row["high"])
    if row["part"] == "sensitivity":
        saved = ("EDP saved", number(row["improvement"]), ends)
        rest = (number(row["headroom"]), number(row["paper"]))
        return (str(row["assumption"]), str(row["model"]), seeds, *saved, *rest)
    if row["part"] == "generality":
        where = f"{row['hardware']}'s budget, found for {FOUND_FOR[row['found_for']]}"
        price = ("EDP above one of its own", number(row["price"]), ends)
        return (where, str(row["model"]), seeds, *price, "–", "–")
    shares = (number(100 * row["share"]), interval(100 * row["low"], 100 * row["high"]))
    what = "of the hypervolume of all trials' front"
    return (f"trials of {row['method']}", str(row["model"]), seeds, what, *shares, "–", "–")


def answer(table: pd.DataFrame) -> str:
    """The assumption that comes nearest to all of the paper's numbers."""
    rows = table[(table["part"] == "sensitivity") & table["paper"].notna()]
    away = (
        (rows["improvement"] - rows["paper"]).abs().groupby(rows["assumption"], sort=False).mean()
    )
    if away.isna().all():
        return ""
    name = str(away.idxmin())
    own = rows[rows["assumption"] == name]
    return (
        f'Of {len(away)} assumptions, "{name}" is nearest to the paper, by '
        f"{number(away.min(), 2)} points on average: {each(own['model'], own['improvement'])}."
    )
