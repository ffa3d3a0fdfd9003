"""B6: one row per set of records."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from codesign.study.report.cells import Row, View, numeric, tabulate, text


def view(table: pd.DataFrame) -> View:
    """The number of equal answers, and the largest difference of the others."""
    return tabulate(
        table,
        ("set", text("set")),
        ("mappings", _count("records")),
        ("valid", _count("valid")),
        ("accepted or refused alike", _count("outcomes_equal")),
        ("cycles equal", _of_priced("cycles_equal")),
        ("energy equal to the last bit", _of_priced("energy_pj_equal")),
        ("largest relative difference of energy", numeric("energy_pj_worst", digits=2)),
    )


def _count(name: str) -> Callable[[Row], str]:
    return lambda row: f"{row[name]:,}"


def _of_priced(name: str) -> Callable[[Row], str]:
    return lambda row: f"{row[name]:,} of {row['priced']:,}"


def answer(table: pd.DataFrame) -> str:
    """The number of equal answers."""
    total = table[table["set"] == "all"].iloc[0]
    return (
        f"Cycles are equal for {total['cycles_equal']:,} of {total['priced']:,} priced mappings; "
        f"energies differ by at most {total['energy_pj_worst']:.1e}, relatively."
    )
