"""B4: one row per pair of methods; one row per method."""

from __future__ import annotations

import pandas as pd

from codesign.study.comparison.view import duel_columns
from codesign.study.duels import headline
from codesign.study.paper import REFERENCE
from codesign.study.report.cells import View, number, numeric, records, span, tabulate, text
from codesign.study.spaces import ALL


def view(table: pd.DataFrame) -> View:
    """Every pair of methods once for models and spaces, the one that wins more often first."""
    is_summed = (table["layer"] == ALL) | ~table["space"].isin(
        table.loc[table["layer"] == ALL, "space"]
    )
    rows = table[is_summed]
    more, less = rows["wins"] > rows["losses"], rows["wins"] < rows["losses"]
    better = rows[more | (~less & (rows["method"] < rows["rival"]))]
    return tabulate(
        better,
        ("space", text("space")),
        ("model", text("model")),
        ("method", text("method")),
        ("against", text("rival")),
        *duel_columns("the rival"),
        ("p, Holm", numeric("p_holm", digits=2)),
    )


def ranks(table: pd.DataFrame) -> View:
    """The expected ranks of methods, best first."""
    return tabulate(
        table,
        ("space", text("space")),
        ("method", text("method")),
        ("mean rank", numeric("rank")),
        ("least and greatest of a task", span("rank_low", "rank_high")),
        ("as good as the others' medians, %", numeric("best", scale=100)),
        ("tasks", text("tasks")),
    )


def answer(table: pd.DataFrame) -> str:
    """How often the paper's method ends below random search, level with it, and above."""
    rows = table[(table["method"] == REFERENCE) & (table["rival"] == "random")]
    lines = []
    for row in records(headline(rows)):
        shares = (number(100 * row[n] / row["pairs"]) for n in ("wins", "ties", "losses"))
        lines.append(f"{row['space']} {' / '.join(shares)} (p = {number(row['p_holm'], 2)})")
    what = f"{REFERENCE} ends below / level with / above random search, % of pairs"
    return f"{what}: {'; '.join(lines)}." if lines else ""
