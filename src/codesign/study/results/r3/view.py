"""R3: one row per model and method, with the distance from the proven bound."""

from __future__ import annotations

import pandas as pd

from codesign.study.comparison.view import columns, ends_in_words
from codesign.study.report.cells import View, numeric, tabulate


def view(table: pd.DataFrame) -> View:
    """The columns of a comparison, and how far the methods end above the bound."""
    return tabulate(table, *columns(table), ("above the proven bound, %", numeric("bound_excess")))


def answer(table: pd.DataFrame) -> str:
    """The ends of all methods, over all models."""
    return ends_in_words(table)
