"""B6: one row a set of records."""

from __future__ import annotations

import pandas as pd

from codesign.study.report.cells import View, number, records


def view(table: pd.DataFrame) -> View:
    """How many answers are Timeloop's, and how far the others are from it."""
    head = (
        *("set", "mappings", "valid", "accepted or refused alike"),
        *("cycles equal", "energy equal to the last bit", "largest relative difference of energy"),
    )
    rows = tuple(
        (
            str(row["set"]),
            _count(row["records"]),
            _count(row["valid"]),
            _count(row["outcomes_equal"]),
            f"{_count(row['cycles_equal'])} of {_count(row['priced'])}",
            f"{_count(row['energy_pj_equal'])} of {_count(row['priced'])}",
            number(row["energy_pj_worst"], 2),
        )
        for row in records(table)
    )
    return View(head, rows)


def _count(value: int) -> str:
    return f"{value:,}"
