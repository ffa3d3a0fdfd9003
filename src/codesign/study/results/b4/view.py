"""B4: one row per pair of methods; one row per method."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import Row, View, number, numeric, records, span, tabulate, text


def view(table: pd.DataFrame) -> View:
    """Every pair of methods once, with the one that wins more often first."""
    better = table[
        (table["win_rate"] > 0.5)
        | ((table["win_rate"] == 0.5) & (table["method"] < table["rival"]))
    ]
    return tabulate(
        better,
        ("search", text("search")),
        ("method", text("method")),
        ("against", text("rival")),
        ("wins / ties / losses", lambda row: f"{row['wins']} / {row['ties']} / {row['losses']}"),
        ("wins, %", numeric("win_rate", scale=100)),
        ("rival's EDP / its own", numeric("ratio", digits=4)),
        ("95 % interval", _ratios),
        ("p", numeric("p", digits=2)),
        ("p, Holm", numeric("p_holm", digits=2)),
    )


def _ratios(row: Row) -> str:
    return f"{number(row['low'], 4)} … {number(row['high'], 4)}"


def ranks(table: pd.DataFrame) -> View:
    """The mean ranks of methods, best first."""
    return tabulate(
        table,
        ("search", text("search")),
        ("method", text("method")),
        ("mean rank", numeric("rank")),
        ("95 % interval", span("low", "high")),
        ("best or tied, %", numeric("best", scale=100)),
        ("tasks × seeds", text("blocks")),
        ("methods differ at all, p (Friedman)", numeric("friedman_p", digits=2)),
    )


def answer(table: pd.DataFrame) -> str:
    """How often the paper's method ends below random search, equal to it, and above."""
    rows = records(table[(table["method"] == "bo") & (table["rival"] == "random")])
    counts = (
        f"{row['search']} search {row['wins']} / {row['ties']} / {row['losses']} (p = "
        f"{number(row['p_holm'], 2)})"
        for row in rows
    )
    return f"bo ends below / equal to / above random search: {'; '.join(counts)}." if rows else ""
