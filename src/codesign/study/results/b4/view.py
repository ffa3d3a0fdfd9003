"""B4: one row a pair of methods; one row a method."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import View, interval, number, records


def view(table: pd.DataFrame) -> View:
    """Every pair of methods once, the one that wins more often first."""
    head = (
        *("search", "method", "against", "wins / ties / losses", "wins, %"),
        *("rival's EDP / its own", "95 % interval", "p", "p, Holm"),
    )
    better = table[
        (table["win_rate"] > 0.5)
        | ((table["win_rate"] == 0.5) & (table["method"] < table["rival"]))
    ]
    rows = tuple(
        (
            str(row["search"]),
            str(row["method"]),
            str(row["rival"]),
            f"{row['wins']} / {row['ties']} / {row['losses']}",
            number(100 * row["win_rate"]),
            number(row["ratio"], 4),
            f"{number(row['low'], 4)} … {number(row['high'], 4)}",
            number(row["p"], 2),
            number(row["p_holm"], 2),
        )
        for row in records(better)
    )
    return View(head, rows)


def ranks(table: pd.DataFrame) -> View:
    """Mean ranks, best first."""
    head = (
        *("search", "method", "mean rank", "95 % interval", "best or tied, %"),
        *("tasks × seeds", "methods differ at all, p (Friedman)"),
    )
    rows = tuple(
        (
            str(row["search"]),
            str(row["method"]),
            number(row["rank"]),
            interval(row["low"], row["high"]),
            number(100 * row["best"]),
            str(row["blocks"]),
            number(row["friedman_p"], 2),
        )
        for row in records(table)
    )
    return View(head, rows)
