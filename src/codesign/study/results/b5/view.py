"""B5: one row per assumption and model, per price, or per hypervolume."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import (
    Row,
    View,
    each,
    interval,
    number,
    numeric,
    records,
    span,
    tabulate,
    text,
)
from codesign.study.results.b5.ranking import AS_R1
from codesign.study.results.b5.ranking import ranking as ranked_assumptions

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


def ranking(table: pd.DataFrame) -> View:
    """Assumptions and models, with the mean distance from the paper; nearest first."""
    fixed = {"rank", "assumption", "seeds", "distance", "low", "high"}
    models = [str(name) for name in table if name not in fixed]
    return tabulate(
        table,
        ("", text("rank")),
        ("assumption", text("assumption")),
        ("seeds", text("seeds")),
        *((f"{model}: EDP saved, %", numeric(model)) for model in models),
        ("mean distance from the paper, points", numeric("distance")),
        ("between", span("low", "high")),
    )


def answer(table: pd.DataFrame) -> str:
    """The assumption that comes nearest to all of the paper's numbers, and R1 itself."""
    rows = table[(table["part"] == "sensitivity")]
    ranked = ranked_assumptions(rows)
    if ranked.empty:
        return ""
    best = ranked.iloc[0]
    models = list(rows.loc[rows["paper"].notna(), "model"].unique())
    control = float(ranked.loc[ranked["assumption"] == AS_R1, "distance"].iloc[0])
    return (
        f'Of {len(ranked)} assumptions, "{best["assumption"]}" is nearest to the paper, by '
        f"{number(best['distance'], 2)} points on average "
        f"({each(models, [best[model] for model in models])}); R1 is {number(control, 2)} away."
    )
